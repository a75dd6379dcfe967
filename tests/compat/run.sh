#!/usr/bin/env bash
# Drives clients that others wrote against RaftLocks: the Locktopus client of npm, ws, Python's websockets.
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only if nothing failed.
#
#   tests/compat/run.sh
#
# What it needs: dotnet; Node.js 20 or newer with npm; python3 with websockets (Debian: python3-websockets).
# What is missing is named, and what needs it is skipped. With CI=true what can be installed is.
# COMPAT_HOLD_MS (default 90000): how long the test of a long-held lock holds it.
set -uo pipefail
cd "$(dirname "$0")" || exit
repository=$(cd ../.. && pwd)

if [[ "${1:-}" == "--help" || "${1:-}" == "-h" ]]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' run.sh
  exit 0
fi

finish() {
  printf '%d passed, %d failed, %d skipped\n' "$1" "$2" "$3"
  [[ $2 -eq 0 ]]
  exit
}

skip_all() {
  echo "Skipped, all tests of foreign clients: $1" >&2
  finish 0 0 1
}

command -v node >/dev/null || skip_all "Node.js (node) is not installed"
command -v npm >/dev/null || skip_all "npm is not installed"
(($(node -p 'process.versions.node.split(".")[0]') >= 20)) || skip_all "Node.js is older than 20: $(node --version)"

has_websockets() { python3 -c 'import websockets' 2>/dev/null || /usr/bin/python3 -c 'import websockets' 2>/dev/null; }
if ! has_websockets && [[ "${CI:-}" == "true" && $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-websockets; } >&2
fi
has_websockets || echo "python3 with websockets is not installed (Debian: python3-websockets); its test will be skipped" >&2

if [[ ! -d node_modules/@locktopus || package-lock.json -nt node_modules/.package-lock.json ]]; then
  if ! npm ci --no-progress >&2; then
    [[ "${CI:-}" == "true" ]] && finish 0 1 0
    skip_all "npm ci failed; is the package registry within reach?"
  fi
fi

if [[ -z "${RAFTLOCKS_NODE:-}" && ! -f "$repository/src/Node/bin/Release/net10.0/raftlocks-node.dll" ]]; then
  dotnet build "$repository/src/Node" -c Release --nologo -v quiet >&2 || finish 0 1 0
fi

report=$(mktemp)
trap 'rm -f "$report"' EXIT
# Two files at a time: one of them waits for the better part of its time.
node --test --test-concurrency=2 \
  --test-reporter=spec --test-reporter-destination=stdout \
  --test-reporter=tap --test-reporter-destination="$report" \
  ./*.test.mjs
code=$?

# The totals are the last lines of the TAP report: "# pass 12". A test that was cancelled did not pass.
total() { sed -n "s/^# $1 \([0-9][0-9]*\)$/\1/p" "$report" | tail -n 1; }
passed=$(total pass) failed=$(($(total fail) + $(total cancelled))) skipped=$(total skipped)
if [[ -z "$passed" || ($code -ne 0 && $failed -eq 0) ]]; then
  echo "the test runner ended with code $code" >&2
  failed=$((failed + 1))
fi
finish "${passed:-0}" "$failed" "${skipped:-0}"
