#!/usr/bin/env bash
# The Debian package for real: tests/debian.sh OLD.deb NEW.deb
#
# Boots a system that debootstrap makes anew, with systemd and no network (systemd-nspawn). There it installs OLD, starts
# the service, takes locks, reloads it, kills it, gives it a wrong setting, upgrades to NEW while it runs, removes and
# purges. After each step it looks at what an administrator would look at.
# Needs root, debootstrap and systemd-container. RAFTLOCKS_DEBIAN_SUITE is the release (default: bookworm);
# RAFTLOCKS_DEBIAN_BASE a system that was made before, and is copied.
set -euo pipefail

[[ $# == 2 && $(id -u) == 0 ]] || {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
  exit 2
}
old=$(realpath "$1") new=$(realpath "$2")
suite=${RAFTLOCKS_DEBIAN_SUITE:-bookworm}
work=$(mktemp -d)
root=$work/system
machine=""
clean_up() {
  [[ -z "$machine" ]] || kill "$machine" 2>/dev/null || true
  wait || true
  rm -rf "$work"
}
trap clean_up EXIT

step() { printf '== %s\n' "$*"; }
fail() {
  echo "FAILED: $*" >&2
  inside journalctl --no-pager -n 20 -u raftlocks-node >&2 || true
  exit 1
}
inside() {
  nsenter --target "$leader" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@"
}

# eventually WHAT COMMAND...: waits until the command succeeds.
eventually() {
  local i
  for ((i = 0; i < 600; i++)); do
    "${@:2}" >/dev/null 2>&1 && return
    sleep 0.1
  done
  fail "not within a minute: $1"
}

property() { inside systemctl show --value --property "$1" raftlocks-node; }
is() { [[ "$(property "$1")" == "$2" ]]; }
is_not() { [[ "$(property "$1")" != "$2" ]]; }
is_up() { [[ "$(inside systemctl is-system-running)" =~ ^(running|degraded)$ ]]; }

install_package() {
  cp "$1" "$root/var/tmp/raftlocks.deb"
  inside apt-get install -y -qq --no-install-recommends /var/tmp/raftlocks.deb >"$work/apt.log" 2>&1 ||
    fail "apt-get install: $(tail -n 5 "$work/apt.log")"
}

# lock_is NUMBER: a user without rights takes a lock, which has this number.
lock_is() {
  local number
  number=$(inside setpriv --reuid=nobody --regid=nogroup --clear-groups \
    raftlocks run --write orders/42 --namespace shop --wait 60s -- printenv RAFTLOCKS_FENCING_TOKEN) ||
    fail "no lock"
  [[ "$number" == "$1" ]] || fail "the lock has the number '$number', not $1"
}

step "a new $suite, booted"
if [[ -n "${RAFTLOCKS_DEBIAN_BASE:-}" ]]; then
  cp -a "$RAFTLOCKS_DEBIAN_BASE" "$root"
else
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,adduser,libssl3,libstdc++6,procps "$suite" "$root" \
    >"$work/debootstrap.log"
fi
systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --private-network --boot \
  </dev/null >"$work/console" 2>&1 &
machine=$!
until leader=$(cat "/proc/$machine/task/$machine/children") && [[ -n "$leader" ]]; do sleep 0.1; done
leader=${leader%% *}
eventually "the system is up" is_up

step "install $(basename "$old")"
install_package "$old"
inside raftlocks --version
inside raftlocks-node --version
[[ "$(inside stat -c '%U:%G %a' /var/lib/raftlocks)" == "raftlocks:raftlocks 750" ]] || fail "owner or rights of the data"
[[ "$(inside stat -c '%U:%G %a' /etc/raftlocks/node.env)" == "root:root 600" ]] || fail "owner or rights of the settings"
is ActiveState inactive || fail "the service was started before it was configured"
inside systemd-analyze verify --man=no raftlocks-node.service || fail "systemd finds fault with the unit"
inside systemd-analyze security --no-pager raftlocks-node.service | tail -n 1
inside bash -c 'source /usr/share/bash-completion/completions/raftlocks-node && complete -p raftlocks-node' >/dev/null

step "start, lock, reload"
inside systemctl enable --quiet --now raftlocks-node || fail "the service does not start"
is ActiveState active || fail "the service is not active"
lock_is 1
inside systemctl reload raftlocks-node
lock_is 2
first=$(property MainPID)
[[ "$(inside ps -o user= -p "$first")" == raftlocks ]] || fail "the node does not run as raftlocks"

step "killed, it is started again; with a wrong setting it is not"
inside kill -9 "$first"
eventually "another process runs" is_not MainPID "$first"
eventually "the service is active again" is ActiveState active
lock_is 3
echo 'RAFTLOCKS_LISTEN=nonsense' >>"$root/etc/raftlocks/node.env"
inside systemctl restart raftlocks-node 2>/dev/null && fail "it starts with a wrong setting"
is ExecMainStatus 2 || fail "a wrong setting has the exit code $(property ExecMainStatus)"
is ActiveState failed || fail "it is started again with a wrong setting: $(property ActiveState)"
sed -i 's/^RAFTLOCKS_LISTEN=.*/RAFTLOCKS_NAME=n1/' "$root/etc/raftlocks/node.env"
inside systemctl start raftlocks-node
lock_is 4

step "upgrade to $(basename "$new") while it runs"
second=$(property MainPID)
install_package "$new"
eventually "the service is active again" is ActiveState active
is_not MainPID "$second" || fail "the old program still runs"
tail -n 1 "$root/etc/raftlocks/node.env" | grep -qx 'RAFTLOCKS_NAME=n1' || fail "the settings were not kept"
inside raftlocks --version
lock_is 5

step "remove"
inside apt-get remove -y -qq raftlocks >/dev/null
[[ -z "$(inside pgrep -u raftlocks || true)" ]] || fail "the node still runs"
[[ -e "$root/var/lib/raftlocks/node.json" && -e "$root/etc/raftlocks/node.env" ]] || fail "remove took data or settings"
[[ ! -e "$root/usr/lib/raftlocks" ]] || fail "remove left programs"

step "purge"
inside apt-get purge -y -qq raftlocks >/dev/null
[[ ! -e "$root/var/lib/raftlocks" && ! -e "$root/etc/raftlocks" ]] || fail "purge left data or settings"
echo "the package installs, serves, upgrades, and goes"
