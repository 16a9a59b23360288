libprobe_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(LIBPQ_CFLAGS)
libprobe_a_SOURCES = \
	src/probe/subprocess.c src/probe/subprocess.h \
	src/probe/discover.c src/probe/discover.h \
	src/probe/command.c \
	src/probe/command_line.c src/probe/command_line.h \
	src/probe/docker/docker.c src/probe/docker/docker_inner.h \
	src/probe/docker/container.c \
	src/probe/docker/cgroup.c src/probe/docker/cgroup.h \
	src/probe/docker/engine.c \
	src/probe/docker/event.c \
	src/probe/docker/docker_figures.c src/probe/docker/docker_figures.h \
	src/probe/docker/docker_json.c src/probe/docker/docker_json.h \
	src/probe/docker/logs.c src/probe/docker/logs.h \
	src/probe/docker/match.c src/probe/docker/match.h \
	src/probe/docker/tunnel.c src/probe/docker/tunnel.h \
	src/probe/docker/where.c src/probe/docker/where.h \
	src/probe/growth.c src/probe/growth.h \
	src/probe/guard.c src/probe/guard.h \
	src/probe/readfile.c src/probe/readfile.h \
	src/probe/host.c \
	src/probe/http_client.c src/probe/http_client.h \
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
	src/probe/watch_slots.c \
	src/probe/series_past.c src/probe/series_past.h \
	src/probe/track.c src/probe/track.h \
	src/probe/watch.c src/probe/watch.h src/probe/watch_inner.h

if HAVE_LIBPQ
libprobe_a_SOURCES += \
	src/probe/postgres/answer.c \
	src/probe/postgres/pg_figures.c src/probe/postgres/pg_figures.h \
	src/probe/postgres/pg_locks.c src/probe/postgres/pg_locks.h \
	src/probe/postgres/sql.c src/probe/postgres/sql.h \
	src/probe/postgres/pg_statements.c src/probe/postgres/pg_statements.h \
	src/probe/postgres/pg_words.c src/probe/postgres/pg_words.h \
	src/probe/postgres/pgbouncer.c \
	src/probe/postgres/pg_probe.c src/probe/postgres/pg_inner.h \
	src/probe/postgres/pq.c src/probe/postgres/pq.h
endif
