# What `up`, `fresh` and `down` share. Sourced by them.

readonly PG_BIN=${PG_BIN:-/usr/lib/postgresql/15/bin}
readonly SERVICES=(registry-verification institution-registry funding-ledger disbursement eligibility gateway)
# A service's second replica listens at its port plus this.
readonly SECOND=100

say() { printf '==> %s\n' "$*"; }

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
  else
    "$@"
  fi
}

# As the superuser: superuser FOLDER PORT ARGUMENT…
superuser() {
  local socket=$1/pg port=$2
  shift 2
  PGHOST=$socket PGPORT=$port PSQL_HISTORY=/dev/null \
    "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -U postgres -d postgres "$@"
}

# Starts two replicas of each service, as FOLDER/conf has them, and waits until they
# are ready: start_services FOLDER PROGRAM ARGUMENT…
start_services() {
  local at=$1 program=$2 it shift try
  shift 2
  for it in "${SERVICES[@]}"; do
    for shift in 0 "$SECOND"; do
      setsid "$program" serve "$it" --config "$at/conf/$it-$shift.toml" "$@" \
        >>"$at/log/$it-$shift" 2>&1 </dev/null &
      echo $! >"$at/run/$it-$shift.pid"
    done
  done
  for it in "${SERVICES[@]}"; do
    for shift in 0 "$SECOND"; do
      for try in $(seq 240); do
        "$program" health ready --socket "$at/run/$it-$shift.sock" >/dev/null 2>&1 && break
        kill -0 "$(cat "$at/run/$it-$shift.pid")" 2>/dev/null \
          || { cat "$at/log/$it-$shift" >&2; return 1; }
        [ "$try" != 240 ] || { echo "$it-$shift is not ready: log/$it-$shift" >&2; return 1; }
        sleep 0.25
      done
    done
  done
}

# Ends a process, and waits until it has: end FILE
end() {
  [ -s "$1" ] || return 0
  local pid
  pid=$(cat "$1")
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 300); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid"
}

# All at once: each takes its time to finish what is in hand. stop_services FOLDER
stop_services() {
  local it
  for it in "$1"/run/*.pid; do
    [ -e "$it" ] && kill "$(cat "$it")" 2>/dev/null || true
  done
  for it in "$1"/run/*.pid; do
    end "$it"
  done
  rm -f "$1"/run/*.pid
}
