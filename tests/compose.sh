#!/usr/bin/env bash
# The README's three containers, for real: builds the image, starts docker-compose.yml, takes a lock, kills
# the leader's container, and checks that the lock holds and is freed in time. In redirect and in proxy mode.
# Needs docker with compose, python3-websockets, and ports 9009 to 9011. DOCKER_BUILD_FLAGS goes to docker build.
set -euo pipefail
cd "$(dirname "$0")/.."

if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
else
  compose=(docker-compose)
fi
# Debian's package belongs to Debian's own Python, which need not be the first on the PATH.
python=python3
"$python" -c 'import websockets' 2>/dev/null || python=/usr/bin/python3
export COMPOSE_PROJECT_NAME=raftlocks-test

clean_up() { "${compose[@]}" down --volumes --timeout 5 >/dev/null 2>&1 || true; }
trap clean_up EXIT

# shellcheck disable=SC2086 # several flags
docker build ${DOCKER_BUILD_FLAGS:-} --tag raftlocks-node .

for mode in redirect proxy; do
  echo "== follower mode $mode"
  clean_up
  RAFTLOCKS_FOLLOWER_MODE=$mode "${compose[@]}" up --detach --no-build
  if ! "$python" tests/compose_check.py "$mode" "${compose[@]}"; then
    "${compose[@]}" logs --tail 60
    exit 1
  fi
done
echo "the containers work in both modes"
