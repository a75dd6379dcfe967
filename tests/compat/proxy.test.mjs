// The Locktopus client against a follower of three nodes, which forwards its connections to the leader; and a lock
// held for a minute and a half without a word, which lives on pings alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { conversations } from './conversations.mjs';
import { Client, freshNamespace, write } from './locktopus.mjs';
import { Cluster } from './nodes.mjs';

const holdMs = Number(process.env.COMPAT_HOLD_MS ?? 90_000);

let cluster;
before(async () => (cluster = await Cluster.start(3, '--follower-mode', 'proxy')), { timeout: 90_000 });
after(() => cluster?.stop());

conversations(() => cluster.follower());

test(`a lock held, and one awaited, for ${holdMs / 1000} s without a message`, { timeout: holdMs + 60_000 }, async () => {
  const [leader, follower] = await Promise.all([cluster.leader(), cluster.follower()]);
  await Promise.all([leader, follower].map(async (node) => {
    // A timeout of 0: were the connection thought gone even for a moment, the lock would be.
    const namespace = freshNamespace();
    const [holder, waiter] = await Promise.all([Client.connect(node, namespace, 0), Client.connect(node, namespace, 0)]);
    assert.equal(await holder.lock(write('a')), true);
    assert.equal(await waiter.lock(write('a')), false);
    const since = performance.now();
    await sleep(holdMs);
    assert.equal(holder.inner.isAcquired(), true);
    assert.equal(waiter.state, 'enqueued');
    for (const client of [holder, waiter]) {
      assert.ok(longestGap(since, client.pings) < 16_000, `${node.name}: a ping is due every 10 s; they came after ${client.pings.map((at) => Math.round(at - since))} ms`);
    }

    await holder.release();
    assert.equal(await waiter.acquire(), true);
    await waiter.release();
    [holder, waiter].forEach((client) => client.close());
  }));
});

function longestGap(since, times) {
  const moments = [since, ...times, performance.now()];
  return Math.max(...moments.slice(1).map((moment, i) => moment - moments[i]));
}
