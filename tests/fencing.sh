#!/usr/bin/env bash
# The fencing statements of docs/protocol.md, as they are printed there, against a real PostgreSQL: who is let in, who is refused, and two
# sessions at once. Starts a server of its own in a temporary folder; skipped (code 0) where PostgreSQL is missing. Takes some seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(dirname "$(command -v pg_ctl || ls -d /usr/lib/postgresql/*/bin/pg_ctl 2>/dev/null | tail -1 || true)")
if [[ ! -x $bin/pg_ctl || ! -x $(command -v psql) ]]; then
  echo "skipped: PostgreSQL (pg_ctl, psql) is not installed"
  exit 0
fi

work=$(mktemp -d)
# The server refuses to run as root.
as_user=()
if [[ $(id -u) == 0 ]]; then
  chown nobody "$work"
  as_user=(setpriv --reuid=nobody --clear-groups)
fi
export PGHOST=$work PGUSER=fence PGDATABASE=postgres
clean_up() { "${as_user[@]}" "$bin/pg_ctl" --pgdata "$work/data" --mode immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap clean_up EXIT
cd /
"${as_user[@]}" "$bin/initdb" --pgdata "$work/data" --username fence --auth trust --no-sync >/dev/null
"${as_user[@]}" "$bin/pg_ctl" --pgdata "$work/data" --wait --log "$work/log" --options "-k $work -c listen_addresses= -c fsync=off" start >/dev/null
cd "$OLDPWD"

# The block has three statements: the table, the check before a write, the check before a read.
mapfile -d ';' -t statements < <(awk '/^```sql/ { on = 1; next } /^```/ { on = 0 } on' docs/protocol.md)
[[ ${#statements[@]} == 4 ]] || { echo "docs/protocol.md has ${#statements[@]} parts of SQL, not 3 statements" >&2; exit 1; }
prepare="PREPARE may_write(text, numeric) AS ${statements[1]}; PREPARE may_read(text, numeric) AS ${statements[2]};"
sql() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --tuples-only --no-align "$@"; }
sql --command "${statements[0]}"

# expect yes|no may_write|may_read TOKEN RESOURCE: one row changed, or none.
expect() {
  local rows
  rows=$(psql --no-psqlrc --set ON_ERROR_STOP=1 --command "$prepare" --command "EXECUTE $2('$4', $3)" | tail -1)
  [[ $rows == "INSERT 0 $([[ $1 == yes ]] && echo 1 || echo 0)" ]] || { echo "$2 $3 on $4: expected $1, got '$rows'" >&2; exit 1; }
}

# The document's example: A holds 33 and is suspended, B writes with 34, A wakes up.
expect yes may_write 34 orders/42
expect no may_write 33 orders/42
expect yes may_write 34 orders/42
# Who locked "orders" with 40 uses the rows of what it changes; others are untouched.
expect yes may_write 40 orders/42
expect yes may_write 33 orders/43
# Readers don't refuse each other, but an older writer must not change what was read, nor an older reader miss what was written.
expect yes may_read 51 orders/42
expect yes may_read 50 orders/42
expect no may_write 50 orders/42
expect yes may_write 51 orders/42
expect no may_read 50 orders/42
# A resource that was read before anybody wrote it.
expect yes may_read 9 prices
expect no may_write 8 prices
# The greatest id that there is.
expect yes may_write 18446744073709551615 last
expect no may_write 18446744073709551614 last

# Two at once: the second waits for the first one's transaction, and is judged by what it left. On a row that is new, and on one that is there.
race() { # FIRST SECOND RESOURCE yes|no
  coproc first { psql --no-psqlrc --set ON_ERROR_STOP=1 2>&1; }
  local in=${first[1]} out=${first[0]} first_pid=$first_PID line
  echo "$prepare BEGIN; EXECUTE may_write('$3', $1);" >&"$in"
  until read -r line <&"$out" && [[ $line == "INSERT 0 "* ]]; do :; done
  expect "$4" may_write "$2" "$3" & local second=$!
  until [[ $(sql --command "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == 1 ]]; do
    kill -0 "$second" 2>/dev/null || { echo "may_write $2 did not wait for $1 on $3" >&2; exit 1; }
    sleep 0.05
  done
  printf 'COMMIT;\n\\q\n' >&"$in"
  wait "$second"
  wait "$first_pid"
}
race 61 60 new no
race 62 63 new yes
race 65 64 new no
race 70 71 newer yes

echo "the fencing statements of docs/protocol.md do what they say"
