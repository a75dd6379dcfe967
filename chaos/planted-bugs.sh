#!/usr/bin/env bash
# The instrument tested: nodes with a bug planted in them are built beside the repository, and a minute of chaos must convict each.
#   chaos/planted-bugs.sh [SEED]
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
seed=${1:-7}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
escaped=0

# name | file | text, found exactly once | what stands there instead
bugs=(
  "a lock passes on as soon as its connection is lost|src/Node/Sessions/AbandonTimers.cs|var at = since + (long)Math.Ceiling(timeoutMs|var at = since + (long)Math.Ceiling(0 * timeoutMs"
  "a new request ignores the queue|src/StateMachine/Queues/PathNode.cs|(used & LockModes.ExcludedBy(mode)) != 0;|false && used == 0 && mode == 0;"
  "reads above don't exclude writes below|src/StateMachine/Queues/LockMode.cs|[0b10000, 0b11100, 0b11010, 0b11110, 0b11111]|[0b00000, 0b11100, 0b11010, 0b11110, 0b11110]"
  "a waiter is skipped|src/StateMachine/Queues/LockTree.cs|else if (wasOldest)|else if (wasOldest && DateTime.UtcNow.Ticks % 3 > 0)"
)

dotnet build "$repository/chaos" -c Release --nologo -v quiet
for bug in "${bugs[@]}"; do
  IFS='|' read -r name file original broken <<<"$bug"
  rm -rf "$work/tree"
  mkdir "$work/tree"
  (cd "$repository" && git ls-files -z src '*.props' .editorconfig global.json | xargs -0 cp --parents -t "$work/tree")
  if [[ $(grep -cF "$original" "$work/tree/$file") != 1 ]]; then
    echo "$name: the text is not found exactly once in $file; bring the bug along" >&2
    exit 2
  fi
  python3 - "$work/tree/$file" "$original" "$broken" <<'PY'
import sys
path, original, broken = sys.argv[1:]
text = open(path).read()
open(path, "w").write(text.replace(original, broken))
PY
  dotnet build "$work/tree/src/Node" -c Release --nologo -v quiet -p:TreatWarningsAsErrors=false -p:RunAnalyzers=false
  if RAFTLOCKS_NODE_DLL="$work/tree/src/Node/bin/Release/net10.0/raftlocks-node.dll" \
    dotnet run --no-build --project "$repository/chaos" -c Release -- --minutes 1 --seed "$seed" --report "$work/report" 2>"$work/progress" >"$work/verdict"; then
    echo "ESCAPED    $name"
    escaped=1
  else
    echo "convicted  $name: $(sed -n 2p "$work/verdict" | cut -c1-160)"
  fi
done
exit "$escaped"
