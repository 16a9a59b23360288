if HAVE_CHECK
if HAVE_DEMO
DEMO_TESTS = tests/unit/demo/test_demo tests/unit/demo/test_model
check_PROGRAMS += $(DEMO_TESTS)
TESTS += $(DEMO_TESTS)
tests_unit_demo_test_demo_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_demo_test_demo_LDADD = libdemo.a libprofile.a libscript.a libsettings.a libbase.a \
	$(MICROHTTPD_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
tests_unit_demo_test_model_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_demo_test_model_LDADD = libdemo.a libbase.a $(CHECK_LIBS)
endif
endif
