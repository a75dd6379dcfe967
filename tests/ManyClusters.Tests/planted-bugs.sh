#!/usr/bin/env bash
# The many clusters tested: a copy of the sources in which bugs can be switched on, one at a time, is built once; the schedules must detect each,
# and must have nothing against the copy with none of them on.
#   tests/ManyClusters.Tests/planted-bugs.sh [numbers of the bugs to try, from 0]
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
escaped=0

# name | family of schedules | files | text, found exactly once in one of them (\n: a new line) | what stands there instead, where ON is true if this bug is switched on
bugs=(
  'the log is acknowledged before it is flushed|power|src/Node/Raft/Storage/SegmentFiles.cs|(openPath, open) = (segment.Path, disk.OpenWriteThrough(segment.Path));|(openPath, open) = (segment.Path, ON ? disk.OpenWrite(segment.Path) : disk.OpenWriteThrough(segment.Path));'
  'a follower answers before its flush|power|src/Node/Raft/Storage/DurableLog*.cs|            entries.Flush();|            if (!ON) { entries.Flush(); }'
  'a vote is forgotten on restart|a vote before a power cut|src/Node/Raft/Storage/HardStateFile.cs|vote = record[TermBytes] == 0 ? null|vote = ON \|\| record[TermBytes] == 0 ? nullsrc/Node/Raft/Storage/HardStateFile.cs
  'files are replaced, and the folder is not flushed|power|src/Node/Raft/Files/DurableFile.cs|        files.FlushDirectory(FolderOf(path));\n    }\n\n    /// <summary>Writes|        if (!ON) { files.FlushDirectory(FolderOf(path)); }\n    }\n\n    /// <summary>Writes'
  'members count only when they are applied|two changes, one member behind|src/Node/Raft/Membership/MembershipStore.cs|            if (index > applied.Index)\n|            if (!ON \&\& index > applied.Index)\n'
  'an election waits for the last answer|a sick minority|src/Node/Raft/Transport/ElectionRequest.cs|timer.Change(bound > |timer.Change(ON ? Timeout.InfiniteTimeSpan : bound > '
  'a snapshot that was sent is not flushed|power|src/Node/Raft/Files/DurableFile.cs|files.FlushFile(written);|if (!ON) { files.FlushFile(written); }'
)

(cd "$repository" && git ls-files -z src tests/ManyClusters.Tests tests/Seeds.cs tests/Directory.Build.props '*.props' .editorconfig global.json | xargs -0 cp --parents -t "$work")
for i in "${!bugs[@]}"; do
  python3 - "$work" "$i" "${bugs[$i]}" <<'PY'
import glob, re, sys
work, number, bug = sys.argv[1:]
name, family, file, original, broken = (part.replace("\x00", "|").replace("\\n", "\n").replace("\\&", "&") for part in bug.replace("\\|", "\x00").split("|"))
found = [(path, text) for path in glob.glob(f"{work}/{file}") for text in [open(path).read()] if original in text]
if len(found) != 1 or found[0][1].count(original) != 1:
    sys.exit(f"{name}: the text is not found exactly once in {file}; bring the bug along")
path, text = found[0]
on = f'(Environment.GetEnvironmentVariable("PLANTED_BUG") == "{number}")'
open(path, "w").write(text.replace(original, re.sub(r"\bON\b", lambda _: on, broken)))
PY
done

dotnet build "$work/tests/ManyClusters.Tests" -c Release --nologo -v quiet -p:TreatWarningsAsErrors=false -p:RunAnalyzers=false
play() {
  PLANTED_BUG=$1 "$work"/tests/ManyClusters.Tests/bin/Release/net10.0/RaftLocks.ManyClusters.Tests --seed 1 --parallel 3 "${@:2}"
}

if [[ $# -eq 0 ]] && ! play none --minutes 1 >"$work/verdict"; then
  echo "the copy without a bug is detected:"
  cat "$work/verdict"
  exit 1
fi

for i in "${!bugs[@]}"; do
  [[ $# -eq 0 || " $* " == *" $i "* ]] || continue
  IFS='|' read -r name family _ <<<"${bugs[$i]}"
  if play "$i" --minutes 1.5 --first --family "$family" >"$work/verdict"; then
    echo "ESCAPED   $name ($(grep -E '^[0-9]+ schedules in' "$work/verdict"))"
    escaped=1
  else
    echo "detected  $name ($(grep -oE '^[0-9]+ schedules in [0-9]+ s' "$work/verdict")): $(grep -m1 '^VIOLATION' "$work/verdict" | cut -c1-160)"
  fi
done

exit "$escaped"
