if HAVE_CHECK
UI_TESTS = \
	tests/unit/ui/test_actions \
	tests/unit/ui/test_dash \
	tests/unit/ui/test_frame \
	tests/unit/ui/test_headless \
	tests/unit/ui/test_keys \
	tests/unit/ui/test_prompt \
	tests/unit/ui/test_screen \
	tests/unit/ui/test_sentence \
	tests/unit/ui/test_tty \
	tests/unit/ui/test_axis \
	tests/unit/ui/test_view \
	tests/unit/ui/test_views
check_PROGRAMS += $(UI_TESTS)
TESTS += $(UI_TESTS)
# Only what the test needs is linked, so that a test builds while other views are being written.
tests_unit_ui_test_actions_SOURCES = tests/unit/ui/test_actions.c \
	tests/unit/stats/probe_snapshot_fixture.c tests/unit/stats/probe_snapshot_fixture.h
tests_unit_ui_test_actions_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_actions_LDADD = libui.a libuikit.a libstats.a libbase.a $(CHECK_LIBS) -lm
tests_unit_ui_test_dash_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_dash_LDADD = libui.a libuikit.a $(ENGINE_LIBS) $(NCURSES_LIBS) $(CHECK_LIBS) -lutil
tests_unit_ui_test_frame_SOURCES = tests/unit/ui/test_frame.c ui/chart.c ui/frame.c
tests_unit_ui_test_frame_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_frame_LDADD = libbase.a $(CHECK_LIBS)
tests_unit_ui_test_headless_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_headless_LDADD = libui.a libreport.a $(ENGINE_LIBS) $(CHECK_LIBS)
tests_unit_ui_test_keys_SOURCES = tests/unit/ui/test_keys.c ui/keys.c
tests_unit_ui_test_keys_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_keys_LDADD = libbase.a $(CHECK_LIBS)
tests_unit_ui_test_prompt_SOURCES = tests/unit/ui/test_prompt.c ui/prompt.c
tests_unit_ui_test_prompt_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_prompt_LDADD = libbase.a $(CHECK_LIBS)
tests_unit_ui_test_screen_SOURCES = tests/unit/ui/test_screen.c \
	tests/unit/ui/snap_fixture.c tests/unit/ui/snap_fixture.h \
	tests/unit/stats/probe_snapshot_fixture.c tests/unit/stats/probe_snapshot_fixture.h $(VIEW_SOURCES)
tests_unit_ui_test_screen_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_screen_LDADD = libuikit.a libstats.a libbase.a $(CHECK_LIBS) -lm
tests_unit_ui_test_sentence_SOURCES = tests/unit/ui/test_sentence.c ui/sentence.c \
	tests/unit/ui/snap_fixture.c tests/unit/ui/snap_fixture.h \
	tests/unit/stats/probe_snapshot_fixture.c tests/unit/stats/probe_snapshot_fixture.h
tests_unit_ui_test_sentence_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_sentence_LDADD = libstats.a libbase.a $(CHECK_LIBS) -lm
tests_unit_ui_test_axis_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_axis_LDADD = libui.a libuikit.a libstats.a libbase.a $(CHECK_LIBS) -lm
tests_unit_ui_test_view_SOURCES = tests/unit/ui/test_view.c \
	tests/unit/ui/snap_fixture.c tests/unit/ui/snap_fixture.h \
	tests/unit/stats/probe_snapshot_fixture.c tests/unit/stats/probe_snapshot_fixture.h $(VIEW_SOURCES)
tests_unit_ui_test_view_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_view_LDADD = libuikit.a libstats.a libbase.a $(CHECK_LIBS) -lm
tests_unit_ui_test_views_SOURCES = tests/unit/ui/test_views.c \
	tests/unit/ui/snap_fixture.c tests/unit/ui/snap_fixture.h \
	tests/unit/stats/probe_snapshot_fixture.c tests/unit/stats/probe_snapshot_fixture.h
tests_unit_ui_test_views_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_views_LDADD = libui.a libuikit.a libstats.a libbase.a $(CHECK_LIBS) -lm
tests_unit_ui_test_tty_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ui_test_tty_LDADD = libuikit.a libbase.a $(NCURSES_LIBS) $(CHECK_LIBS) -lutil
endif
# Recorded screens; RAMPTOP_RECORD=1 with test_screen writes them anew.
EXTRA_DIST += tests/screen

