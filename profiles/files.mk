profilesdir = $(pkgdatadir)/profiles
dist_profiles_DATA = \
	profiles/demo.cfg \
	profiles/shop.cfg \
	profiles/starter.cfg \
	profiles/tlac.demo
