// What probes must not do: outlive their containers, hold up anything else, be too many at once, end with monopod, or
// turn a Pod's status when monopod is started anew.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { lifeIn, livesOf } from './harness/lives.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import {
  asked,
  askedAgain,
  deafServer,
  http,
  ready,
  restarted,
  startServed,
  unready,
} from './harness/probed.ts';
import { conditionOf, statusOf } from './harness/seen.ts';
import { throughout, until } from './harness/until.ts';

/** So many exec probes run at once on a node. */
const execProbesMax = 8;
/** No probe with it ends by itself in a test. */
const endless = { periodSeconds: 1, timeoutSeconds: 600 };

/** On this host: those whose command line is just this. */
function processes(...command: string[]): string[] {
  const wanted = `${command.join('\0')}\0`;
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8') === wanted;
    } catch {
      return false;
    }
  });
}

describe('bounds of probes', { concurrency: 4 }, () => {
  test('exec probes are bounded in number across the node; what waits for its turn holds up nothing else', async (t) => {
    const node = await startNode(t);
    const gate = join(node.scratch, 'gate');
    const running = join(gate, 'running');
    mkdirSync(running, { recursive: true });
    const volumes = [{ name: 'gate', hostPath: { path: gate } }];
    const volumeMounts = [{ name: 'gate', mountPath: '/gate' }];
    const script = (name: string) =>
      `touch /gate/running/${name}; until [ -e /gate/open ]; do sleep 0.2; done; rm /gate/running/${name}`;
    const names = ['one', 'two', 'three', 'four'];
    for (const podName of names) {
      const containers = names.map((name) =>
        shell(undefined, {
          name,
          volumeMounts,
          readinessProbe: {
            ...endless,
            periodSeconds: 600,
            exec: { command: ['sh', '-c', script(`${podName}-${name}`)] },
          },
        }),
      );
      await node.write(`${podName}.yaml`, pod(podName, { volumes, containers }));
    }
    const count = () => readdirSync(running).length;
    for (const name of names) await node.running(name);
    await until('as many as may run do', () => count() === execProbesMax, {
      seen: () => readdirSync(running),
    });
    await throughout('no more than that', 1_500, () => count() <= execProbesMax);

    const postStart = { exec: { command: ['touch', '/gate/hooked'] } };
    const hooked = shell(undefined, { volumeMounts, lifecycle: { postStart }, readinessProbe: http('') });
    await node.write('hooked.yaml', pod('hooked', { volumes, containers: [hooked] }));
    await node.running('hooked');
    assert.ok(existsSync(join(gate, 'hooked')), 'a hook does not wait for probes');
    await node.remove('one.yaml');
    await node.gone('one');
    for (const name of readdirSync(running).filter((other) => other.startsWith('one-')))
      rmSync(join(running, name));
    await until('others have taken their places', () => count() === execProbesMax);
    await throughout('no more than that', 1_000, () => count() <= execProbesMax);

    writeFileSync(join(gate, 'open'), '');
    for (const name of names.slice(1)) {
      await node.shows(name, 'is ready', (shown) => conditionOf(shown, 'Ready')?.status === 'True');
    }
  });

  test('after a restart of monopod the probes of many containers are spread over their period', async (t) => {
    const { node, server } = await startServed(t);
    const periodSeconds = 6;
    const names = ['a', 'b', 'c', 'd', 'e'];
    const others = names.map((name) =>
      shell(undefined, { name, startupProbe: http('up'), readinessProbe: http(name, { periodSeconds }) }),
    );
    await node.write(
      'web.yaml',
      pod('web', { volumes: server.volumes, containers: [server.container(), ...others] }),
    );
    for (const name of names) await ready(node, 'web', name);
    await node.kill();
    const counts = new Map(names.map((name) => [name, server.asked(name).length]));
    await node.start();
    for (const name of names) await asked(server, name, (counts.get(name) ?? 0) + 1);
    const timesMs = names.map((name) => server.asked(name)[counts.get(name) ?? 0]?.atMs ?? Number.NaN);
    const spreadMs = Math.max(...timesMs) - Math.min(...timesMs);
    // As the lot has it, half of the period at least.
    assert.ok(spreadMs > (periodSeconds * 1000) / 4, `all within ${spreadMs} ms`);
  });

  test('while a Pod stops it is not ready, whatever readiness says, which goes on being asked; liveness is not', async (t) => {
    const { node, server } = await startServed(t, { gated: true });
    const main = server.container({
      startupProbe: http('startup'),
      readinessProbe: http('readiness'),
      livenessProbe: http('liveness', { failureThreshold: 1, terminationGracePeriodSeconds: 1 }),
    });
    await node.write(
      'web.yaml',
      pod('web', { terminationGracePeriodSeconds: 120, volumes: server.volumes, containers: [main] }),
    );
    await ready(node, 'web');
    await asked(server, 'liveness', 1);
    await node.remove('web.yaml');
    await until('it has got its signal', async () => (await lifeIn(node, 'web')).signals.length > 0);
    const stopping = await unready(node, 'web');
    assert.equal(conditionOf(stopping, 'Ready')?.status, 'False');
    assert.equal(statusOf(stopping, 'main').started, true);
    // One that was under way may still come.
    await askedAgain(server, 'readiness', 1);
    server.say('liveness', '503');
    const before = server.asked('liveness').length;
    await askedAgain(server, 'readiness', 4);
    assert.equal(server.asked('liveness').length, before);
    assert.ok(server.asked('readiness').every(({ gave }) => gave === '200'));
    assert.equal(statusOf((await node.pod('web')) as Pod, 'main').ready, false);
    assert.deepEqual(
      (await lifeIn(node, 'web')).signals.map(({ signal }) => signal),
      ['15'],
      "the Pod's grace, not the probe's",
    );
    server.open();
    await node.gone('web');
  });

  test('a container that starts again is not ready before it is asked, and not started', async (t) => {
    const { node, server } = await startServed(t);
    const main = server.container({
      startupProbe: http('startup'),
      readinessProbe: http('readiness'),
    });
    await node.write('web.yaml', pod('web', { volumes: server.volumes, containers: [main] }));
    await ready(node, 'web');
    server.say('startup', '503');
    server.say('readiness', '503');
    await node.docker.kill((await node.container('web')).Id);
    const shown = await restarted(node, 'web');
    assert.equal(statusOf(shown, 'main').started, false);
    await askedAgain(server, 'startup', 2);
    server.say('startup', '200');
    const started = await node.shows('web', 'has started', (seen) => statusOf(seen, 'main').started === true);
    assert.equal(statusOf(started, 'main').ready, false);
    server.say('readiness', '200');
    await ready(node, 'web');
  });

  test('killed and started again, monopod keeps Ready as it was and started as it is, and goes on asking', async (t) => {
    const { node, server } = await startServed(t);
    const main = server.container({
      startupProbe: http('startup'),
      readinessProbe: http('readiness', { failureThreshold: 1 }),
      livenessProbe: http('liveness'),
    });
    await node.write('web.yaml', pod('web', { volumes: server.volumes, containers: [main] }));
    const before = await ready(node, 'web');
    await askedAgain(server, 'readiness', 2);
    await node.kill();
    const startups = server.asked('startup').length;
    const [readinesses, livenesses] = [server.asked('readiness').length, server.asked('liveness').length];
    server.say('startup', '503');
    await node.start();
    const same = (shown: Pod | undefined) => {
      if (!shown) return true;
      const { ready: isReady, started, restartCount } = statusOf(shown, 'main');
      assert.deepEqual({ isReady, started, restartCount }, { isReady: true, started: true, restartCount: 0 });
      assert.deepEqual(conditionOf(shown, 'Ready'), conditionOf(before, 'Ready'));
      return true;
    };
    await throughout('it is as it was', 1_500, async () => same(await node.pod('web')));
    await asked(server, 'readiness', readinesses + 2);
    await asked(server, 'liveness', livenesses + 2);
    assert.ok(same(await node.running('web')));
    assert.equal(server.asked('startup').length, startups, 'startup is over');
    server.say('readiness', '503');
    await unready(node, 'web');
  });

  test('a hanging probe delays nothing: neither the others of its container and Pod, nor other Pods, nor removal', async (t) => {
    const { node, server } = await startServed(t);
    server.say('hangs', 'hang');
    const command = ['sleep', `${600 + Math.random()}`];
    const containers = [
      server.container({ readinessProbe: http('hangs', endless), livenessProbe: http('liveness') }),
      shell(undefined, {
        name: 'other',
        readinessProbe: http('other', { failureThreshold: 1 }),
        livenessProbe: { ...endless, exec: { command } },
      }),
    ];
    await node.write('web.yaml', pod('web', { volumes: server.volumes, containers }));
    await asked(server, 'hangs', 1);
    await ready(node, 'web', 'other');
    await until('the command runs', () => processes(...command).length === 1);
    await askedAgain(server, 'liveness', 2);
    server.say('other', '503');
    await unready(node, 'web', 'other');
    await node.write(
      'beside.yaml',
      pod('beside', { containers: [shell(undefined, { readinessProbe: { exec: { command: ['true'] } } })] }),
    );
    await ready(node, 'beside');

    assert.equal(server.asked('hangs').length, 1, 'one at a time');
    assert.deepEqual([server.closed('hangs').length, processes(...command).length], [0, 1]);
    await node.remove('web.yaml');
    await node.gone('web');
    assert.equal(processes(...command).length, 0);
    for (const { signals, diedMs, exitCode } of await livesOf(node, 'web')) {
      assert.deepEqual(
        signals.map(({ signal }) => signal),
        ['15'],
      );
      assert.ok(diedMs - (signals[0]?.timeMs ?? 0) < 25_000);
      assert.equal(exitCode, 0);
    }
  });

  for (const [what, spec] of [
    ['in namespaces of its own', {}],
    ["in its Pod's process namespace", { shareProcessNamespace: true }],
    ["in the host's namespaces", { hostPID: true, hostNetwork: true }],
  ] as const) {
    test(`nothing of a probe outlives its container ${what}`, async (t) => {
      const deaf = await deafServer(t, '0.0.0.0');
      const node = await startNode(t);
      const command = ['sleep', `${600 + Math.random()}`];
      const get = { httpGet: { host: '127.0.0.1', port: deaf.port } };
      const ask = 'hostNetwork' in spec ? { grpc: { port: deaf.port } } : get;
      const containers = [
        shell(undefined, {
          readinessProbe: { ...endless, ...get },
          livenessProbe: { ...endless, ...ask },
          startupProbe: { ...endless, exec: { command: ['true'] } },
        }),
        shell(undefined, { name: 'exec', readinessProbe: { ...endless, exec: { command } } }),
      ];
      await node.write('web.yaml', pod('web', { ...spec, restartPolicy: 'Never', containers }));
      await until('it is connected to', () => deaf.sockets.length === 2);
      await until('the command runs', () => processes(...command).length === 1);
      for (const name of ['main', 'exec']) await node.docker.kill((await node.container('web', name)).Id);
      await until('the command is gone', () => processes(...command).length === 0);
      await until('its connections are closed', () => deaf.sockets.every(({ closed }) => closed));
      await node.shows('web', 'has Failed', ({ status }) => status?.phase === 'Failed');
      assert.equal(deaf.sockets.length, 2);
    });
  }

  test('a hanging probe of one container is not waited for by the probe of the next', async (t) => {
    const deaf = await deafServer(t, '127.0.0.1');
    const node = await startNode(t);
    const get = { httpGet: { host: '127.0.0.1', port: deaf.port } };
    await node.write(
      'web.yaml',
      pod('web', { containers: [shell(undefined, { readinessProbe: { ...endless, ...get } })] }),
    );
    await until('it is connected to', () => deaf.sockets.length === 1);
    await node.docker.kill((await node.container('web')).Id);
    await until('the next connects', () => deaf.sockets.length === 2);
    await until('the first is closed', () => deaf.sockets[0]?.closed);
    assert.equal(deaf.sockets[1]?.closed, false);
    assert.equal((await livesOf(node, 'web')).length, 2);
  });
});
