// The unmodified Locktopus client, and what a careful user of it adds: a bound on each wait, and a look at how
// its connection ended. (Its own promises stay pending for ever when the connection ends under them.)
import locktopus from '@locktopus/client';
import WebSocket from 'ws';
import { within } from './eventually.mjs';

const boundMs = 20_000;

export const read = (...path) => ({ type: 'read', path });
export const write = (...path) => ({ type: 'write', path });

let namespaces = 0;

/** A namespace of a test's own. */
export const freshNamespace = () => `compat-${process.pid}-${++namespaces}`;

export class Client {
  constructor(node, namespace, abandonTimeoutMs) {
    this.inner = new locktopus.LocktopusClient(WebSocket, { host: node.host, port: node.port, namespace, secure: false, abandonTimeoutMs });
    this.messages = [];
    this.pings = [];
  }

  static async connect(node, namespace, abandonTimeoutMs) {
    const client = new Client(node, namespace, abandonTimeoutMs);
    await client.connect();
    return client;
  }

  async connect() {
    await within(boundMs, 'connect', this.inner.connect());
    const socket = this.inner.ws;
    this.inner.onMessage((message) => this.messages.push(message));
    socket.on('ping', () => this.pings.push(performance.now()));
    this.closed = new Promise((resolve) => socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })));
  }

  get state() {
    return this.inner.getState();
  }

  get id() {
    return this.inner.getLockId();
  }

  get replies() {
    return this.messages.filter((message) => message.direction === 'in').map((message) => message.data);
  }

  lock(...resources) {
    return within(boundMs, 'the reply to lock', this.inner.lock(...resources));
  }

  acquire() {
    return within(boundMs, 'acquired', this.inner.acquire());
  }

  release() {
    return within(boundMs, 'the reply to release', this.inner.release());
  }

  close() {
    this.inner.close();
  }

  /** Breaks the connection without a close frame. */
  break() {
    this.inner.ws.terminate();
  }
}
