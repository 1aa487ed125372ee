// A Docker Engine of our own under one temporary directory: its containerd, data, socket and bridge. Runs beside any
// other engine without touching it: no iptables rules, no docker0, no forwarding, no configuration file of the host.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dockerApi } from './docker-api.ts';
import { program } from './packages.ts';

export const enginePackages = ['docker.io', 'containerd', 'runc', 'iptables', 'busybox-static', 'catatonit'];

export type PrivateEngine = {
  /** As in DOCKER_HOST. Stays the same from start to start. */
  endpoint: string;
  /** dockerd's, 0 while it does not run. */
  pid(): number;
  /** Ends dockerd with SIGTERM and waits; containers go on running (live restore). */
  stop(): Promise<void>;
  /** Ends dockerd with SIGKILL and waits; containers go on running. */
  kill(): Promise<void>;
  /** After `stop` or `kill`: resolves when the engine answers. */
  start(): Promise<void>;
  /** SIGSTOP: connections are accepted and never answered. */
  pause(): void;
  resume(): void;
  /** Ends all: containers, dockerd, containerd, bridge, files. Happens too when this process ends, however it does. */
  remove(): Promise<void>;
};

const answersWithinMs = 60_000;

export async function startPrivateEngine(): Promise<PrivateEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'monopod-engine-'));
  const guard = startGuard(directory);
  try {
    const bridge = addBridge(directory);
    await startContainerd(directory);
    const engine = daemon(directory, bridge, guard);
    await engine.start();
    return engine;
  } catch (error) {
    const message = `${error instanceof Error ? error.message : error}\n${logTail(directory)}`;
    await endGuard(guard);
    throw new Error(message);
  }
}

/** A process that outlives this one, even its SIGKILL, by as long as it takes to remove the engine. */
function startGuard(directory: string): ChildProcess {
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'engine-guard.ts'), directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  // Neither the guard nor its pipe keeps this process alive.
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}

async function endGuard(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return;
  guard.ref();
  const ended = new Promise((resolve) => guard.once('exit', resolve));
  guard.stdin?.end();
  await ended;
}

function startDaemon(directory: string, name: string, args: string[]): ChildProcess {
  const path = program(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  const log = openSync(join(directory, `${name}.log`), 'a');
  // A session of its own: Ctrl-C is for the tests, which then end the engine in order.
  const child = spawn(path, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
  });
  closeSync(log);
  child.unref();
  writeFileSync(join(directory, `${name}.pid`), String(child.pid ?? 0));
  return child;
}

async function startContainerd(directory: string): Promise<void> {
  const config = join(directory, 'containerd.toml');
  writeFileSync(
    config,
    `version = 2
root = "${directory}/containerd/root"
state = "${directory}/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
address = "${directory}/containerd.sock"
`,
  );
  startDaemon(directory, 'containerd', ['--config', config]);
  await until('containerd', () => existsSync(join(directory, 'containerd.sock')));
}

function daemon(directory: string, bridge: string, guard: ChildProcess): PrivateEngine {
  const endpoint = `unix://${directory}/docker.sock`;
  const docker = dockerApi(endpoint);
  let child: ChildProcess | undefined;
  const running = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals) => {
    if (!child || !running()) return;
    child.ref();
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  mkdirSync(join(directory, 'data'), { recursive: true });
  writeFileSync(join(directory, 'daemon.json'), '{}');
  return {
    endpoint,
    pid: () => (running() ? (child?.pid ?? 0) : 0),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async start() {
      child = startDaemon(directory, 'dockerd', [
        `--config-file=${directory}/daemon.json`,
        `--host=${endpoint}`,
        `--data-root=${directory}/data`,
        `--exec-root=${directory}/exec`,
        `--pidfile=${directory}/docker.pid`,
        `--containerd=${directory}/containerd.sock`,
        `--bridge=${bridge}`,
        '--iptables=false',
        '--ip-forward=false',
        '--live-restore',
      ]);
      await until('dockerd', async () => {
        if (!running()) throw new Error('dockerd has ended');
        return docker.version().then(
          () => true,
          () => false,
        );
      });
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    remove: () => endGuard(guard),
  };
}

async function until(name: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + answersWithinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${name} does not answer after ${answersWithinMs / 1000} s`);
    await delay(50);
  }
}

function logTail(directory: string): string {
  return ['containerd.log', 'dockerd.log']
    .map((name) => join(directory, name))
    .filter((path) => existsSync(path))
    .map((path) => `${path}:\n${readFileSync(path, 'utf8').trim().split('\n').slice(-15).join('\n')}`)
    .join('\n');
}

/** A bridge named in `bridge` under the directory, on a subnet that no interface of this machine is in. */
function addBridge(directory: string): string {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((addresses = []) =>
      addresses.map(({ address }) => address.split('.').slice(0, 3).join('.')),
    ),
  );
  let subnet: string;
  do subnet = `10.${randomInt(100, 250)}.${randomInt(1, 250)}`;
  while (taken.has(subnet));
  const bridge = `mp${subnet.slice(3).replace('.', 'x')}`;
  writeFileSync(join(directory, 'bridge'), bridge);
  ip('link', 'add', 'name', bridge, 'type', 'bridge');
  ip('addr', 'add', `${subnet}.1/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  return bridge;
}

function ip(...args: string[]): void {
  const own = program('ip');
  const busybox = program('busybox');
  if (!own && !busybox) throw new Error('neither ip nor busybox is installed');
  const ran = own ? spawnSync(own, args) : spawnSync(busybox as string, ['ip', ...args]);
  if (ran.status !== 0) throw new Error(`ip ${args.join(' ')}: ${ran.stderr}`);
}
