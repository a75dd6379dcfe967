"""A client of protocol v1 with Python's websockets, which follows a 307 by itself. Prints what it was told."""

import asyncio
import json
import sys

import websockets


async def lock(connection):
    await connection.send(json.dumps({"action": "lock", "resources": [{"type": "write", "path": ["a", "ß😀"]}]}))


async def told(connection):
    reply = json.loads(await asyncio.wait_for(connection.recv(), 10))
    print(reply["id"], reply["action"], reply["state"], flush=True)


async def main(address):
    async with websockets.connect(address) as one, websockets.connect(address) as other:
        await lock(one)
        await told(one)
        await lock(other)
        await told(other)
        await one.send('{"action":"release"}')
        await told(one)
        await told(other)
        await lock(other)  # a mistake: it holds one
        try:
            await told(other)
        except websockets.ConnectionClosed as closed:
            print(f"closed {closed.code}: {closed.reason}", flush=True)


asyncio.run(main(sys.argv[1]))
