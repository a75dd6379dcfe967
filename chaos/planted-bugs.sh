#!/usr/bin/env bash
# The instrument tested: a copy of the sources in which bugs can be switched on, one at a time, is built once; a short run of chaos must detect each.
#   chaos/planted-bugs.sh [--only WORD] [SEED]      WORD: part of a bug's name; SEED: instead of the one that each bug has
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
only=""
if [[ "${1:-}" == --only ]]; then
  only=$2
  shift 2
fi
seed=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
escaped=0

# name | file | text, found exactly once (\n: a new line) | what stands there instead, where ON is true if this bug is switched on | the run that must find it
bugs=(
  'a lock passes on as soon as its connection is lost|src/Node/Sessions/Scheduling/DeadlineScheduler.cs|var at = deadline.Since + (long)Math.Ceiling(deadline.AfterMs|var at = deadline.Since + (long)Math.Ceiling((ON ? 0 : 1) * deadline.AfterMs|--minutes 0.2 --faults none --seed 8'
  'a new request ignores the queue|src/StateMachine/Queues/PathNode.cs|(used & LockModes.ExcludedBy(mode)) != 0;|!ON && (used & LockModes.ExcludedBy(mode)) != 0;|--minutes 0.2 --faults none --seed 8'
  'reads above do not exclude writes below|src/StateMachine/Queues/LockMode.cs|[0b10000, 0b11100, 0b11010, 0b11110, 0b11111]|ON ? [0b00000, 0b11100, 0b11010, 0b11110, 0b11110] : [0b10000, 0b11100, 0b11010, 0b11110, 0b11111]|--minutes 0.2 --faults none --seed 8'
  'a waiter is skipped|src/StateMachine/Queues/LockTree.cs|if (--candidate.Request.BlockedAt == 0)|if (--candidate.Request.BlockedAt == 0 && !(ON && candidate.Request.Id % 5 == 0))|--minutes 0.2 --faults none --seed 8'
  'a try is refused though nobody is in its way|src/StateMachine/State/LockStateMachine.cs|if (!granted && command.WaitLimitMs == 0)|if (!(granted && !(ON && request.Id % 4 == 0)) && command.WaitLimitMs == 0)|--minutes 0.2 --faults none --seed 8'
  'reads are answered without a lease|src/Node/Queries/LinearizableReadGate.cs|await sessions.Leadership.WaitForLeaseAsync();\n                var seen = look(sessions);\n                if (sessions.Leadership.HasLease)|if (!ON)\n                {\n                    await sessions.Leadership.WaitForLeaseAsync();\n                }\n\n                var seen = look(sessions);\n                if (!(!ON && !sessions.Leadership.HasLease))|--minutes 0.5 --faults partition --seed 24src/Node/Queries/LinearizableReadGate.cs
  'an election waits for a member that hangs|src/Node/Raft/Transport/RaftTransport.cs|private static TimeSpan Ms(int ms) => TimeSpan.FromMilliseconds(ms);|private static TimeSpan Ms(int ms) => TimeSpan.FromMilliseconds((ON ? 40 : 1) * ms);|--minutes 0.5 --faults freeze --seed 24'
  'acknowledged before it is flushed|src/Node/Raft/Files/OsFileSystem.cs|const int dataSync = 0x1000;|int dataSync = ON ? 0 : 0x1000;|--minutes 0.7 --faults powercut --seed 8'
)

(cd "$repository" && git ls-files -z src chaos tests/Cluster.Tests/Cluster RaftLocks.sln '*.props' .editorconfig global.json | xargs -0 cp --parents -t "$work")
for i in "${!bugs[@]}"; do
  python3 - "$work" "$i" "${bugs[$i]}" <<'PY'
import re, sys
work, number, bug = sys.argv[1:]
name, file, original, broken, _ = (part.replace(r"\n", "\n") for part in bug.split("|"))
path = f"{work}/{file}"
text = open(path).read()
if text.count(original) != 1:
    sys.exit(f"{name}: the text is not found exactly once in {file}; bring the bug along")
on = f'(Environment.GetEnvironmentVariable("PLANTED_BUG") == "{number}")'
open(path, "w").write(text.replace(original, re.sub(r"\bON\b", on, broken)))
PY
done

dotnet build "$work/chaos" -c Release --nologo -v quiet -p:TreatWarningsAsErrors=false -p:RunAnalyzers=false
run() { # number or "none", options
  # shellcheck disable=SC2086 # several options
  PLANTED_BUG=$1 dotnet "$work/chaos/bin/Release/net10.0/raftlocks-chaos.dll" ${2/--seed */--seed ${seed:-${2##*--seed }}} --report "$work/report" 2>"$work/progress" >"$work/verdict"
}

for i in "${!bugs[@]}"; do
  name=${bugs[$i]%%|*}
  [[ "$name" == *"$only"* ]] || continue
  code=0
  run "$i" "${bugs[$i]##*|}" || code=$?
  case $code in
    1) echo "detected   $name: $(sed -n 2p "$work/verdict" | cut -c1-160)" ;;
    0)
      echo "ESCAPED    $name"
      escaped=1
      ;;
    *)
      echo "NOT TRIED  $name: the run ended with code $code: $(tail -n 1 "$work/progress")"
      escaped=1
      ;;
  esac
done
if [[ -z "$only" ]]; then
  run none "--minutes 0.5 --faults kill,freezeclients --seed 8" && echo "acquitted  the copy with no bug switched on" || { echo "CONVICTED  the copy with no bug switched on: $(cat "$work/verdict")"; escaped=1; }
fi

exit "$escaped"
