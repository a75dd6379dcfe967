// Nodes as processes, for the tests of foreign clients: started on free ports with a temporary data folder,
// killed and removed in the end. The binary is the one of the Release build, or $RAFTLOCKS_NODE.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const binary = process.env.RAFTLOCKS_NODE ?? join(repository, 'src/Node/bin/Release/net10.0/raftlocks-node.dll');
const startBoundMs = 60_000;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

class NodeProcess {
  constructor(name, port, folder, args) {
    this.name = name;
    this.host = '127.0.0.1';
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.log = join(folder, `${name}.log`);
    this.args = args;
  }

  get isRunning() {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  start() {
    const child = spawn('dotnet', [binary, ...this.args], { cwd: dirname(this.log), stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(this.log, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.child = child;
    this.exited = new Promise((resolve) => child.once('close', (code, signal) => {
      running.delete(child);
      log.end(resolve({ code, signal }));
    }));
    running.add(child);
  }

  /** Ends the process with a signal and waits until it is gone. */
  async end(signal = 'SIGKILL') {
    if (this.isRunning) {
      this.child.kill(signal);
    }

    return await this.exited;
  }

  /** GET of a page: its status and body, or null when the node does not answer. */
  async get(path) {
    try {
      const answer = await fetch(this.url + path, { redirect: 'manual', signal: AbortSignal.timeout(2_000) });
      return { status: answer.status, body: await answer.text() };
    } catch {
      return null;
    }
  }

  async role() {
    const answer = await this.get('/v1/cluster');
    return answer?.status === 200 ? JSON.parse(answer.body).role : null;
  }

  async isReady() {
    if (!this.isRunning) {
      throw new Error(`${this.name} ended; its log:\n${readFileSync(this.log, 'utf8').slice(-4_000)}`);
    }

    return (await this.get('/health/ready'))?.status === 200;
  }
}

/** A cluster of real processes. */
export class Cluster {
  /** Starts `size` nodes and waits until each of them is ready. */
  static async start(size, ...settings) {
    if (!existsSync(binary)) {
      throw new Error(`${binary} is missing: dotnet build src/Node -c Release`);
    }

    const cluster = new Cluster();
    cluster.folder = mkdtempSync(join(tmpdir(), 'raftlocks-compat-'));
    const ports = await freePorts(size * 2);
    const members = Array.from({ length: size }, (_, i) => ['--member', `n${i + 1},127.0.0.1:${ports[size + i]},http://127.0.0.1:${ports[i]}`]).flat();
    cluster.nodes = Array.from({ length: size }, (_, i) => new NodeProcess(`n${i + 1}`, ports[i], cluster.folder, [
      '--name', `n${i + 1}`, '--listen', `http://127.0.0.1:${ports[i]}`, '--data', join(cluster.folder, `n${i + 1}`), ...members, ...settings,
    ]));
    cluster.nodes.forEach((node) => node.start());
    await cluster.ready();
    return cluster;
  }

  get running() {
    return this.nodes.filter((node) => node.isRunning);
  }

  async ready() {
    for (const node of this.running) {
      await eventually(`${node.name} is ready`, startBoundMs, () => node.isReady());
    }
  }

  leader() {
    return eventually('a leader that serves', startBoundMs, () => this.find('leader'));
  }

  follower() {
    return eventually('a follower that is ready', startBoundMs, () => this.find('follower'));
  }

  async find(role) {
    for (const node of this.running) {
      if ((await node.role()) === role && (await node.isReady())) {
        return node;
      }
    }

    return null;
  }

  async stop() {
    await Promise.all(this.nodes.map((node) => node.end()));
    if (process.env.COMPAT_KEEP) {
      console.log(`kept: ${this.folder}`);
    } else {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

// Below the range from which the kernel takes ports for outgoing connections, so they stay free until the node listens.
async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    if (await isFree(port)) {
      ports.add(port);
    }
  }

  return [...ports];
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
