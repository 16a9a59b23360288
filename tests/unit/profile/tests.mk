if HAVE_CHECK
PROFILE_TESTS = \
	tests/unit/profile/test_profile
check_PROGRAMS += $(PROFILE_TESTS)
TESTS += $(PROFILE_TESTS)
tests_unit_profile_test_profile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_profile_LDADD = libprofile.a libbase.a $(LIBCONFIG_LIBS) $(CHECK_LIBS)
endif
