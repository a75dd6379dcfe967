"""Called by compose-prod.sh when docker-compose.prod.yml is up and RAFTLOCKS_TOKEN may lock in the namespace orders:
compose_prod_check.py COMPOSE-COMMAND...

Who has no token is refused, and the containers are confined. A session holds one lock through everything that follows,
and six clients lock and release. The leader's container is killed, which Prometheus must see. Then all three nodes are
restarted, one after the other, each at another address, two of them at the address that another node had before. In the
end the replicas are equal, and each journal is proven."""

import asyncio
import collections
import json
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import websockets

COMPOSE = sys.argv[1:]
TOKEN = os.environ["RAFTLOCKS_TOKEN"]
PORTS = {"n1": 9009, "n2": 9010, "n3": 9011}
NETWORK = os.environ["COMPOSE_PROJECT_NAME"] + "_raftlocks"
SUBNET = "10.199.78."
TRUST = ssl.create_default_context(cafile=os.environ["RAFTLOCKS_CERTS"] + "/authority/ca.crt")
SESSION = "holder-0123456789abcdef"
KEPT_MS, SHORT_MS = 600_000, 2_000
RELEASE = '{"action":"release"}'
GONE = (OSError, websockets.WebSocketException, asyncio.TimeoutError)

Hold = collections.namedtuple("Hold", "path id since until")


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True)


def get(name, path):
    """Status and body, or (0, "") when nobody answers."""
    try:
        address = f"https://localhost:{PORTS[name]}{path}"
        with urllib.request.urlopen(address, timeout=2, context=TRUST) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""


def prometheus(path):
    with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/" + path, timeout=5) as answer:
        return json.loads(answer.read())["data"]


def query(text):
    found = prometheus("query?query=" + urllib.parse.quote(text))["result"]
    return float(found[0]["value"][1]) if found else None


async def aside(work, *arguments):
    return await asyncio.to_thread(work, *arguments)


async def until(what, look, bound_s=120.0):
    """Looks again and again until there is something. What waits for an answer does not hold the clients up."""
    deadline = time.monotonic() + bound_s
    while time.monotonic() < deadline:
        found = await (look() if asyncio.iscoroutinefunction(look) else aside(look))
        if found:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited {bound_s} s for: {what}")


def is_ready(name):
    return get(name, "/health/ready")[0] == 200


def leader():
    for name in PORTS:
        status, body = get(name, "/v1/cluster")
        if status == 200 and json.loads(body)["role"] == "leader" and is_ready(name):
            return name
    return None


CONTAINERS = {name: run(*COMPOSE, "ps", "-q", name).stdout.strip() for name in PORTS}


def lock(*path):
    return json.dumps({"action": "lock", "resources": [{"type": "write", "path": list(path)}]})


async def connect(name, timeout_ms, session=None, token=TOKEN):
    address = f"wss://localhost:{PORTS[name]}/v1?namespace=orders&abandon-timeout-ms={timeout_ms}"
    if session:
        address += "&session=" + session
    headers = {"Authorization": "Bearer " + token} if token else {}
    return await websockets.connect(address, ssl=TRUST, extra_headers=headers, open_timeout=5)


async def connect_to_any(timeout_ms, session=None):
    async def look():
        for name in PORTS:
            try:
                return await connect(name, timeout_ms, session)
            except GONE:
                pass
        return None

    return await until("a node that serves", look)


async def receive(socket, bound_s=60.0):
    return json.loads(await asyncio.wait_for(socket.recv(), bound_s))


async def stands():
    """Where the holder's session stands, by a new connection, which is lost again."""
    while True:
        socket = await connect_to_any(KEPT_MS, SESSION)
        try:
            found = await receive(socket)
            if found["state"] == "ready":
                await socket.send(lock("kept"))
                found = await receive(socket)
            return found
        except GONE:
            continue
        finally:
            await socket.close()


class Clients:
    """Clients that lock and release, and what they saw: whoever holds holds alone, in the order of the numbers."""

    def __init__(self, count):
        self.holds, self.ending = [], False
        self.working = asyncio.gather(*(self.work(number) for number in range(count)))

    async def work(self, number):
        turn = number
        while not self.ending:
            socket = await connect_to_any(SHORT_MS)
            try:
                while not self.ending:
                    turn += 1
                    await self.cycle(socket, str(turn % 3))
                await socket.close()
            except GONE:
                await asyncio.sleep(0.05)  # The node it was connected to is restarted.

    async def cycle(self, socket, path):
        await socket.send(lock("shared", path))
        reply = await receive(socket)
        if reply["state"] == "enqueued":
            reply = await receive(socket)
        assert reply["state"] == "acquired", reply
        since = time.monotonic()
        try:
            await asyncio.sleep(0.01)
            until_then = time.monotonic()
            await socket.send(RELEASE)
            assert (await receive(socket))["state"] == "ready"
        except GONE:
            self.holds.append(Hold(path, int(reply["id"]), since, since))
            raise
        self.holds.append(Hold(path, int(reply["id"]), since, until_then))

    async def go_on(self, more=60):
        goal = len(self.holds) + more
        await until(f"{more} locks more", lambda: len(self.holds) >= goal or self.working.done())
        if self.working.done():
            await self.working

    async def judge(self):
        self.ending = True
        await self.working
        assert len({hold.id for hold in self.holds}) == len(self.holds), "a number was given twice"
        for path in {hold.path for hold in self.holds}:
            in_order = sorted((hold for hold in self.holds if hold.path == path), key=lambda hold: hold.since)
            for before, after in zip(in_order, in_order[1:]):
                assert before.until <= after.since, f"{before} and {after} overlap"
                assert before.id < after.id, f"{after} comes after {before}"
        return len(self.holds)


def is_confined(name):
    """Nothing of root's, and nothing to write to but the data."""
    inside = ["docker", "exec", CONTAINERS[name]]
    status = run(*inside, "cat", "/proc/1/status").stdout
    assert "CapEff:\t0000000000000000" in status and "CapBnd:\t0000000000000000" in status, status
    assert "NoNewPrivs:\t1" in status, status
    assert "Uid:\t0\t" not in status, status
    for folder in ("/", "/tmp", "/app", "/certs"):
        assert run(*inside, "touch", f"{folder}/x", check=False).returncode != 0, f"{name} can write to {folder}"


def restart_elsewhere(name, number):
    """As a new pod: ended by SIGTERM, and started at another address under the same name."""
    container = CONTAINERS[name]
    run("docker", "stop", "--time", "65", container)
    state = run("docker", "inspect", "--format", "{{.State.ExitCode}}", container).stdout.strip()
    assert state == "0", f"{name} ended with code {state}"
    run("docker", "network", "disconnect", NETWORK, container)
    run("docker", "network", "connect", "--alias", name, "--ip", SUBNET + str(number), NETWORK, container)
    run("docker", "start", container)


def address(name):
    networks = json.loads(run("docker", "inspect", CONTAINERS[name]).stdout)[0]["NetworkSettings"]["Networks"]
    return int(networks[NETWORK]["IPAddress"].rsplit(".", 1)[1])


def digests(name):
    view = json.loads(get(name, "/v1/cluster")[1] or "{}")
    return view.get("appliedIndex"), {mark["index"]: (mark["digest"], mark["ledger"]) for mark in view.get("digests", [])}


def replicas_agree():
    (at1, marks1), (at2, marks2), (at3, marks3) = (digests(name) for name in PORTS)
    common = marks1.keys() & marks2.keys() & marks3.keys()
    if not common or not at1 == at2 == at3:
        return False
    for index in common:
        assert marks1[index] == marks2[index] == marks3[index], f"the replicas differ at index {index}"
    return len(common)


async def kill_the_leader(clients):
    await until("Prometheus sees three nodes", lambda: query('sum(up{job="raftlocks"})') == 3)
    await until("Prometheus sees a leader", lambda: query("sum(raftlocks_leader)") == 1)
    before = await until("the leaderships so far", lambda: query("sum(raftlocks_leaderships_total)"))
    dead = await until("a leader", leader)
    await aside(run, "docker", "kill", CONTAINERS[dead])
    killed = time.monotonic()
    await clients.go_on(1)
    print(f"killed {dead}; the next lock was acquired and released {time.monotonic() - killed:.2f} s later")
    await until("Prometheus sees two nodes", lambda: query('sum(up{job="raftlocks"})') == 2)
    await until("Prometheus sees another leader", lambda: query("sum(raftlocks_leader)") == 1)
    alerts = await until(
        "an alert for the node that is down",
        lambda: [alert for alert in prometheus("alerts")["alerts"] if alert["labels"]["alertname"] == "RaftLocksNodeDown"],
    )
    assert alerts[0]["labels"]["instance"] == f"{dead}:9009", alerts
    led = await until("a leadership more", lambda: query("sum(max_over_time(raftlocks_leaderships_total[5m]))"))
    assert led > before, (before, led)
    await aside(run, "docker", "start", CONTAINERS[dead])
    await until(f"{dead} is ready again", lambda: is_ready(dead))


def rules_are_in_force():
    groups = prometheus("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) >= 25 and all(rule["health"] != "err" for rule in rules), rules
    return len(rules)


async def main():
    for name in PORTS:
        await until(f"{name} is ready", lambda name=name: is_ready(name))
        is_confined(name)
    try:
        await connect("n1", 0, token=None)
        raise AssertionError("a lock without a token")
    except websockets.InvalidStatusCode as refused:
        assert refused.status_code == 401, refused
    print(f"{rules_are_in_force()} alert rules are in force")

    held = await stands()
    assert held["state"] == "acquired", held
    clients = Clients(6)
    await clients.go_on()
    await kill_the_leader(clients)
    assert (await stands())["id"] == held["id"], "the lock was lost with the leader"

    # Each takes the address that the one before has left, but for the first.
    free = 99
    for name in ("n3", "n2", "n1"):
        was, led = await aside(address, name), await aside(leader) == name
        await aside(restart_elsewhere, name, free)
        await until(f"{name} is ready at its new address", lambda: is_ready(name))
        await clients.go_on()
        found = await stands()
        assert found["state"] == "acquired" and found["id"] == held["id"], f"the lock was lost: {found}"
        print(f"{name}{', the leader,' if led else ''} moved from {SUBNET}{was} to {SUBNET}{free}: {len(clients.holds)} locks so far")
        free = was

    waiter = await connect_to_any(0)
    await waiter.send(lock("kept"))
    assert (await receive(waiter))["state"] == "enqueued"
    holder = await connect_to_any(KEPT_MS, SESSION)
    assert (await receive(holder))["id"] == held["id"]
    await holder.send(RELEASE)
    assert (await receive(waiter))["state"] == "acquired"
    await waiter.send(RELEASE)
    assert (await receive(waiter))["state"] == "ready"
    print(f"{await clients.judge()} locks, each held alone and in order; none was lost")

    print(f"the replicas agree at {await until('equal digests', replicas_agree)} indexes")
    for name in PORTS:
        verify = ["docker", "exec", CONTAINERS[name], "raftlocks", "verify", "/data"]
        proof = await aside(lambda verify=verify: run(*verify, check=False))
        assert proof.returncode in (0, 3), proof.stdout + proof.stderr
        gaps = " but for gaps" if proof.returncode else ""
        print(f"the journal of {name} is proven{gaps}:{proof.stdout.strip().splitlines()[-1]}")
    await until("Prometheus sees all nodes at their new addresses", lambda: query('sum(up{job="raftlocks"})') == 3)


asyncio.run(main())
