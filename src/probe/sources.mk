libprobe_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(LIBPQ_CFLAGS)
libprobe_a_SOURCES = \
	src/probe/board.c src/probe/board.h \
	src/probe/child.c src/probe/child.h \
	src/probe/cause.c src/probe/cause.h \
	src/probe/discover.c src/probe/discover.h \
	src/probe/command.c \
	src/probe/command_line.c src/probe/command_line.h \
	src/probe/docker.c src/probe/docker_inner.h \
	src/probe/docker_box.c \
	src/probe/docker_cgroup.c src/probe/docker_cgroup.h \
	src/probe/docker_engine.c \
	src/probe/docker_event.c \
	src/probe/docker_figures.c src/probe/docker_figures.h \
	src/probe/docker_json.c src/probe/docker_json.h \
	src/probe/docker_logs.c src/probe/docker_logs.h \
	src/probe/docker_match.c src/probe/docker_match.h \
	src/probe/docker_tunnel.c src/probe/docker_tunnel.h \
	src/probe/docker_where.c src/probe/docker_where.h \
	src/probe/growth.c src/probe/growth.h \
	src/probe/host.c \
	src/probe/http.c src/probe/http.h \
	src/probe/kinds.c \
	src/probe/metric.c src/probe/metric.h \
	src/probe/nginx.c \
	src/probe/nginx_status.c src/probe/nginx_status.h \
	src/probe/probe.c src/probe/probe.h \
	src/probe/process.c \
	src/probe/procfs.c src/probe/procfs.h \
	src/probe/prometheus.c \
	src/probe/promql.c \
	src/probe/promql_json.c src/probe/promql_json.h \
	src/probe/promtext.c src/probe/promtext.h \
	src/probe/redis.c \
	src/probe/resp.c src/probe/resp.h \
	src/probe/tree_cpu.c src/probe/tree_cpu.h \
	src/probe/web.c src/probe/web.h \
	src/probe/slot.c \
	src/probe/track.c src/probe/track.h \
	src/probe/watch.c src/probe/watch.h src/probe/watch_inner.h

if HAVE_LIBPQ
libprobe_a_SOURCES += \
	src/probe/pg_answer.c \
	src/probe/pg_figures.c src/probe/pg_figures.h \
	src/probe/pg_locks.c src/probe/pg_locks.h \
	src/probe/pg_sql.c src/probe/pg_sql.h \
	src/probe/pg_statements.c src/probe/pg_statements.h \
	src/probe/pg_words.c src/probe/pg_words.h \
	src/probe/pgbouncer.c \
	src/probe/postgres.c src/probe/postgres_inner.h \
	src/probe/pq.c src/probe/pq.h
endif
