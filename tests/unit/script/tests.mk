# One program per file of src/script.
SCRIPT_TEST_LIBS = libscript.a libbase.a $(PCRE2_LIBS) -lm $(CHECK_LIBS)
if HAVE_CHECK
SCRIPT_TESTS = \
	tests/unit/script/test_capture \
	tests/unit/script/test_check \
	tests/unit/script/test_condition \
	tests/unit/script/test_feeder \
	tests/unit/script/test_generate \
	tests/unit/script/test_jsonpath \
	tests/unit/script/test_jsonscan \
	tests/unit/script/test_jsontext \
	tests/unit/script/test_names \
	tests/unit/script/test_pattern \
	tests/unit/script/test_reply \
	tests/unit/script/test_secret \
	tests/unit/script/test_template
check_PROGRAMS += $(SCRIPT_TESTS)
TESTS += $(SCRIPT_TESTS)
tests_unit_script_test_capture_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_capture_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_check_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_check_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_condition_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_condition_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_feeder_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_feeder_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_generate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_generate_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_jsonpath_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_jsonpath_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_jsonscan_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_jsonscan_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_jsontext_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_jsontext_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_names_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_names_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_pattern_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_pattern_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_reply_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_reply_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_secret_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_secret_LDADD = $(SCRIPT_TEST_LIBS)
tests_unit_script_test_template_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_script_test_template_LDADD = $(SCRIPT_TEST_LIBS)
endif
