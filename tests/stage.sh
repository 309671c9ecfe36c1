# What the tests need around them. Sourced by tests/run; may be sourced by hand:
#   . tests/stage.sh && start_postgres && start_redis && start_disk
# Everything lives under target/stage and ends with the shell.

readonly STAGE=$PWD/target/stage
readonly BUF_VERSION=1.75.0
readonly PG_BIN=/usr/lib/postgresql/15/bin

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
  else
    "$@"
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Debian packages, only those that are missing.
install_packages() {
  local missing=() package
  for package in build-essential ca-certificates curl git openssl postgresql-15 \
    python3 python3-venv redis-server; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  command -v npm >/dev/null || missing+=(nodejs npm)
  [ ${#missing[@]} = 0 ] && return
  as_root apt-get update -qq
  # The tests start servers of their own; the packages need not.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null
}

install_rust() {
  command -v cargo >/dev/null || { echo "cargo 1.95 or later is needed: https://rustup.rs" >&2; return 1; }
  cargo --version
  cargo fmt --version
  cargo clippy --version
}

install_buf() {
  [ "$("$STAGE/npm/node_modules/.bin/buf" --version 2>/dev/null)" = "$BUF_VERSION" ] && return
  npm install --silent --no-fund --no-audit --prefix "$STAGE/npm" "@bufbuild/buf@$BUF_VERSION"
}

# A Python that knows gRPC, for the client that nobody of us wrote the stubs of.
install_python() {
  local wanted=tests/python/requirements.txt
  cmp -s "$wanted" "$STAGE/python/requirements.txt" && return
  python3 -m venv "$STAGE/python"
  "$STAGE/python/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$STAGE/python/requirements.txt"
}

# The tool alone out of the package, which would start a server.
install_promtool() {
  [ -x "$STAGE/prometheus/usr/bin/promtool" ] && return
  local folder=$STAGE/packages download=(apt-get -qq -o APT::Sandbox::User=root download prometheus)
  mkdir -p "$folder"
  (cd "$folder" && "${download[@]}") || { as_root apt-get update -qq && (cd "$folder" && "${download[@]}"); }
  dpkg -x "$folder"/prometheus_*.deb "$STAGE/prometheus"
  rm -r "$folder"
}

buf() { "$STAGE/npm/node_modules/.bin/buf" "$@"; }

# A server of its own in a temporary folder, with the roles and databases of
# deploy/postgres, and a role for the store tests.
start_postgres() {
  local port socket
  port=$(free_port)
  socket=$(mktemp -d "${TMPDIR:-/tmp}/yuhui-pg.XXXXXX")
  PG_DATA=$socket/data
  [ "$(id -u)" = 0 ] && chown postgres: "$socket"
  as_postgres "$PG_BIN/initdb" -D "$PG_DATA" -U postgres --auth=trust -E UTF8 --locale=C >/dev/null
  as_postgres "$PG_BIN/pg_ctl" -D "$PG_DATA" -w -l "$socket/log" start >/dev/null \
    -o "-p $port -k $socket -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
  local psql=("$PG_BIN/psql" -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U postgres)
  "${psql[@]}" -f deploy/postgres/roles.sql -f deploy/postgres/databases.sql
  "${psql[@]}" -c 'CREATE ROLE yuhui_test LOGIN CREATEROLE' -c 'CREATE DATABASE yuhui_test OWNER yuhui_test'
  export YUHUI_TEST_PG=postgres://yuhui_test@127.0.0.1:$port/yuhui_test
  export YUHUI_TEST_PG_BIN=$PG_BIN
  export YUHUI_TEST_PG_SERVER=127.0.0.1:$port
}

# A file system of a few megabytes, for tests that fill it.
start_disk() {
  DISK=$(mktemp -d "${TMPDIR:-/tmp}/yuhui-disk.XXXXXX")
  if as_root mount -t tmpfs -o size=160m,mode=1777 tmpfs "$DISK"; then
    export YUHUI_TEST_DISK=$DISK
  else
    echo "no small file system: tests that fill a disk have none" >&2
  fi
}

start_redis() {
  local port
  port=$(free_port)
  redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --daemonize no >/dev/null &
  REDIS_PID=$!
  for _ in $(seq 50); do redis-cli -p "$port" ping >/dev/null 2>&1 && break; sleep 0.1; done
  export YUHUI_TEST_REDIS=redis://127.0.0.1:$port
}

# Takes the stage down; for a trap.
strike() {
  [ -n "${REDIS_PID:-}" ] && kill "$REDIS_PID" 2>/dev/null
  if [ -n "${PG_DATA:-}" ]; then
    as_postgres "$PG_BIN/pg_ctl" -D "$PG_DATA" -m immediate stop >/dev/null 2>&1
    rm -rf "$(dirname "$PG_DATA")"
  fi
  if [ -n "${DISK:-}" ]; then
    as_root umount --lazy "$DISK" 2>/dev/null
    rmdir "$DISK" 2>/dev/null
  fi
  return 0
}
