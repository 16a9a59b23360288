profilesdir = $(pkgdatadir)/profiles
dist_profiles_DATA = \
	profiles/demo.cfg \
	profiles/juragpt-auditor.cfg \
	profiles/prismq.cfg \
	profiles/shop.cfg \
	profiles/shop.csv \
	profiles/starter.cfg \
	profiles/therapybridge.cfg \
	profiles/tlac.cfg \
	profiles/tutormax.cfg \
	profiles/juragpt-auditor.demo \
	profiles/prismq.demo \
	profiles/therapybridge.demo \
	profiles/tlac.demo \
	profiles/tutormax.demo
