#!/usr/bin/env bash
# Runs the three samples against a node that is started for it, and checks what they say. Build first: dotnet build -c Release.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
port=${PORT:-$((20000 + RANDOM % 10000))}
export RAFTLOCKS_NODES="http://127.0.0.1:$port"
cleanup() { kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
pids=()
trap cleanup EXIT

start() { dotnet "$@" & pids+=($!); }
sample() { echo "samples/$1/bin/Release/net10.0/RaftLocks.$1.dll"; }
wait_for() { for _ in $(seq 600); do grep -q "$1" "$2" 2>/dev/null && return; sleep 0.1; done; echo "missing in $2: $1" >&2; cat "$2" >&2; exit 1; }

start src/Node/bin/Release/net10.0/raftlocks-node.dll --listen "$RAFTLOCKS_NODES" --data "$work/node" --name n1 > "$work/node.log"
node=${pids[-1]}
wait_for "is ready" "$work/node.log"

echo "== FencedWriter"
dotnet "$(sample FencedWriter)" "$work/store" | tee "$work/fenced"
wait_for "anna still believes in token .*: refused" "$work/fenced"
wait_for "accounts-7 is 150" "$work/fenced"

echo "== JobQueue"
mkdir "$work/jobs"
for i in $(seq 20); do echo "job number $i" > "$work/jobs/$i.job"; done
dotnet "$(sample JobQueue)" "$work/jobs" anna > "$work/anna" & anna=$!
dotnet "$(sample JobQueue)" "$work/jobs" bert > "$work/bert" & bert=$!
wait $anna; wait $bert
did=$(cat "$work/anna" "$work/bert" | grep -c " did ")
done=$(find "$work/jobs" -name '*.done' | wc -l)
[[ $did == 20 && $done == 20 ]] || { echo "$did of 20 jobs were done, $done are finished" >&2; exit 1; }
echo "20 jobs done, each once"

echo "== LeaderElection"
dotnet "$(sample LeaderElection)" anna > "$work/first" & first=$!; pids+=($first)
wait_for "anna leads" "$work/first"
dotnet "$(sample LeaderElection)" bert > "$work/second" & second=$!; pids+=($second)
wait_for "bert is a candidate" "$work/second"
kill -9 $first
wait_for "bert leads" "$work/second"
echo "anna led, was killed, and bert took over"

echo "== They survive the loss of their locks"
echo "a long job" > "$work/jobs/long.job"
dotnet "$(sample JobQueue)" "$work/jobs" carl 12000 > "$work/carl" & carl=$!; pids+=($carl)
wait_for "carl begins long.job" "$work/carl"
kill -STOP "$node"
wait_for "bert leads no longer" "$work/second"
wait_for "carl lost long.job" "$work/carl"
kill -CONT "$node"
for _ in $(seq 300); do [[ $(grep -c "bert leads in term" "$work/second") -ge 2 ]] && break; sleep 0.1; done
[[ $(grep -c "bert leads in term" "$work/second") -ge 2 ]] || { echo "bert did not lead again" >&2; cat "$work/second" >&2; exit 1; }
wait $carl
wait_for "carl did long.job" "$work/carl"
kill $second; wait $second
echo "bert led again, and carl did his job"
