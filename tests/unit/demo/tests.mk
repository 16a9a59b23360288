if HAVE_CHECK
if HAVE_DEMO
DEMO_TESTS = tests/unit/demo/test_dbpool tests/unit/demo/test_demo tests/unit/demo/test_description \
	tests/unit/demo/test_limit tests/unit/demo/test_model tests/unit/demo/test_service \
	tests/unit/demo/test_store
DEMO_TEST_LIBS = libdemo.a libprofile.a libscript.a libsettings.a libbase.a \
	$(MICROHTTPD_LIBS) $(ZLIB_LIBS) $(LIBPQ_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
check_PROGRAMS += $(DEMO_TESTS)
TESTS += $(DEMO_TESTS)
tests_unit_demo_test_demo_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_demo_test_demo_LDADD = $(DEMO_TEST_LIBS)
tests_unit_demo_test_dbpool_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_demo_test_dbpool_LDADD = libdemo.a libbase.a $(CHECK_LIBS)
tests_unit_demo_test_model_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_demo_test_model_LDADD = $(DEMO_TEST_LIBS)
tests_unit_demo_test_description_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_demo_test_description_LDADD = $(DEMO_TEST_LIBS)
tests_unit_demo_test_limit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_demo_test_limit_LDADD = $(DEMO_TEST_LIBS)
tests_unit_demo_test_service_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_demo_test_service_LDADD = $(DEMO_TEST_LIBS)
tests_unit_demo_test_store_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_demo_test_store_LDADD = $(DEMO_TEST_LIBS)
endif
endif
