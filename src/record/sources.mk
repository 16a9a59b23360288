# A run written down while it goes on.
librecord_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS) $(ZLIB_CFLAGS)
if HAVE_SQLITE
librecord_a_SOURCES = \
	src/record/recording.c src/record/recording.h \
	src/record/recording_db.c src/record/recording_db.h \
	src/record/recording_pack.c src/record/recording_pack.h \
	src/record/recording_probes.c src/record/recording_probes.h \
	src/record/recording_prune.c src/record/recording_prune.h \
	src/record/recording_reader.c src/record/recording_reader.h \
	src/record/recording_schema.c src/record/recording_schema.h
else
librecord_a_SOURCES = src/record/recording_none.c src/record/recording.h src/record/recording_prune.h
endif
