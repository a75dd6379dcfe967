#!/usr/bin/env bash
# The whole check: build, layout, every test project, the three-process tests, chaos, samples, foreign clients.
#
#   scripts/test.sh           all of it
#   scripts/test.sh --quick   build, layout, unit and property tests: without the tests that run programs or several
#                             nodes, and without those that take long by themselves (the trait Category=Slow)
#
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only if nothing failed.
# With CI=true a skipped test is a failure: there, nothing may be missing.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

quick=false
case "${1:-}" in
  "") ;;
  --quick) quick=true ;;
  --help | -h)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' scripts/test.sh
    exit 0
    ;;
  *)
    echo "unknown argument: $1 (see --help)" >&2
    exit 2
    ;;
esac

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0
failures=()

# fail WHAT: one failure that is no failed test of a project.
fail() {
  echo "$1"
  failures+=("$1")
  failed=$((failed + 1))
}

step() { printf '\n== %s\n' "$*"; }

finish() {
  if [[ "${CI:-}" == "true" && $skipped -gt 0 ]]; then
    echo "Skipped tests count as failures here (CI=true)."
    failed=$((failed + skipped)) skipped=0
  fi
  # Once more at the end: a long log is often cut at its beginning.
  if ((${#failures[@]} > 0)); then
    step "what failed"
    printf '%s\n' "${failures[@]}"
  fi
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  ((failed == 0))
  exit
}

# A number from the one <Counters .../> line of a trx file.
counter() { sed -n "s/.*<Counters .*\\b$1=\"\\([0-9]*\\)\".*/\\1/p" "$2"; }

# The names of the failed tests in a trx file, each with its message.
failed_tests() {
  sed -n '
    /<UnitTestResult .*outcome="Failed"/ { s/.*testName="\([^"]*\)".*/  \1/p }
    /<Message>/ {
      :more
      /<\/Message>/! { N; b more }
      s/.*<Message>/    /; s/<\/Message>.*//; s/\n/\n    /g; p
    }
  ' "$1"
}

# run_project PROJECT [ARGUMENT...]: runs its tests. A test that hangs is ended, and named.
run_project() {
  local name
  name=$(basename "$1")
  dotnet test "$1" -c Release --no-build --logger "trx;LogFileName=$results/$name.trx" \
    --logger "console;verbosity=minimal" --blame-hang-timeout 8m --blame-hang-dump-type none \
    --results-directory "$results/$name" "${@:2}"
  echo $? >"$results/$name.code"
}

# Runs projects one after the other and keeps what they print.
run_quietly() {
  for project in "$@"; do
    run_project "$project" "${filter[@]}" >"$results/$(basename "$project").out" 2>&1
  done
}

show_layout() {
  step "layout"
  cat "$results/format.out"
  if [[ "$(cat "$results/format.code")" != 0 ]]; then
    fail "the layout is wrong: run dotnet format"
  fi
}

# The compiler has looked at the style; this looks at what it does not see.
check_layout() {
  dotnet format whitespace . --folder --verify-no-changes >"$results/format.out" 2>&1
  echo $? >"$results/format.code"
}

count_project() {
  local name trx code total ok bad
  name=$(basename "$1")
  trx="$results/$name.trx" code=$(cat "$results/$name.code")
  total=$(counter total "$trx" 2>/dev/null) ok=$(counter passed "$trx" 2>/dev/null) bad=$(counter failed "$trx" 2>/dev/null)
  if [[ -z "$total" || "$total" == 0 ]]; then
    fail "$name: no test was run"
    return
  fi
  if ((bad > 0)); then
    failures+=("$name" "$(failed_tests "$trx")")
  fi
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - ok - bad))
  # A test host that crashed leaves a report without failures.
  if [[ $code -ne 0 && $bad -eq 0 ]]; then
    fail "$name: the test run ended with code $code"
  fi
}

# One compiler for all projects, warm after the first: half the time. It ends with the build.
step "build"
solution=RaftLocks.sln filter=()
$quick && solution=tests/Quick.slnf filter=(--filter 'Category!=Slow')
if ! dotnet build "$solution" -c Release -p:UseSharedCompilation=true; then
  fail "the build failed"
  finish
fi
dotnet build-server shutdown --vbcscompiler >/dev/null

if $quick; then
  rows=(tests/{Client,Node,Architecture}.Tests tests/{Ledger,StateMachine,Journal,Protocol,Api}.Tests)
  check_layout &
  run_quietly "${rows[@]:0:3}" &
  run_quietly "${rows[@]:3}" &
  wait
  show_layout
  for project in "${rows[@]}"; do
    step "$(basename "$project")"
    cat "$results/$(basename "$project").out"
    count_project "$project"
  done
  finish
fi

# Those that only calculate, and the look at the layout, run beside those that mostly wait, and step back for them.
calculating=(tests/{Architecture,Chaos,Journal,Ledger,ManyClusters,Protocol,Simulation,StateMachine}.Tests)
# Those that measure time come last, each alone: how processes stop and go on, and clusters of several nodes.
alone=(tests/{Cli,Node,Cluster}.Tests)
waiting=()
for project in tests/*.Tests; do
  [[ " ${calculating[*]} ${alone[*]} " == *" $project "* ]] || waiting+=("$project")
done

(
  renice -n 10 $BASHPID >/dev/null
  check_layout
) &
(
  renice -n 10 $BASHPID >/dev/null
  run_quietly "${calculating[@]}"
) &
for project in "${waiting[@]}"; do
  step "$(basename "$project")"
  run_project "$project"
done
wait
show_layout
for project in "${calculating[@]}"; do
  step "$(basename "$project")"
  cat "$results/$(basename "$project").out"
done
for project in "${alone[@]}"; do
  step "$(basename "$project")"
  run_project "$project"
done
for project in "${calculating[@]}" "${waiting[@]}" "${alone[@]}"; do
  count_project "$project"
done

# Fixed seeds, so that everybody plays the same faults, one with followers that forward and one with followers that
# redirect; a run that finds a violation says how to play it again.
for run in 109:kill,restart,freeze,partition,break,deaf,silent,mute,bridge,swallow 12:kill,silent,partition,delay,loss,wipe,clock,memberreplace; do
  step "chaos: ${run#*:}"
  if dotnet run --no-build --project chaos -c Release -- --minutes 0.35 --seed "${run%%:*}" --faults "${run#*:}" --report "$results/chaos"; then
    passed=$((passed + 1))
  else
    fail "chaos, seed ${run%%:*}"
  fi
done

# The samples run beside the foreign clients: both mostly wait.
bash samples/run.sh >"$results/samples.out" 2>&1 &
samples=$!

step "foreign clients"
compat_log="$results/compat.log"
bash tests/compat/run.sh 2>&1 | tee "$compat_log"
compat_code=${PIPESTATUS[0]}
if [[ "$(tail -n 1 "$compat_log")" =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
  passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
  if ((BASH_REMATCH[2] > 0)); then
    failures+=("foreign clients" "$(grep '^✖ ' "$compat_log" | sort -u)")
  elif [[ $compat_code -ne 0 ]]; then
    fail "the foreign clients ended with code $compat_code"
  fi
else
  fail "the foreign clients gave no result (code $compat_code)"
fi

step "samples"
wait "$samples"
samples_code=$?
cat "$results/samples.out"
if ((samples_code == 0)); then
  passed=$((passed + 1))
else
  fail "samples"
fi

finish
