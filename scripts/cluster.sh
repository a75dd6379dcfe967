#!/usr/bin/env bash
# Starts three nodes on this machine: http://127.0.0.1:9009, :9010 and :9011 (Raft on 7009 to 7011).
# Ctrl-C stops all three. Their data stays in ./raftlocks-data/ and is used again by the next start.
#
#   scripts/cluster.sh [--proxy] [--data DIR]
#
#   --proxy     any node serves any client: followers forward connections to the leader
#               (else they answer 307 with the leader's address)
#   --data DIR  where the three data folders are kept (default: ./raftlocks-data)
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
follower_mode=redirect
data=raftlocks-data

while (($# > 0)); do
  case "$1" in
    --proxy) follower_mode=proxy ;;
    --data)
      data=${2:?--data needs a folder}
      shift
      ;;
    -h | --help)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    *)
      echo "unknown option: $1 (try --help)" >&2
      exit 2
      ;;
  esac
  shift
done

# GET of a path from a local port, with bash alone; prints the answer with its headers.
get() {
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&3
  timeout 2 cat <&3
  exec 3>&- 3<&-
}

is_ready() { [[ "$(get "$1" /health/ready 2>/dev/null | head -n 1)" == *" 200 "* ]]; }
leader() { get 9009 /v1/cluster 2>/dev/null | grep -o '"leader": *"[^"]*"' | cut -d '"' -f 4; }

for port in 9009 9010 9011 7009 7010 7011; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "port $port is in use: is a node running already?" >&2
    exit 1
  fi
done

dotnet build "$repository/src/Node" -c Release --nologo -v quiet
node="$repository/src/Node/bin/Release/net10.0/raftlocks-node.dll"

pids=()
stop() {
  trap - EXIT INT TERM
  ((${#pids[@]} == 0)) || kill -TERM "${pids[@]}" 2>/dev/null || true
  wait
}
trap stop EXIT
trap 'echo; echo "stopping"; exit 0' INT TERM

mkdir -p "$data"
for i in 1 2 3; do
  dotnet "$node" --name "n$i" --listen "http://127.0.0.1:$((9008 + i))" --data "$data/n$i" \
    --follower-mode "$follower_mode" \
    --member n1,127.0.0.1:7009,http://127.0.0.1:9009 \
    --member n2,127.0.0.1:7010,http://127.0.0.1:9010 \
    --member n3,127.0.0.1:7011,http://127.0.0.1:9011 \
    >>"$data/n$i.log" 2>&1 &
  pids+=($!)
done

deadline=$((SECONDS + 60))
until is_ready 9009 && is_ready 9010 && is_ready 9011; do
  for i in 0 1 2; do
    if ! kill -0 "${pids[$i]}" 2>/dev/null; then
      echo "n$((i + 1)) ended; the end of $data/n$((i + 1)).log:" >&2
      tail -n 20 "$data/n$((i + 1)).log" >&2
      exit 1
    fi
  done
  if ((SECONDS >= deadline)); then
    echo "not ready after 60 s; see $data/n1.log, n2.log, n3.log" >&2
    exit 1
  fi
  sleep 0.1
done

leader=$(leader)
cat <<TEXT
Three nodes are ready; $leader leads. Logs: $data/n1.log, n2.log, n3.log

  A lock:     connect a WebSocket to  ws://127.0.0.1:$((9008 + ${leader#n}))/v1?namespace=demo
              and send  {"action":"lock","resources":[{"type":"write","path":["a"]}]}
  The nodes:  http://127.0.0.1:9009/v1/cluster
  A crash:    kill -9 ${pids[$((${leader#n} - 1))]}   (the leader; another takes over and the locks stay)

Ctrl-C stops all three.
TEXT

# Until Ctrl-C, or until the last of the nodes has ended.
wait
