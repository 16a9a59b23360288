if HAVE_CHECK
LOAD_TESTS = tests/unit/load/test_compose tests/unit/load/test_curl_cookies \
	tests/unit/load/test_transport_names \
	tests/unit/load/test_decode tests/unit/load/test_hosts tests/unit/load/test_kept \
	tests/unit/load/test_machine tests/unit/load/test_body_reader tests/unit/load/test_own_fault \
	tests/unit/load/test_demand tests/unit/load/test_resolver tests/unit/load/test_client \
	tests/unit/load/test_steps tests/unit/load/test_timers \
	tests/unit/load/test_transport \
	tests/unit/load/test_user tests/unit/load/test_wrong_port
check_PROGRAMS += $(LOAD_TESTS)
TESTS += $(LOAD_TESTS)
tests_unit_load_test_compose_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_compose_LDADD = libload.a libprofile.a libscript.a libsettings.a libbase.a \
	$(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm $(CHECK_LIBS)
tests_unit_load_test_decode_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_load_test_decode_LDADD = libload.a libbase.a $(ZLIB_LIBS) $(CHECK_LIBS)
tests_unit_load_test_kept_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_kept_LDADD = libload.a libbase.a $(CHECK_LIBS)
tests_unit_load_test_curl_cookies_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CURL_CFLAGS)
tests_unit_load_test_curl_cookies_LDADD = libload.a libbase.a $(CURL_LIBS) $(CHECK_LIBS)
tests_unit_load_test_transport_names_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_transport_names_LDADD = libload.a libprofile.a libscript.a libsettings.a \
	libstats.a libbase.a $(CURL_LIBS) $(ZLIB_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm $(CHECK_LIBS)
tests_unit_load_test_hosts_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_hosts_LDADD = libload.a libbase.a $(CHECK_LIBS)
tests_unit_load_test_machine_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_machine_LDADD = libload.a libbase.a $(CHECK_LIBS)
tests_unit_load_test_body_reader_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_body_reader_LDADD = libload.a libbase.a $(CHECK_LIBS)
tests_unit_load_test_own_fault_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_own_fault_LDADD = libload.a libprofile.a libscript.a libsettings.a libstats.a \
	libbase.a $(CURL_LIBS) $(ZLIB_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm $(CHECK_LIBS)
tests_unit_load_test_demand_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_demand_LDADD = libload.a libbase.a -lm $(CHECK_LIBS)
tests_unit_load_test_resolver_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_resolver_LDADD = libload.a libbase.a $(CHECK_LIBS)
tests_unit_load_test_client_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_client_LDADD = libload.a libprofile.a libscript.a libsettings.a libstats.a libbase.a \
	$(CURL_LIBS) $(ZLIB_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm $(CHECK_LIBS)
tests_unit_load_test_steps_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_steps_LDADD = libload.a libprofile.a libscript.a libsettings.a libbase.a \
	$(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm $(CHECK_LIBS)
tests_unit_load_test_timers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_timers_LDADD = libload.a libbase.a $(CHECK_LIBS)
tests_unit_load_test_transport_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_transport_LDADD = libload.a libprofile.a libscript.a libsettings.a libstats.a libbase.a \
	$(CURL_LIBS) $(ZLIB_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm $(CHECK_LIBS)
tests_unit_load_test_wrong_port_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_wrong_port_LDADD = libload.a libbase.a $(CHECK_LIBS)
EXTRA_DIST += tests/unit/load/each_transport.h
tests_unit_load_test_user_SOURCES = tests/unit/load/test_user.c tests/unit/load/world.c \
	tests/unit/load/world.h
tests_unit_load_test_user_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_load_test_user_LDADD = libload.a libprofile.a libscript.a libsettings.a libstats.a \
	libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm $(CHECK_LIBS)
endif
