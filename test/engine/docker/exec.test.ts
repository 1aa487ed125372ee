// Commands in containers of a real engine: what only real processes show.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../../src/clock.ts';
import { DockerEngine } from '../../../src/engine/docker/docker-engine.ts';
import type { ContainerConfig } from '../../../src/engine/engine.ts';
import { containerConfig, sandboxConfig } from '../../contract/pods.ts';
import { code, message, value } from '../../contract/results.ts';
import { until } from '../../contract/until.ts';
import { dockerApi } from '../../setup/docker-api.ts';
import { ensureEngine } from '../../setup/engine.ts';
import { ensureImages } from '../../setup/images.ts';
import { scratchDirectory } from '../../setup/scratch.ts';

const identity = { name: 'exec-node', namespace: 'exec', uid: `uid-${process.pid}` };
let engine: DockerEngine;
let sandboxId: string;
let id: string;
let close: () => Promise<void>;

before(async () => {
  const testEngine = await ensureEngine(() => {});
  const images = await ensureImages(testEngine.endpoint);
  const docker = dockerApi(testEngine.endpoint);
  const owner = { nodeName: 'node', rootDir: join(scratchDirectory(), `exec-${process.pid}`) };
  const { endpoint } = testEngine;
  engine = new DockerEngine({ ...owner, endpoint, clock: systemClock, warn: () => {} });
  let available = false;
  engine.watch((event) => {
    if (event.type === 'engine') available = event.available;
  });
  engine.open();
  await until(() => available);
  close = async () => {
    engine.close();
    const ours = await docker.containers([`monopod.dev/root-dir=${owner.rootDir}`]);
    await Promise.all(ours.map(({ Id }) => docker.remove(Id)));
    await images.remove();
    await testEngine.close();
  };
  sandboxId = value(await engine.createSandbox(sandboxConfig(identity)));
  value(await engine.start(sandboxId));
  id = await run({});
});

after(() => close());

async function run(over: Partial<ContainerConfig>): Promise<string> {
  const created = value(await engine.createContainer(containerConfig(identity, sandboxId, 'runs', over)));
  value(await engine.start(created));
  return created;
}

const shell = (script: string, { timeoutMs = 0, probe = false, container = id } = {}) =>
  engine.exec(container, ['/bin/busybox', 'sh', '-c', script], { timeoutMs, probe });

/** Commands of processes of this machine that hold `text`; one that has ended and not been waited for has none. */
const processesWith = (text: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(text) ? command : [];
      } catch {
        return [];
      }
    });

test('a child in the background holds nothing up, with a timeout or without', async () => {
  const child = 'sleep 86123 & echo started; exit 7';
  assert.deepEqual(value(await shell(child)), { exitCode: 7, output: 'started\n' });
  assert.deepEqual(value(await shell(child, { timeoutMs: 1000 })), { exitCode: 7, output: 'started\n' });
  // They are the container's own by now.
  assert.equal(processesWith('sleep 86123').filter((command) => !command.includes('sh -c')).length, 2);
});

test('a command that times out is killed, with its children', async () => {
  const answer = shell('sleep 86124; echo never', { timeoutMs: 1500 });
  await until(() => processesWith('sleep 86124').length === 2);
  const late = await answer;
  assert.equal(code(late), 'ExecTimeout');
  assert.match(message(late), /^exec "\/bin\/busybox": timed out after 1.5 s$/);
  await until(() => processesWith('sleep 86124').length === 0);
});

test('a command that ignores SIGTERM is killed all the same', async () => {
  const late = await shell('trap "" TERM; while :; do sleep 0.1; : 86125; done', { timeoutMs: 700 });
  assert.equal(code(late), 'ExecTimeout');
  await until(() => processesWith('86125').length === 0);
});

test('it sees environment, user, groups and directory of its container, no terminal and no input', async () => {
  const container = await run({
    attempt: 1,
    env: [{ name: 'GREETING', value: 'good day' }],
    user: '1234:5678',
    workingDir: '/tmp',
  });
  const { output } = value(await shell('id -u; id -g; pwd; echo $GREETING; tty; cat', { container }));
  assert.deepEqual(output.split('\n'), ['1234', '5678', '/tmp', 'good day', 'not a tty', '']);
});

test('no more than eight probes run at once', async () => {
  // Each counts itself and its like.
  const count = 'mkdir /tmp/probe.$$; ls -d /tmp/probe.* | wc -l; sleep 0.5; rmdir /tmp/probe.$$';
  const probes = await Promise.all(
    Array.from({ length: 20 }, () => shell(count, { probe: true, timeoutMs: 60_000 })),
  );
  const counts = probes.map((probe) => Number(value(probe).output));
  assert.ok(Math.max(...counts) <= 8, counts.join(' '));
  assert.ok(Math.max(...counts) > 1, counts.join(' '));
});

test('32 MB of output are read to their end, and not kept', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heldBytes = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = heldBytes();
  const held: number[] = [];
  const sampling = setInterval(() => held.push(heldBytes() - before), 100);
  const outcome = value(await shell('head -c 33554432 /dev/zero | tr "\\0" x; sleep 0.3; exit 9'));
  clearInterval(sampling);
  assert.deepEqual(outcome, { exitCode: 9, output: 'x'.repeat(10_240) });
  // What is on its way, and what has not been swept up yet: on a busy machine some 7 MB.
  assert.ok(held.length > 0 && Math.max(...held) < 16e6, `${held} bytes held`);
});

test('a command in a container that is removed by force ends', async () => {
  const container = await run({ attempt: 2 });
  const hanging = shell('echo here; sleep 86126', { container });
  await until(() => processesWith('sleep 86126').length > 0);
  value(await engine.remove(container, true));
  const ended = await hanging;
  assert.ok(ended.ok ? ended.value.exitCode === 137 : ended.error.code === 'NoSuchContainer');
});
