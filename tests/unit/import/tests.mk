if HAVE_CHECK
IMPORT_TESTS = tests/unit/import/test_file
check_PROGRAMS += $(IMPORT_TESTS)
TESTS += $(IMPORT_TESTS)
tests_unit_import_test_file_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_import_test_file_LDADD = libimport.a libprofile.a libsettings.a libbase.a \
	$(LIBCONFIG_LIBS) $(CHECK_LIBS)
endif
