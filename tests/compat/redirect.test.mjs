// Clients that follow redirects, given a follower in redirect mode: ws of Node.js, and Python's websockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { within } from './eventually.mjs';
import { freshNamespace } from './locktopus.mjs';
import { Cluster } from './nodes.mjs';
import { pythonWithWebsockets, run } from './python.mjs';

const script = new URL('redirect_client.py', import.meta.url).pathname;

let cluster;
before(async () => (cluster = await Cluster.start(3, '--follower-mode', 'redirect')), { timeout: 90_000 });
after(() => cluster?.stop());

const address = (node, namespace) => `ws://127.0.0.1:${node.port}/v1?namespace=${encodeURIComponent(namespace)}&abandon-timeout-ms=0&unknown=x%20y`;

test('a follower answers a handshake with 307 and the leader, query untouched', async () => {
  const [leader, follower] = await Promise.all([cluster.leader(), cluster.follower()]);
  const socket = new WebSocket(address(follower, 'größe'));
  const [, answer] = await within(10_000, 'an answer', once(socket, 'unexpected-response'));
  assert.equal(answer.statusCode, 307);
  assert.equal(answer.headers.location, address(leader, 'größe').replace('ws:', 'http:'));
  socket.on('error', () => {});
  socket.terminate();
});

test('ws with followRedirects', async () => {
  const follower = await cluster.follower();
  const socket = new WebSocket(address(follower, freshNamespace()), { followRedirects: true });
  await within(10_000, 'open', once(socket, 'open'));
  for (const [message, reply] of [
    ['{"action":"lock","resources":[{"type":"write","path":["a"]}]}', '{"id":"1","action":"lock","state":"acquired"}'],
    ['{"action":"release"}', '{"id":"1","action":"release","state":"ready"}'],
  ]) {
    socket.send(message);
    const [data, isBinary] = await within(10_000, 'a reply', once(socket, 'message'));
    assert.equal(data.toString(), reply);
    assert.equal(isBinary, false);
  }

  socket.close(1000, 'done');
  const [code] = await within(10_000, 'the answer to the close', once(socket, 'close'));
  assert.equal(code, 1000);
});

test("Python's websockets", { timeout: 60_000 }, async (t) => {
  const python = await pythonWithWebsockets();
  if (python === null) {
    t.skip('no python3 with websockets (Debian: python3-websockets)');
    return;
  }

  const follower = await cluster.follower();
  const { stdout } = await run(python, [script, address(follower, freshNamespace())], { timeout: 30_000 });
  const told = stdout.trim().split('\n');
  assert.deepEqual(told.slice(0, 4), ['1 lock acquired', '2 lock enqueued', '1 release ready', '2 lock acquired']);
  assert.match(told[4], /^closed 3000: .*lock.* not allowed.*release/);
});
