if HAVE_CHECK
PROFILE_TESTS = \
	tests/unit/profile/test_alone \
	tests/unit/profile/test_foreign \
	tests/unit/profile/test_goal \
	tests/unit/profile/test_language \
	tests/unit/profile/test_permissions \
	tests/unit/profile/test_probe_spec \
	tests/unit/profile/test_profile \
	tests/unit/profile/test_read \
	tests/unit/profile/test_size \
	tests/unit/profile/test_wrong
check_PROGRAMS += $(PROFILE_TESTS)
TESTS += $(PROFILE_TESTS)
PROFILE_TEST_LIBS = libprofile.a libscript.a libsettings.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
tests_unit_profile_test_alone_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_alone_LDADD = $(PROFILE_TEST_LIBS)
tests_unit_profile_test_foreign_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_foreign_LDADD = $(PROFILE_TEST_LIBS)
tests_unit_profile_test_goal_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_goal_LDADD = $(PROFILE_TEST_LIBS)
tests_unit_profile_test_language_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_language_LDADD = $(PROFILE_TEST_LIBS)
tests_unit_profile_test_permissions_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_permissions_LDADD = $(PROFILE_TEST_LIBS)
tests_unit_profile_test_probe_spec_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_probe_spec_LDADD = $(PROFILE_TEST_LIBS)
tests_unit_profile_test_profile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_profile_LDADD = $(PROFILE_TEST_LIBS)
tests_unit_profile_test_size_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_size_LDADD = $(PROFILE_TEST_LIBS)
tests_unit_profile_test_wrong_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_wrong_LDADD = $(PROFILE_TEST_LIBS)
tests_unit_profile_test_read_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_profile_test_read_LDADD = $(PROFILE_TEST_LIBS)
endif
EXTRA_DIST += tests/lsan.supp
EXTRA_DIST += tests/unit/profile/sent.h
