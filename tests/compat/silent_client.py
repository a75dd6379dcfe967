"""A synchronous client of protocol v1: it reads only when it is asked to, so it answers no pings while it works. Prints what it was told."""

import asyncio
import json
import sys
import time

import websockets


async def main(address, seconds):
    connection = await websockets.connect(address, ping_interval=None, close_timeout=1)
    await connection.send(json.dumps({"action": "lock", "resources": [{"type": "write", "path": ["a"]}]}))
    print(json.loads(await connection.recv())["state"], flush=True)

    # Nothing in this process runs meanwhile, the library's reader neither.
    time.sleep(seconds)
    await connection.send('{"action":"release"}')
    print(json.loads(await connection.recv())["state"], flush=True)
    await connection.close(4001, "done")
    print(connection.close_code, flush=True)


asyncio.run(main(sys.argv[1], float(sys.argv[2])))
