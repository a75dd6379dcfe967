#!/usr/bin/env bash
# The instrument tested: nodes with a bug planted in them are built beside the repository, and a short run of chaos must convict each.
#   chaos/planted-bugs.sh [--only WORD] [SEED]      WORD: part of a bug's name
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
only=""
if [[ "${1:-}" == --only ]]; then
  only=$2
  shift 2
fi
seed=${1:-7}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
escaped=0

# name | file | text, found exactly once (\n: a new line) | what stands there instead | the run that must find it
bugs=(
  "a lock passes on as soon as its connection is lost|src/Node/Sessions/DueTimers.cs|var at = since + (long)Math.Ceiling(timeoutMs|var at = since + (long)Math.Ceiling(0 * timeoutMs|--minutes 0.2 --faults none"
  "a new request ignores the queue|src/StateMachine/Queues/PathNode.cs|(used & LockModes.ExcludedBy(mode)) != 0;|false && used == 0 && mode == 0;|--minutes 0.2 --faults none"
  "reads above don't exclude writes below|src/StateMachine/Queues/LockMode.cs|[0b10000, 0b11100, 0b11010, 0b11110, 0b11111]|[0b00000, 0b11100, 0b11010, 0b11110, 0b11110]|--minutes 0.2 --faults none"
  "a waiter is skipped|src/StateMachine/Queues/LockTree.cs|if (--candidate.Request.BlockedAt == 0)|if (--candidate.Request.BlockedAt == 0 && candidate.Request.Id % 5 != 0)|--minutes 0.2 --faults none"
  "acknowledged before it is flushed|src/Node/Raft/DurableLog.cs|await FlushAsync(CancellationToken.None);\n            ClearPassedMark();|ClearPassedMark();|--minutes 0.7 --faults powercut"
  "an acquired that is stale|src/Node/Raft/Leadership.cs|!Ended.IsCancellationRequested && SinceConfirmed < lease|SinceConfirmed < TimeSpan.MaxValue|--minutes 1.5 --faults freeze"
)

plant() {
  python3 - "$@" <<'PY'
import sys
path, original, broken = sys.argv[1:]
original, broken = (text.replace(r"\n", "\n") for text in (original, broken))
text = open(path).read()
if text.count(original) != 1:
    sys.exit(f"'{original}' is found {text.count(original)} times in {path}, not once: bring the bug along")
open(path, "w").write(text.replace(original, broken))
PY
}

dotnet build "$repository/chaos" -c Release --nologo -v quiet
mkdir "$work/tree"
(cd "$repository" && git ls-files -z src '*.props' .editorconfig global.json | xargs -0 cp --parents -t "$work/tree")
for bug in "${bugs[@]}"; do
  IFS='|' read -r name file original broken run <<<"$bug"
  [[ "$name" == *"$only"* ]] || continue
  whole="$work/whole.cs"
  cp "$work/tree/$file" "$whole"
  plant "$work/tree/$file" "$original" "$broken"
  dotnet build "$work/tree/src/Node" -c Release --nologo -v quiet -p:TreatWarningsAsErrors=false -p:RunAnalyzers=false
  code=0
  # shellcheck disable=SC2086 # several options
  RAFTLOCKS_NODE_DLL="$work/tree/src/Node/bin/Release/net10.0/raftlocks-node.dll" \
    dotnet run --no-build --project "$repository/chaos" -c Release -- $run --seed "$seed" --report "$work/report" 2>"$work/progress" >"$work/verdict" || code=$?
  case $code in
    1) echo "convicted  $name: $(sed -n 2p "$work/verdict" | cut -c1-160)" ;;
    0)
      echo "ESCAPED    $name"
      escaped=1
      ;;
    *)
      echo "NOT TRIED  $name: the run ended with code $code: $(tail -n 1 "$work/progress")"
      escaped=1
      ;;
  esac
  cp "$whole" "$work/tree/$file"
done
exit "$escaped"
