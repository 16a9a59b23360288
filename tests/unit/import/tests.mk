if HAVE_CHECK
IMPORT_TESTS = tests/unit/import/test_curl tests/unit/import/test_file \
	tests/unit/import/test_har
check_PROGRAMS += $(IMPORT_TESTS)
TESTS += $(IMPORT_TESTS)
IMPORT_TEST_LIBS = libimport.a libprofile.a libscript.a libsettings.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) \
	$(JANSSON_LIBS) $(CHECK_LIBS)
tests_unit_import_test_curl_SOURCES = tests/unit/import/test_curl.c tests/unit/import/parsed.h
tests_unit_import_test_curl_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_import_test_curl_LDADD = $(IMPORT_TEST_LIBS)
tests_unit_import_test_har_SOURCES = tests/unit/import/test_har.c tests/unit/import/parsed.h
tests_unit_import_test_har_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_import_test_har_LDADD = $(IMPORT_TEST_LIBS)
tests_unit_import_test_file_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_import_test_file_LDADD = $(IMPORT_TEST_LIBS)
endif
EXTRA_DIST += tests/unit/import/shop.har
