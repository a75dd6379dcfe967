"""Takes a lock in the cluster of docker-compose.yml, kills the leader's container, and checks that the lock
holds until its abandon timeout has passed in full under the new leader. Called by compose.sh:
compose_check.py redirect|proxy COMPOSE-COMMAND..."""

import asyncio
import functools
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

import websockets

MODE, COMPOSE = sys.argv[1], sys.argv[2:]
PORTS = {"n1": 9009, "n2": 9010, "n3": 9011}
ABANDON_TIMEOUT_S = 6.0
LOCK = '{"action":"lock","resources":[{"type":"write","path":["a"]}]}'
RELEASE = '{"action":"release"}'


def get(name, path):
    """Status and body, or (0, "") when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORTS[name]}{path}", timeout=2) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""


async def until(what, look, bound_s=60.0):
    """Looks again and again until there is something."""
    deadline = time.monotonic() + bound_s
    while time.monotonic() < deadline:
        found = look()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited {bound_s} s for: {what}")


def leader_among(names):
    for name in names:
        status, body = get(name, "/v1/cluster")
        if status == 200 and json.loads(body)["role"] == "leader" and get(name, "/health/ready")[0] == 200:
            return name
    return None


@functools.cache  # asked while it runs: of stopped containers not every compose tells
def container(name):
    return subprocess.run([*COMPOSE, "ps", "-q", name], check=True, capture_output=True, text=True).stdout.strip()


async def connect(name):
    timeout_ms = int(ABANDON_TIMEOUT_S * 1000)
    address = f"ws://127.0.0.1:{PORTS[name]}/v1?namespace=compose&abandon-timeout-ms={timeout_ms}"
    socket = await websockets.connect(address)
    if MODE == "proxy":
        assert socket.port == PORTS[name], "a proxying node must not redirect"
    return socket


async def try_connect(names):
    for name in names:
        try:
            return await connect(name)
        except (OSError, websockets.WebSocketException, asyncio.TimeoutError):
            pass
    return None


async def receive(socket, bound_s=10.0):
    return json.loads(await asyncio.wait_for(socket.recv(), bound_s))


def healthy(name):
    inspect = ["docker", "inspect", "--format", "{{.State.Health.Status}}", container(name)]
    return subprocess.run(inspect, check=True, capture_output=True, text=True).stdout.strip() == "healthy"


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


async def main():
    for name in PORTS:
        await until(f"{name} is ready", lambda name=name: get(name, "/health/ready")[0] == 200)
        await until(f"{name} is healthy for docker", lambda name=name: healthy(name))
    leader = await until("a leader", lambda: leader_among(PORTS))
    follower, other = (name for name in PORTS if name != leader)

    cycling = await connect(other)
    for _ in range(100):
        await cycling.send(LOCK)
        assert (await receive(cycling))["state"] == "acquired"
        await cycling.send(RELEASE)
        assert (await receive(cycling))["state"] == "ready"
    await cycling.close()

    holder = await connect(follower)
    await holder.send(LOCK)
    held = await receive(holder)
    assert held["state"] == "acquired", held

    killed_at = time.monotonic()
    subprocess.run(["docker", "kill", container(leader)], check=True, capture_output=True)
    await asyncio.wait_for(holder.wait_closed(), 15)
    print(f"killed {leader}; the holder's connection ended after {time.monotonic() - killed_at:.2f} s")

    newcomer = await until("a new leader that serves", lambda: try_connect([follower, other]))
    served_after = time.monotonic() - killed_at
    await newcomer.send(LOCK)
    waits = await receive(newcomer)
    assert waits["state"] == "enqueued", f"the lock was lost: {waits}"
    assert int(waits["id"]) > int(held["id"]), (held, waits)
    granted = await receive(newcomer, ABANDON_TIMEOUT_S + 20)
    granted_after = time.monotonic() - killed_at
    assert granted == {"id": waits["id"], "action": "lock", "state": "acquired"}, granted
    assert granted_after >= ABANDON_TIMEOUT_S, f"abandoned too early: {granted_after:.2f} s after the kill"
    print(f"served again {served_after:.2f} s after the kill, the lock was freed after {granted_after:.2f} s")

    subprocess.run(["docker", "start", container(leader)], check=True, capture_output=True)
    await until(f"{leader} is ready again", lambda: get(leader, "/health/ready")[0] == 200)
    print(f"the replicas agree at {await until('equal digests', replicas_agree)} indexes")


asyncio.run(main())
