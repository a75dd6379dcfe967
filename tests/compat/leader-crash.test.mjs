// The Locktopus client through the death of the leader: its lock outlives its connection for the abandon timeout,
// counted by the next leader, then passes on; nobody else holds it before.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, within } from './eventually.mjs';
import { Client, freshNamespace, write } from './locktopus.mjs';
import { Cluster } from './nodes.mjs';

const abandonTimeoutMs = 4_000;

let cluster;
before(async () => (cluster = await Cluster.start(3, '--follower-mode', 'proxy')), { timeout: 90_000 });
after(() => cluster?.stop());

// As an application does: try the nodes in turn until one serves.
function reconnect(client, nodes) {
  let next = 0;
  return eventually('a node that serves', 30_000, async () => {
    const { host, port } = nodes[next++ % nodes.length];
    client.inner.address = client.inner.address.replace(/\/\/[^/]*\//, `//${host}:${port}/`);
    return client.connect().then(() => true, () => false);
  });
}

test('a held lock, a waiting one and a free one through kill -9 of the leader', { timeout: 120_000 }, async () => {
  const namespace = freshNamespace();
  const [leader, follower] = await Promise.all([cluster.leader(), cluster.follower()]);
  const [holder, waiter, proxied] = [
    await Client.connect(leader, namespace, abandonTimeoutMs),
    await Client.connect(leader, namespace, abandonTimeoutMs),
    await Client.connect(follower, namespace, abandonTimeoutMs),
  ];
  assert.equal(await holder.lock(write('a')), true);
  assert.equal(await waiter.lock(write('a')), false);
  assert.equal(await proxied.lock(write('b')), true);
  const heldId = BigInt(holder.id);

  const killed = performance.now();
  await leader.end('SIGKILL');
  await within(10_000, 'all connections end, the one through the follower too', Promise.all([holder.closed, waiter.closed, proxied.closed]));

  const survivors = cluster.running;
  await Promise.all([reconnect(waiter, survivors), reconnect(proxied, survivors)]);
  const servedMs = performance.now() - killed;

  // The dead connection's lock is still held: the first to ask waits its full timeout.
  assert.equal(await waiter.lock(write('a')), false, 'the lock of the dead connection must not have passed on yet');
  assert.ok(BigInt(waiter.id) > heldId, 'ids count on across the election');
  assert.equal(await proxied.lock(write('c')), true);
  await proxied.release();
  assert.equal(await waiter.acquire(), true);
  const passedOnMs = performance.now() - killed;
  console.log(`served again after ${servedMs.toFixed(0)} ms, the lock passed on after ${passedOnMs.toFixed(0)} ms`);
  assert.ok(passedOnMs >= abandonTimeoutMs, `passed on after ${passedOnMs} ms`);
  assert.ok(passedOnMs < servedMs + abandonTimeoutMs + 10_000, `passed on only after ${passedOnMs} ms`);

  leader.start();
  await cluster.ready();
  await waiter.release();
  [waiter, proxied].forEach((client) => client.close());
});
