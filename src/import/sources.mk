libimport_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libimport_a_SOURCES = \
	src/import/correlate.c src/import/correlate.h \
	src/import/curl.c \
	src/import/curl_body.c src/import/curl_command.h \
	src/import/curl_form.c \
	src/import/curl_options.c src/import/curl_options.h \
	src/import/file.c \
	src/import/glob.c src/import/glob.h \
	src/import/har.c \
	src/import/import.h \
	src/import/intake.c src/import/intake.h \
	src/import/keep.c src/import/keep.h \
	src/import/lang.c src/import/lang.h \
	src/import/multipart.c src/import/multipart.h \
	src/import/paste.c src/import/paste.h \
	src/import/transcript.c src/import/transcript.h \
	src/import/secrets.c src/import/secrets.h \
	src/import/arrange.c src/import/arrange.h \
	src/import/shell.c src/import/shell.h \
	src/import/shell_parts.h src/import/shell_posix.c src/import/shell_windows.c \
	src/import/slots.c src/import/slots.h \
	src/import/values.c src/import/values.h \
	src/import/write.c src/import/write.h
nodist_libimport_a_SOURCES = src/import/starter_text.c
CLEANFILES += src/import/starter_text.c

# The starter lives in one place; the program carries a copy.
src/import/starter_text.c: profiles/starter.cfg
	$(AM_V_GEN)$(MKDIR_P) src/import && { \
	  echo '/* Made from profiles/starter.cfg. */'; \
	  echo '#include "src/import/import.h"'; \
	  echo 'const char *import_starter(void)'; \
	  echo '{'; \
	  echo '    return ""'; \
	  sed -e 's/[\\"]/\\&/g' -e 's/^/        "/' -e 's/$$/\\n"/' $(srcdir)/profiles/starter.cfg; \
	  echo '    ;'; \
	  echo '}'; \
	} >$@.tmp && mv $@.tmp $@
