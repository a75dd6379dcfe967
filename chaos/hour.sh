#!/usr/bin/env bash
# An hour of chaos in all, with new seeds: three nodes and five, with proxies between them and (as root, with nft) in network namespaces, two builds if a previous one is named.
#   chaos/hour.sh [PREVIOUS_DLL] [FIRST_SEED]      the reports are in chaos-report/
set -uo pipefail
cd "$(dirname "$0")/.." || exit
previous=()
# Builds of before the mended elections wait for a member that hangs: the bound is theirs.
[[ -n "${1:-}" ]] && previous=(--previous "$1" --availability-bound 40)
seed=${2:-$((RANDOM * 100))}
code=0
dotnet build chaos -c Release --nologo -v quiet || exit

run() {
  dotnet chaos/bin/Release/net10.0/raftlocks-chaos.dll --seed "$seed" "$@" || code=1
  seed=$((seed + 10))
}

# 4 * 5 + 2 * 10 + 10 + 10 minutes.
run --minutes 5 --nodes 3 --runs 4
run --minutes 10 --nodes 5 --runs 2
run --minutes 10 --nodes 3 "${previous[@]}"
if [[ $EUID -eq 0 && -x /usr/sbin/nft ]]; then
  run --minutes 10 --nodes 5 --netns
else
  run --minutes 10 --nodes 5
fi

exit "$code"
