# libFuzzer targets: built and run by hand and in CI for a short time, no part of `make check`.
if FUZZING
EXTRA_PROGRAMS += tests/fuzz/fuzz_profile
FUZZ_SECONDS = 60
tests_fuzz_fuzz_profile_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_profile_LDADD = libprofile.a libbase.a $(LIBCONFIG_LIBS) -lm

# New inputs and findings stay in the build folder.
.PHONY: fuzz
fuzz: tests/fuzz/fuzz_profile$(EXEEXT)
	$(MKDIR_P) fuzz-corpus/profile
	LSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0" \
	nice tests/fuzz/fuzz_profile$(EXEEXT) -max_total_time=$(FUZZ_SECONDS) -timeout=5 \
		-dict=$(srcdir)/tests/fuzz/profile.dict -artifact_prefix=fuzz-corpus/ \
		-print_final_stats=1 fuzz-corpus/profile $(srcdir)/tests/fuzz/seeds $(srcdir)/profiles
endif
EXTRA_DIST += tests/fuzz/profile.dict tests/fuzz/seeds/broken.cfg tests/fuzz/seeds/minimal.cfg \
	tests/fuzz/seeds/tokens.cfg
