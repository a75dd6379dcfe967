// The Locktopus client against one node.
import { after, before } from 'node:test';
import { conversations } from './conversations.mjs';
import { Cluster } from './nodes.mjs';

let cluster;
before(async () => (cluster = await Cluster.start(1)), { timeout: 90_000 });
after(() => cluster?.stop());

conversations(() => cluster.leader());
