profilesdir = $(pkgdatadir)/profiles
dist_profiles_DATA = \
	profiles/demo.cfg
