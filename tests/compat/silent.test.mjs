// Clients that hold a lock and read nothing for longer than the ping and abandon timeouts together: through the leader and through a follower that
// forwards, with a library that is blocked, with one that is paused, and with a process that is stopped.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { eventually, within } from './eventually.mjs';
import { freshNamespace } from './locktopus.mjs';
import { Cluster } from './nodes.mjs';
import { pythonWithWebsockets } from './python.mjs';

const pingTimeoutMs = 2_000;
const deafMs = 8_000;

let cluster;
before(
  async () => (cluster = await Cluster.start(3, '--follower-mode', 'proxy', '--ping-interval-ms', '500', '--ping-timeout-ms', `${pingTimeoutMs}`)),
  { timeout: 90_000 },
);
after(() => cluster?.stop());

const address = (node, namespace, more = '') => `ws://127.0.0.1:${node.port}/v1?namespace=${namespace}&abandon-timeout-ms=0${more}`;
const write = '{"action":"lock","resources":[{"type":"write","path":["a"]}]}';

// A connection without a library, after its handshake; it is paused.
async function handshake(node) {
  const socket = net.connect(node.port, '127.0.0.1');
  const chunks = [];
  const hear = (chunk) => chunks.push(chunk);
  socket.on('data', hear);
  socket.write(
    `GET /v1?namespace=${freshNamespace()} HTTP/1.1\r\nHost: 127.0.0.1:${node.port}\r\nConnection: Upgrade\r\nUpgrade: h2c, websocket\r\n`
      + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await eventually('the handshake', 10_000, async () => Buffer.concat(chunks).includes('\r\n\r\n'));
  assert.match(Buffer.concat(chunks).toString('latin1'), /^HTTP\/1\.1 101 /);
  socket.off('data', hear);
  socket.pause();
  return socket;
}

async function open(node, namespace, more) {
  const socket = new WebSocket(address(node, namespace, more));
  socket.on('error', () => {});
  await within(10_000, 'open', once(socket, 'open'));
  return socket;
}

async function ask(socket, message) {
  socket.send(message);
  const [data] = await within(10_000, 'a reply', once(socket, 'message'));
  return JSON.parse(data.toString()).state;
}

/** The row of the only holder, as GET /v1/locks of the leader has it. */
async function holderRow(namespace) {
  const leader = await cluster.leader();
  const { body } = await leader.get(`/v1/locks?namespace=${namespace}&state=acquired`);
  return JSON.parse(body).requests[0];
}

for (const where of ['leader', 'follower']) {
  test(`Python that is blocked while it holds, through the ${where}`, { timeout: 60_000 }, async (t) => {
    const python = await pythonWithWebsockets();
    if (python === null) {
      t.skip('no python3 with websockets (Debian: python3-websockets)');
      return;
    }

    const [node, leader, namespace] = [await cluster[where](), await cluster.leader(), freshNamespace()];
    const script = new URL('silent_client.py', import.meta.url).pathname;
    const client = spawn(python, [script, address(node, namespace), `${deafMs / 1000}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    const told = [];
    createInterface({ input: client.stdout }).on('line', (line) => told.push(line));
    await eventually('it holds', 20_000, async () => told.length === 1);
    const waiter = await open(leader, namespace);
    assert.equal(await ask(waiter, write), 'enqueued');
    const granted = once(waiter, 'message');
    await eventually('it is shown as silent', 20_000, async () => (await holderRow(namespace)).silentMs > pingTimeoutMs);

    await within(40_000, 'the grant', granted);

    // Not before it gave the lock up by itself, which it was told too.
    await eventually('it ends', 20_000, async () => client.exitCode === 0);
    assert.deepEqual(told, ['acquired', 'ready', '4001']);
    waiter.close();
  });

  test(`ws that is paused, and a whole connection whose answers nobody takes, through the ${where}`, { timeout: 60_000 }, async () => {
    const [node, leader, namespace] = [await cluster[where](), await cluster.leader(), freshNamespace()];
    const holder = await open(node, namespace);
    assert.equal(await ask(holder, write), 'acquired');
    holder.pause();
    const waiter = await open(leader, namespace);
    assert.equal(await ask(waiter, write), 'enqueued');
    let granted = false;
    waiter.once('message', () => (granted = true));

    await sleep(deafMs);

    assert.equal(granted, false);
    holder.resume();
    assert.equal(await ask(holder, '{"action":"release"}'), 'ready');
    await eventually('the grant', 20_000, async () => granted);
    [holder, waiter].forEach((socket) => socket.terminate());
  });

  test(`an extended connection that answers no pings is ended, through the ${where}`, { timeout: 60_000 }, async () => {
    const [node, leader, namespace] = [await cluster[where](), await cluster.leader(), freshNamespace()];
    const holder = await open(node, namespace, '&extensions=1');
    assert.equal(await ask(holder, write), 'acquired');
    holder.pause();
    const waiter = await open(leader, namespace);
    assert.equal(await ask(waiter, write), 'enqueued');

    await within(20_000, 'the grant', once(waiter, 'message'));

    [holder, waiter].forEach((socket) => socket.terminate());
  });

  test(`a list of upgrades is understood, and a close with FIN behind it is answered with its own code, through the ${where}`, { timeout: 30_000 }, async () => {
    const socket = await handshake(await cluster[where]());
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk)).resume();

    // A masked close with 4321; the mask is zero.
    socket.end(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x10, 0xe1]));
    await within(5_000, 'the end', once(socket, 'close'));

    assert.deepEqual([...Buffer.concat(chunks)], [0x88, 0x02, 0x10, 0xe1]);
  });

  test(`a client that writes a message of 10 MB to its end before it reads learns that it was too large, through the ${where}`, { timeout: 30_000 }, async () => {
    const socket = await handshake(await cluster[where]());
    const message = Buffer.alloc(10_000_000, 'a');
    const header = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(message.length, 6);
    let failure;
    socket.on('error', (error) => (failure = error));

    socket.write(header);
    for (let sent = 0; sent < message.length && !failure; sent += 500_000) {
      await new Promise((resolve) => socket.write(message.subarray(sent, sent + 500_000), resolve));
      await sleep(20);
    }

    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk)).resume();
    await within(5_000, 'the close', eventually('the close', 5_000, async () => chunks.length > 0));
    assert.deepEqual([...Buffer.concat(chunks).subarray(2, 4)], [0x03, 0xf1]);
    assert.match(Buffer.concat(chunks).toString(), /too large/);
    assert.equal(failure, undefined);
    socket.destroy();
  });
}
