#!/usr/bin/env bash
# The simulation tested: a copy of the sources in which bugs can be switched on, one at a time, is built once; the simulation must detect each,
# and must have nothing against the copy with none of them on.
#   tests/Simulation.Tests/planted-bugs.sh
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
escaped=0

# name | file | text, found exactly once | what stands there instead, where ON is true if this bug is switched on
bugs=(
  'a batch that failed is proposed again|src/Node/Raft/Proposer.cs|await replication.ReplicateAsync(entry, leadership.Term, batch, leadership.Ended);|try { await replication.ReplicateAsync(entry, leadership.Term, batch, leadership.Ended); } catch (InvalidOperationException) when (ON) { await replication.ReplicateAsync(entry, leadership.Term, batch, leadership.Ended); }'
  'the next leader is not needed when a batch is in doubt|src/Node/Raft/Proposer.cs|if (batch.SetOutcomeUnknown())|if (batch.SetOutcomeUnknown() \&\& !ON)'
  'acquired is told without a lease|src/Node/Raft/Leadership.cs|SinceConfirmed < lease;|(SinceConfirmed < lease \|\| ON);'
  'an abandon names the session instead of the id|src/Node/Sessions/Scheduling/ScheduledCommand.cs|writer.Add(new AbandonCommand(request.Namespace, request.Id));|if (ON) { writer.Add(new ReleaseCommand(request.Namespace, request.Session, default)); } else { writer.Add(new AbandonCommand(request.Namespace, request.Id)); }'
  'timers run out early|src/Node/Sessions/Scheduling/DeadlineScheduler.cs|var at = deadline.Since + (long)Math.Ceiling(deadline.AfterMs * (|var at = deadline.Since + (long)Math.Ceiling((ON ? deadline.AfterMs / 2 : deadline.AfterMs) * ('
  'a new leader does not wait for the old one|src/Node/Sessions/Scheduling/Deadline.cs|Math.Max(request.AbandonTimeoutMs, leastMs)|Math.Max(request.AbandonTimeoutMs, ON ? 0 : leastMs)'
  'a leader that nobody answers goes on|src/Node/Raft/LeadershipLoop.cs|if (leadership.SinceConfirmed.TotalMilliseconds > options.LeaderSilenceMs \&\& |if (leadership.SinceConfirmed.TotalMilliseconds > (ON ? 1e9 : options.LeaderSilenceMs) \&\& src/Node/Raft/LeadershipLoop.cs
)

(cd "$repository" && git ls-files -z src chaos tests/Cluster.Tests/Cluster tests/Simulation.Tests tests/Seeds.cs tests/Directory.Build.props '*.props' .editorconfig global.json | xargs -0 cp --parents -t "$work")
for i in "${!bugs[@]}"; do
  python3 - "$work" "$i" "${bugs[$i]}" <<'PY'
import re, sys
work, number, bug = sys.argv[1:]
name, file, original, broken = (part.replace("\x00", "|") for part in bug.replace("\\|", "\x00").split("|"))
original, broken = original.replace("\\&", "&"), broken.replace("\\&", "&")
path = f"{work}/{file}"
text = open(path).read()
if text.count(original) != 1:
    sys.exit(f"{name}: the text is not found exactly once in {file}; bring the bug along")
on = f'(Environment.GetEnvironmentVariable("PLANTED_BUG") == "{number}")'
open(path, "w").write(text.replace(original, re.sub(r"\bON\b", on, broken)))
PY
done

dotnet build "$work/tests/Simulation.Tests" -c Release --nologo -v quiet -p:TreatWarningsAsErrors=false -p:RunAnalyzers=false
simulate() {
  PLANTED_BUG=$1 dotnet test "$work/tests/Simulation.Tests" -c Release --no-build --nologo -v quiet --logger 'console;verbosity=normal' --filter "FullyQualifiedName~${2:-Nothing_that_happens}"
}

if ! simulate none >"$work/verdict"; then
  echo "the copy without a bug is detected:"
  cat "$work/verdict"
  exit 1
fi

for i in "${!bugs[@]}"; do
  name=${bugs[$i]%%|*}
  if simulate "$i" >"$work/verdict"; then
    echo "ESCAPED    $name"
    escaped=1
  else
    echo "detected   $name: $(grep -m1 -E '^(---- )?[a-z ]+: at ' "$work/verdict" || grep -m1 -A2 'Shrunk' "$work/verdict" || true)"
  fi
done

# Plans that were kept must still find what they once found: test | number of the bug
findings=('A_lock_in_doubt_is_inherited_even_if_the_leader_stays|1')
for finding in "${findings[@]}"; do
  if simulate "${finding##*|}" "${finding%%|*}" >"$work/verdict"; then
    echo "OUTDATED   ${finding%%|*} no longer finds its bug: keep a new plan"
    escaped=1
  else
    echo "finds      ${finding%%|*}"
  fi
done

exit "$escaped"
