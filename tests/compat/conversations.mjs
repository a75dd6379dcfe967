// What every unmodified Locktopus client may count on, whichever node it is given: registered as tests for one target.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, within } from './eventually.mjs';
import { Client, freshNamespace, read, write } from './locktopus.mjs';

/** Registers the tests; `target` gives the node to connect to. */
export function conversations(target) {
  test('a lock, acquired at once, then released; twice on one connection', async () => {
    const client = await Client.connect(await target(), freshNamespace());
    assert.equal(await client.lock(write('group_x', 'entity_a'), read('group_y')), true);
    assert.equal(client.state, 'acquired');
    assert.equal(client.id, '1');
    await client.release();
    assert.equal(client.state, 'ready');
    assert.equal(await client.lock(write('a')), true);
    assert.equal(client.id, '2');
    await client.release();
    assert.deepEqual(client.replies, [
      '{"id":"1","action":"lock","state":"acquired"}',
      '{"id":"1","action":"release","state":"ready"}',
      '{"id":"2","action":"lock","state":"acquired"}',
      '{"id":"2","action":"release","state":"ready"}',
    ]);
    client.close();
  });

  test('conflicting locks are granted in order, those that share are not delayed', async () => {
    const namespace = freshNamespace();
    const node = await target();
    const [holder, reader1, reader2, writer, apart] = await Promise.all(Array.from({ length: 5 }, () => Client.connect(node, namespace)));
    assert.equal(await holder.lock(write('a')), true);
    assert.equal(await reader1.lock(read('a', 'b')), false);
    assert.equal(await reader2.lock(read('a')), false);
    assert.equal(await writer.lock(write('a', 'b')), false);
    assert.equal(await apart.lock(write('ab')), true);

    const writerAcquires = writer.acquire();
    const readersAcquire = Promise.all([reader1.acquire(), reader2.acquire()]);
    await holder.release();
    assert.deepEqual(await readersAcquire, [true, true]);
    await reader1.release();
    assert.equal(writer.state, 'enqueued');
    await reader2.release();
    assert.equal(await writerAcquires, true);
    [holder, reader1, reader2, writer, apart].forEach((client) => client.close());
  });

  test('a release while waiting gives up the place in the queue', async () => {
    const namespace = freshNamespace();
    const node = await target();
    const [holder, impatient, next] = await Promise.all(Array.from({ length: 3 }, () => Client.connect(node, namespace)));
    assert.equal(await holder.lock(read('a')), true);
    assert.equal(await impatient.lock(write('a')), false);
    const gaveUp = impatient.acquire();
    await impatient.release();
    assert.equal(await gaveUp, false);
    assert.equal(await next.lock(read('a')), true);
    [holder, impatient, next].forEach((client) => client.close());
  });

  test('a release that crosses the grant on its way', async () => {
    const namespace = freshNamespace();
    const node = await target();
    const [one, other] = await Promise.all([Client.connect(node, namespace), Client.connect(node, namespace)]);
    for (let i = 0; i < 50; i++) {
      assert.equal(await one.lock(write('a')), true);
      assert.equal(await other.lock(write('a')), false);
      await Promise.all([one.release(), other.release()]);
    }

    [one, other].forEach((client) => client.close());
  });

  test('ten clients take turns a hundred times; never two at once', async () => {
    const namespace = freshNamespace();
    const node = await target();
    let holders = 0;
    const ids = [];
    await Promise.all(Array.from({ length: 10 }, async () => {
      const client = await Client.connect(node, namespace);
      for (let i = 0; i < 10; i++) {
        if (!(await client.lock(write('a')))) {
          assert.equal(await client.acquire(), true);
        }

        assert.equal(++holders, 1);
        ids.push(Number(client.id));
        await new Promise((resolve) => setImmediate(resolve));
        holders--;
        await client.release();
      }

      client.close();
    }));
    assert.deepEqual(ids, Array.from({ length: 100 }, (_, i) => i + 1));
  });

  for (const [how, end] of [['is closed', (client) => client.close()], ['breaks', (client) => client.break()]]) {
    test(`a connection that ${how} keeps its lock for the abandon timeout, no longer`, async () => {
      const namespace = freshNamespace();
      const node = await target();
      const [holder, next] = await Promise.all([Client.connect(node, namespace, 1_500), Client.connect(node, namespace)]);
      assert.equal(await holder.lock(write('a')), true);
      assert.equal(await next.lock(write('a')), false);
      const ended = performance.now();
      end(holder);
      assert.equal(await next.acquire(), true);
      const tookMs = performance.now() - ended;
      assert.ok(tookMs > 1_450 && tookMs < 5_000, `after ${tookMs} ms`);
      next.close();
    });
  }

  test('a client that closes can connect again', async () => {
    const client = await Client.connect(await target(), freshNamespace(), 0);
    assert.equal(await client.lock(write('a')), true);
    client.close();

    // The client takes a late end of its old connection for one of the new: wait for it, as its users must.
    await client.closed;
    await client.connect();
    if (!(await client.lock(write('a')))) {
      assert.equal(await client.acquire(), true);
    }

    await client.release();
    client.close();
  });

  test('namespaces and paths beyond ASCII', async () => {
    const namespace = `${freshNamespace()}-größe-😀`;
    const node = await target();
    const [one, other] = await Promise.all([Client.connect(node, namespace), Client.connect(node, namespace)]);
    assert.equal(await one.lock(write('schlüssel', '😀', '')), true);
    assert.equal(await other.lock(read('schlüssel', '😀')), false);
    await one.release();
    assert.equal(await other.acquire(), true);
    [one, other].forEach((client) => client.close());
  });

  test('a mistake closes the connection with 3000 and a reason, and its lock lives on for its timeout', async () => {
    const namespace = freshNamespace();
    const node = await target();
    const [holder, next] = await Promise.all([Client.connect(node, namespace, 500), Client.connect(node, namespace)]);
    assert.equal(await holder.lock(write('a')), true);
    assert.equal(await next.lock(write('a')), false);
    holder.inner.ws.send('{"action":"unlock"}');
    const { code, reason } = await holder.closed;
    assert.equal(code, 3000);
    assert.match(reason, /unlock.*release/);
    assert.equal(await next.acquire(), true);
    next.close();
  });

  const lock = (path) => `{"action":"lock","resources":[{"type":"write","path":${path}}]}`;
  for (const [mistake, message, code, reason] of [
    ['a binary message', Buffer.from(lock('["a"]')), 3000, /binary/],
    ['two values in one message', `${lock('["a"]')}${lock('["a"]')}`, 3000, /one JSON object/],
    ['a path that is a string', lock('"a/b"'), 3000, /path is a string: send an array/],
    ['a missing path', '{"action":"lock","resources":[{"type":"write"}]}', 3000, /path is missing/],
    ['no resources', '{"action":"lock","resources":[]}', 3000, /resources is empty/],
    ['a release of nothing', '{"action":"release"}', 3000, /not allowed now/],
    ['text that is not UTF-8', { invalid: Buffer.from([0x22, 0xff, 0x22]) }, 1007, /.*/],
    ['100 000 segments', lock(`[${Array(100_000).fill('"a"')}]`), 1009, /too large/],
    ['a segment of 10 MB', lock(`["${'a'.repeat(10_000_000)}"]`), 1009, /too large/],
  ]) {
    test(`${mistake} closes the connection with ${code}`, async () => {
      const node = await target();
      const client = await Client.connect(node, freshNamespace());
      client.inner.ws.send(message.invalid ?? message, { binary: mistake.includes('binary') });
      const ended = await within(10_000, 'the connection ends', client.closed);
      assert.equal(ended.code, code);
      assert.match(ended.reason, reason);
    });
  }

  test('500 pairs of lock and release sent ahead are answered in order', async () => {
    const client = await Client.connect(await target(), freshNamespace());
    for (let i = 0; i < 500; i++) {
      client.inner.ws.send(lock('["a"]'));
      client.inner.ws.send('{"action":"release"}');
    }

    await eventually('1000 replies', 20_000, () => client.replies.length === 1_000);
    assert.deepEqual(client.replies, Array.from({ length: 500 }, (_, i) => [
      `{"id":"${i + 1}","action":"lock","state":"acquired"}`,
      `{"id":"${i + 1}","action":"release","state":"ready"}`,
    ]).flat());
    client.close();
  });
}
