# One program per file of src/script.
SCRIPT_TEST_LIBS = libscript.a libbase.a $(PCRE2_LIBS) -lm $(CHECK_LIBS)
