if HAVE_CHECK
LIST_TESTS = tests/unit/list/test_list
check_PROGRAMS += $(LIST_TESTS)
TESTS += $(LIST_TESTS)
tests_unit_list_test_list_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_list_test_list_LDADD = liblist.a libprofile.a libscript.a libsettings.a libbase.a \
	$(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(JANSSON_LIBS) $(CHECK_LIBS)
endif
