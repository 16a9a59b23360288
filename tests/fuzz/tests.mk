# libFuzzer targets, one for each reader of outside input; only with --enable-fuzzing.
if FUZZING
FUZZ_TARGETS = \
	tests/fuzz/fuzz_clean \
	tests/fuzz/fuzz_cli \
	tests/fuzz/fuzz_conf \
	tests/fuzz/fuzz_console \
	tests/fuzz/fuzz_curl \
	tests/fuzz/fuzz_decode \
	tests/fuzz/fuzz_docker \
	tests/fuzz/fuzz_feeder \
	tests/fuzz/fuzz_figures \
	tests/fuzz/fuzz_har \
	tests/fuzz/fuzz_human \
	tests/fuzz/fuzz_jsonpath \
	tests/fuzz/fuzz_locust \
	tests/fuzz/fuzz_procfs \
	tests/fuzz/fuzz_profile \
	tests/fuzz/fuzz_promtext \
	tests/fuzz/fuzz_quota \
	tests/fuzz/fuzz_reply \
	tests/fuzz/fuzz_resp \
	tests/fuzz/fuzz_second \
	tests/fuzz/fuzz_secret \
	tests/fuzz/fuzz_set \
	tests/fuzz/fuzz_template \
	tests/fuzz/fuzz_url
if HAVE_DEMO
FUZZ_TARGETS += tests/fuzz/fuzz_demo
tests_fuzz_fuzz_demo_SOURCES = tests/fuzz/fuzz_demo.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_demo_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_demo_LDADD = libdemo.a libscript.a libsettings.a libbase.a \
	$(MICROHTTPD_LIBS) $(ZLIB_LIBS) $(LIBPQ_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm
endif
if HAVE_LIBPQ
FUZZ_TARGETS += tests/fuzz/fuzz_pg
tests_fuzz_fuzz_pg_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_pg_LDADD = libprobe.a libprofile.a libscript.a libsettings.a libstats.a libbase.a $(CURL_LIBS) \
	$(JANSSON_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(LIBPQ_LIBS) -lm
endif
check_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_SECONDS = 60
FUZZ_LD = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_PROFILE_LIBS = libprofile.a libscript.a libsettings.a libstats.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm
tests_fuzz_fuzz_clean_SOURCES = tests/fuzz/fuzz_clean.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_clean_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_clean_LDADD = libbase.a
tests_fuzz_fuzz_cli_SOURCES = tests/fuzz/fuzz_cli.c
tests_fuzz_fuzz_cli_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_cli_LDADD = $(PROGRAM_LIBS)
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c
tests_fuzz_fuzz_conf_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_conf_LDADD = $(PROGRAM_LIBS)
tests_fuzz_fuzz_console_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_console_LDADD = libui.a libuikit.a libscript.a libstats.a libbase.a -lm
FUZZ_IMPORT_LIBS = libimport.a libscript.a libsettings.a libbase.a $(LIBCONFIG_LIBS) $(JANSSON_LIBS) -lm
tests_fuzz_fuzz_curl_SOURCES = tests/fuzz/fuzz_curl.c tests/fuzz/printed.h
tests_fuzz_fuzz_curl_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_curl_LDADD = $(FUZZ_IMPORT_LIBS)
tests_fuzz_fuzz_har_SOURCES = tests/fuzz/fuzz_har.c tests/fuzz/printed.h
tests_fuzz_fuzz_har_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_har_LDADD = $(FUZZ_IMPORT_LIBS)
tests_fuzz_fuzz_decode_CFLAGS = $(AM_CFLAGS) $(ZLIB_CFLAGS)
tests_fuzz_fuzz_decode_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_decode_LDADD = libload.a libbase.a $(ZLIB_LIBS)
tests_fuzz_fuzz_docker_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_docker_LDADD = libprobe.a libstats.a libbase.a $(JANSSON_LIBS) -lm
tests_fuzz_fuzz_procfs_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_procfs_LDADD = libprobe.a libstats.a libbase.a -lm
tests_fuzz_fuzz_feeder_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_feeder_LDADD = libscript.a libbase.a
tests_fuzz_fuzz_human_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_human_LDADD = libbase.a -lm
tests_fuzz_fuzz_jsonpath_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_jsonpath_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_jsonpath_LDADD = libscript.a libbase.a $(JANSSON_LIBS)
tests_fuzz_fuzz_locust_SOURCES = tests/fuzz/fuzz_locust.c
tests_fuzz_fuzz_locust_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_locust_LDADD = $(PROGRAM_LIBS)
tests_fuzz_fuzz_profile_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_profile_LDADD = $(FUZZ_PROFILE_LIBS)
tests_fuzz_fuzz_quota_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_quota_LDADD = libratelimit.a libscript.a libbase.a $(PCRE2_LIBS)
tests_fuzz_fuzz_reply_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_reply_LDADD = libscript.a libbase.a $(PCRE2_LIBS) -lm
tests_fuzz_fuzz_second_SOURCES = tests/fuzz/fuzz_second.c tests/fuzz/fuzz.h \
	tests/unit/stats/second_fixture.c tests/unit/stats/second_fixture.h
tests_fuzz_fuzz_second_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_second_LDADD = libstats.a libbase.a
tests_fuzz_fuzz_secret_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_secret_LDADD = libscript.a libbase.a
tests_fuzz_fuzz_template_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_template_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_template_LDADD = libscript.a libbase.a $(JANSSON_LIBS)
tests_fuzz_fuzz_set_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_set_LDADD = $(FUZZ_PROFILE_LIBS)
tests_fuzz_fuzz_url_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_url_LDADD = $(FUZZ_PROFILE_LIBS)
tests_fuzz_fuzz_figures_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_figures_LDADD = libprobe.a libscript.a libstats.a libbase.a $(JANSSON_LIBS) -lm
tests_fuzz_fuzz_promtext_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_promtext_LDADD = libprobe.a libscript.a libstats.a libbase.a -lm
tests_fuzz_fuzz_resp_LDFLAGS = $(FUZZ_LD)
tests_fuzz_fuzz_resp_LDADD = libprobe.a libscript.a libstats.a libbase.a -lm

# `make check` only tries the seeds and a few thousand steps from them, always the same.
TESTS += tests/fuzz/try.sh

# New inputs and findings stay in the build folder.
.PHONY: fuzz
fuzz: $(FUZZ_TARGETS)
	for target in $(FUZZ_TARGETS); do \
		name=$${target##*_}; \
		$(MKDIR_P) fuzz-corpus/$$name || exit 1; \
		set -- fuzz-corpus/$$name $(srcdir)/tests/fuzz/seeds/$$name; \
		dict=$(srcdir)/tests/fuzz/$$name.dict; \
		[ ! -f $$dict ] || set -- -dict=$$dict "$$@"; \
		[ $$name != profile ] || set -- "$$@" $(srcdir)/profiles; \
		LSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0" \
		nice $$target -max_total_time=$(FUZZ_SECONDS) -timeout=5 -print_final_stats=1 \
			-artifact_prefix=fuzz-corpus/$$name- "$$@" || exit 1; \
	done
endif
EXTRA_DIST += tests/fuzz/profile.dict tests/fuzz/cli.dict tests/fuzz/conf.dict \
	tests/fuzz/console.dict tests/fuzz/curl.dict tests/fuzz/decode.dict tests/fuzz/demo.dict tests/fuzz/docker.dict tests/fuzz/har.dict \
	tests/fuzz/jsonpath.dict tests/fuzz/locust.dict tests/fuzz/quota.dict tests/fuzz/reply.dict tests/fuzz/set.dict \
	tests/fuzz/template.dict tests/fuzz/seeds tests/fuzz/try.sh
