libdemo_a_SOURCES = \
	src/demo/child.c \
	src/demo/demo.c src/demo/demo.h \
	src/demo/due.c src/demo/due.h \
	src/demo/http.c src/demo/http.h \
	src/demo/model.c src/demo/model.h \
	src/demo/plain.c src/demo/plain.h \
	src/demo/plain_metrics.c src/demo/plain_metrics.h \
	src/demo/plain_routes.c src/demo/plain_routes.h \
	src/demo/serve.c \
	src/demo/site.c src/demo/site.h \
	src/demo/truth.c src/demo/truth.h
nodist_libdemo_a_SOURCES = src/demo/profile_text.c
CLEANFILES += src/demo/profile_text.c

# The profile lives in one place; the program carries a copy.
src/demo/profile_text.c: profiles/demo.cfg
	$(AM_V_GEN)$(MKDIR_P) src/demo && { \
	  echo '/* Made from profiles/demo.cfg. */'; \
	  echo '#include "src/demo/demo.h"'; \
	  echo 'const char *demo_profile_text(void)'; \
	  echo '{'; \
	  echo '    return ""'; \
	  sed -e 's/[\\"]/\\&/g' -e 's/^/        "/' -e 's/$$/\\n"/' $(srcdir)/profiles/demo.cfg; \
	  echo '    ;'; \
	  echo '}'; \
	} >$@.tmp && mv $@.tmp $@
