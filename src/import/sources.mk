libimport_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libimport_a_SOURCES = \
	src/import/file.c \
	src/import/import.h
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
