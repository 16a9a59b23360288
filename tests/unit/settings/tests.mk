if HAVE_CHECK
SETTINGS_TESTS = tests/unit/settings/test_scan tests/unit/settings/test_set
check_PROGRAMS += $(SETTINGS_TESTS)
TESTS += $(SETTINGS_TESTS)
tests_unit_settings_test_scan_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_settings_test_scan_LDADD = libprofile.a libscript.a libsettings.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
tests_unit_settings_test_set_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_settings_test_set_LDADD = libprofile.a libscript.a libsettings.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
endif
