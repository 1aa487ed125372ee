// A root directory and a log directory of a test's own, for the Pod u1. What is mounted there is undone. Needs root.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import type { PodIdentity } from '../../src/engine/engine.ts';
import type { Result } from '../../src/errors.ts';
import { cleanHost, prepareHost } from '../../src/host/prepare.ts';
import { mountsOf } from '../../src/host/volumes/container-mounts.ts';
import type { PodSpec, Volume, VolumeMount } from '../../src/kubernetes/pod.ts';
import { container, staticPod } from '../pod/pods.ts';

export const identity: PodIdentity = { name: 'web-node', namespace: 'default', uid: 'u1' };

export const node = { capacity: { memory: '8Gi' }, allocatable: { memory: '4Gi' } };

class Scratch {
  base = '';

  make(): void {
    // A blank and more in the path, as the kernel writes these in its own way.
    this.base = mkdtempSync(join(tmpdir(), 'kt höst-'));
    mkdirSync(this.rootDir);
  }

  remove(): void {
    for (const path of this.mounts().reverse()) execFileSync('umount', [path]);
    rmSync(this.base, { recursive: true, force: true });
  }

  get rootDir(): string {
    return join(this.base, 'root');
  }

  get podDir(): string {
    return join(this.rootDir, 'pods/u1');
  }

  get logs(): string {
    return join(this.base, 'logs');
  }

  get host() {
    return { rootDir: this.rootDir, podLogsDir: this.logs, node };
  }

  at = (name: string): string => join(this.base, name);

  emptyDir = (name: string): string => join(this.podDir, 'volumes/kubernetes.io~empty-dir', name);

  /** What is mounted below, in its order. */
  mounts(): string[] {
    return this.mountLines().map(({ path }) => path);
  }

  mountLines(): { path: string; text: string }[] {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((text) => ({ path: (text.split(' ')[4] ?? '').replaceAll('\\040', ' '), text }))
      .filter(({ path }) => path.startsWith(`${this.base}/`));
  }

  prepare = (volumes: Volume[], spec: Partial<PodSpec> = {}): Promise<Result<undefined>> =>
    prepareHost(this.host, identity, staticPod('u1', { volumes, ...spec }).pod);

  prepared = async (...volumes: Volume[]): Promise<void> => {
    const result = await this.prepare(volumes);
    assert.ok(result.ok, JSON.stringify(result));
  };

  clean = (): Promise<Result<undefined>> => cleanHost(this.host, identity);

  /** Of a container `main` that mounts the volume at /m. */
  mountsFor(
    mount: Partial<VolumeMount> | Partial<VolumeMount>[],
    volume: Volume,
    environment: ReadonlyMap<string, string> = new Map(),
  ) {
    const volumeMounts = [mount].flat().map((more) => ({ name: 'v', mountPath: '/m', ...more }));
    const { pod } = staticPod('u1', { volumes: [volume] });
    return mountsOf(this.rootDir, 'u1', pod, container('main', { volumeMounts }), environment);
  }
}

/** Made anew for each test of the file. */
export function scratch(): Scratch {
  const made = new Scratch();
  beforeEach(() => made.make());
  afterEach(() => made.remove());
  return made;
}

export const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

export const tmpfs = (path: string): void => {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path]);
};

/** Somebody works in there, until the answer is called. */
export function occupy(cwd: string): () => Promise<void> {
  const process = spawn('sleep', ['60'], { cwd });
  const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  return () => {
    process.kill('SIGKILL');
    return ended;
  };
}

/** Whatever the umask is. */
export async function withUmask<T>(umask: number, work: () => Promise<T>): Promise<T> {
  const before = process.umask(umask);
  try {
    return await work();
  } finally {
    process.umask(before);
  }
}
