#!/usr/bin/env bash
# docker-compose.prod.yml for real, by the steps of docs/deployment.md: builds the image, makes certificates, starts the
# containers, initialises the authentication, takes locks. Then compose_prod_check.py kills the leader, looks at what
# Prometheus saw of it, and restarts all nodes, one after the other, each at another address, under load.
# Needs docker with compose, python3-websockets, curl, and the ports 9009 to 9011 and 9090.
# DOCKER_BUILD_FLAGS goes to docker build. RAFTLOCKS_PROMETHEUS_IMAGE and RAFTLOCKS_GRAFANA_IMAGE are other images than
# the file's. One that can't be had is replaced (Prometheus: by Debian's package) or left out (Grafana), which is said.
set -euo pipefail
cd "$(dirname "$0")/.."

if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
else
  compose=(docker-compose)
fi
compose+=(-f docker-compose.prod.yml -f tests/compose-prod.yml)
# Debian's package belongs to Debian's own Python, which need not be the first on the PATH.
python=python3
"$python" -c 'import websockets' 2>/dev/null || python=/usr/bin/python3
work=$(mktemp -d)
export COMPOSE_PROJECT_NAME=raftlocks-prod-test
export RAFTLOCKS_CERTS=$work/certs
RAFTLOCKS_ADMIN_TOKEN=$(head -c 32 /dev/urandom | base64 | tr -d '+/=')
GRAFANA_ADMIN_PASSWORD=$(head -c 32 /dev/urandom | base64 | tr -d '+/=')
export RAFTLOCKS_ADMIN_TOKEN GRAFANA_ADMIN_PASSWORD

clean_up() {
  "${compose[@]}" down --volumes --timeout 5 >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
clean_up
mkdir -p "$work"
step() { printf '== %s\n' "$*"; }

# had NAME VARIABLE: whether the image that the file names, or the variable, is here or can be pulled.
had() {
  local image=${!2:-$(sed -n "s|.*\${$2:-\(.*\)}.*|\1|p" docker-compose.prod.yml)}
  docker image inspect "$image" >/dev/null 2>&1 || docker pull --quiet "$image" >/dev/null 2>&1 || {
    echo "$1: $image can't be had"
    return 1
  }
}

# Debian's prometheus, in the base image of the nodes.
debian_prometheus() {
  mkdir "$work/prometheus"
  (cd "$work/prometheus" && chmod 755 . && apt-get download -qq prometheus && dpkg -x prometheus_*.deb .)
  docker build ${DOCKER_BUILD_FLAGS:-} --quiet --tag raftlocks-test-prometheus -f - "$work/prometheus" >/dev/null <<'DOCKERFILE'
FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY usr/bin/prometheus /bin/prometheus
RUN mkdir /prometheus && chown 65534:65534 /prometheus
USER 65534:65534
ENTRYPOINT ["/bin/prometheus"]
DOCKERFILE
  export RAFTLOCKS_PROMETHEUS_IMAGE=raftlocks-test-prometheus
}

step "the images"
# shellcheck disable=SC2086 # several flags
docker build ${DOCKER_BUILD_FLAGS:-} --tag raftlocks-node .
services=(n1 n2 n3 prometheus)
had Prometheus RAFTLOCKS_PROMETHEUS_IMAGE || debian_prometheus
if had Grafana RAFTLOCKS_GRAFANA_IMAGE; then
  services+=(grafana)
else
  echo "Grafana is left out: its dashboard was not looked at"
fi

step "certificates"
user=$(docker run --rm --entrypoint id raftlocks-node -u)
mkdir "$RAFTLOCKS_CERTS"
chown "$user" "$RAFTLOCKS_CERTS"
chmod 711 "$work"
cert() {
  docker run --rm --network none -v "$RAFTLOCKS_CERTS:/certs" -w /certs --entrypoint raftlocks raftlocks-node cert "$@"
}
cert ca --out authority
for node in n1 n2 n3; do
  cert node "$node" --dns localhost --ca authority --out "$node"
  cp "$RAFTLOCKS_CERTS/authority/ca.crt" "$RAFTLOCKS_CERTS/$node/"
done

step "up"
"${compose[@]}" up --detach --no-build "${services[@]}"
raftlocks() { "${compose[@]}" exec -T n1 raftlocks "$@"; }
ready() {
  local node
  for node in n1 n2 n3; do
    "${compose[@]}" exec -T "$node" healthcheck /health/ready >/dev/null 2>&1 || return 1
  done
}
for ((i = 0; i < 60; i++)); do
  ready && break
  sleep 1
done
ready || {
  "${compose[@]}" logs --tail 40
  exit 1
}

step "authentication"
ops=$(raftlocks auth init --name ops | grep -o 'rl_[A-Za-z0-9_-]*' | head -n 1)
raftlocks auth policy create worker --allow 'lock,observe orders'
worker=$(raftlocks auth token create worker --policy worker | grep -o 'rl_[A-Za-z0-9_-]*' | head -n 1)
[[ -n "$ops" && -n "$worker" ]]

step "the first lock"
"${compose[@]}" exec -T -e RAFTLOCKS_TOKEN="$worker" n1 \
  raftlocks run --namespace orders --write 42 --wait 30s -- printenv RAFTLOCKS_FENCING_TOKEN

step "a dead leader, and addresses that change"
if ! RAFTLOCKS_TOKEN=$worker "$python" tests/compose_prod_check.py "${compose[@]}"; then
  "${compose[@]}" logs --tail 60
  exit 1
fi
echo "the production example works"
