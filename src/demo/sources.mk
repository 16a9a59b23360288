libdemo_a_SOURCES = \
	src/demo/accounts.c src/demo/accounts.h \
	src/demo/child.c \
	src/demo/dbpool.c src/demo/dbpool.h \
	src/demo/demo.c src/demo/demo.h \
	src/demo/description.c src/demo/description.h \
	src/demo/description_route.c src/demo/description_parts.h \
	src/demo/draw.c src/demo/draw.h \
	src/demo/due.c src/demo/due.h \
	src/demo/http.c src/demo/http.h \
	src/demo/limit.c src/demo/limit.h \
	src/demo/members.c \
	src/demo/model.c src/demo/model.h \
	src/demo/named.c src/demo/named.h \
	src/demo/reply_template.c src/demo/reply_template.h \
	src/demo/plain.c src/demo/plain.h \
	src/demo/postgres.c src/demo/postgres.h \
	src/demo/reply.c \
	src/demo/routes.c src/demo/routes.h \
	src/demo/serve.c \
	src/demo/handler.c src/demo/handler.h src/demo/handler_parts.h \
	src/demo/stats.c \
	src/demo/store.c src/demo/store.h \
	src/demo/access_log.c src/demo/access_log.h
nodist_libdemo_a_SOURCES = src/demo/texts.c
CLEANFILES += src/demo/texts.c

# Profiles and descriptions live in one place; the program carries a copy of each.
src/demo/texts.c: $(dist_profiles_DATA)
	$(AM_V_GEN)$(MKDIR_P) src/demo && { \
	  echo '/* Made from the files of profiles/. */'; \
	  echo '#include "src/demo/named.h"'; \
	  echo 'const struct demo_text demo_texts[] = {'; \
	  for file in $(dist_profiles_DATA); do \
	    echo "    {\"$${file#profiles/}\", \"\""; \
	    sed -e 's/[\\"]/\\&/g' -e 's/^/        "/' -e 's/$$/\\n"/' $(srcdir)/$$file; \
	    echo '    },'; \
	  done; \
	  echo '    {0, 0}};'; \
	} >$@.tmp && mv $@.tmp $@
