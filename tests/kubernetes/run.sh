#!/usr/bin/env bash
# The Helm chart: rendered with many values, and held against the schemas of Kubernetes and of the Prometheus operator.
# deploy/kubernetes must be what the chart's own values give; --write makes it so.
#
#   tests/kubernetes/run.sh [--write]
#
# What it needs: helm, or go with sprig and yaml.v2 (Debian: golang-go golang-github-masterminds-sprig-dev
# golang-gopkg-yaml.v2-dev); Node.js 20 or newer with npm.
set -euo pipefail
cd "$(dirname "$0")"
chart=../../deploy/helm/raftlocks plain=../../deploy/kubernetes/raftlocks.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Where there is no helm: Debian's libraries are no modules.
if ! command -v helm >/dev/null; then
  GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOCACHE=$work/go go build -o "$work/render" render.go
fi

# render KEY=VALUE...
render() {
  if command -v helm >/dev/null; then
    helm template raftlocks "$chart" --namespace locks "${@/#/--set-json=}"
  else
    "$work/render" "$chart" raftlocks locks "$@" 2>"$work/notes"
    grep -q 'auth init' "$work/notes"
  fi
}

[[ -d node_modules/js-yaml && ! package-lock.json -nt node_modules/.package-lock.json ]] || npm ci --silent

head='# Three nodes of RaftLocks, as the Helm chart in deploy/helm makes them from its own values: tests/kubernetes/run.sh --write.
# docs/deployment.md has the steps, from the certificates to the first lock: kubectl apply -f deploy/kubernetes/raftlocks.yaml
'
render | sed 's|^\( *app.kubernetes.io/managed-by: \)Helm$|\1kubectl|' | cat <(printf '%s' "$head") - >"$work/plain.yaml"
if [[ "${1:-}" == --write ]]; then
  cp "$work/plain.yaml" "$plain"
elif command -v helm >/dev/null; then
  echo "deploy/kubernetes is not compared: helm orders the manifests in a way of its own"
else
  diff -u "$plain" "$work/plain.yaml" || {
    echo "deploy/kubernetes is not what the chart makes: run tests/kubernetes/run.sh --write" >&2
    exit 1
  }
fi
node validate.mjs <"$plain"

# Each value that changes what is made, once.
render replicas=5 antiAffinity='"preferred"' join=true auth='"required"' followerMode='"redirect"' \
  serviceMonitor.enabled=true 'serviceMonitor.labels={"release":"prometheus"}' networkPolicy.enabled=false \
  'image.pullSecrets=[{"name":"registry"}]' image.tag='"1.2.3"' 'allowHosts=["locks.example.com"]' \
  'settings={"MaxConnections":"20000","Journal":"off"}' 'extraEnv=[{"name":"TZ","value":"UTC"}]' \
  storage.className='"fast"' service.type='"LoadBalancer"' 'service.annotations={"example.com/internal":"true"}' \
  'nodeSelector={"disk":"local"}' 'tolerations=[{"key":"locks","operator":"Exists"}]' priorityClassName='"high"' \
  'podAnnotations={"example.com/a":"b"}' 'podLabels={"team":"platform"}' adminToken.secret='""' \
  certificates.certificate='"tls.crt"' certificates.key='"tls.key"' >"$work/all.yaml"
node validate.mjs <"$work/all.yaml"
for said in 'replicas: 5' 'RAFTLOCKS_MEMBERS__4' 'kind: ServiceMonitor' 'RAFTLOCKS_JOIN' 'RAFTLOCKS_MAXCONNECTIONS' \
  'image: raftlocks-node:1.2.3' 'locks.example.com' 'storageClassName: fast' 'preferredDuring' '/certs/tls.crt'; do
  grep -q -- "$said" "$work/all.yaml" || {
    echo "the chart does not say: $said" >&2
    exit 1
  }
done
for unsaid in 'kind: NetworkPolicy' RAFTLOCKS_ADMIN_TOKEN requiredDuringScheduling; do
  ! grep -q -- "$unsaid" "$work/all.yaml" || {
    echo "the chart still says: $unsaid" >&2
    exit 1
  }
done
echo "the chart is well"
