// Probes, whatever they ask by: when each is asked, and what its answers lead to. What was asked and when is what the
// containers themselves saw; when they were killed is what the engine says.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { type Life, livesOf } from './harness/lives.ts';
import { neverStops, pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import {
  asked,
  askedAgain,
  http,
  logged,
  ready,
  refused,
  restarted,
  startServed,
  told,
  unready,
} from './harness/probed.ts';
import { conditionOf, statusOf } from './harness/seen.ts';
import { throughout, until } from './harness/until.ts';

/** Of a container that has been followed by another. */
async function firstLife(node: TestNode, podName: string, name = 'main') {
  const life = (await livesOf(node, podName)).find((one) => one.name === name) as Life;
  const signalMs = (number: string) =>
    life.signals.find(({ signal }) => signal === number)?.timeMs ?? Number.NaN;
  return { startedMs: Math.floor(life.startedMs), termMs: signalMs('15'), killMs: signalMs('9') };
}

describe('probes', { concurrency: 4 }, () => {
  test('until startup has succeeded a container is neither started nor ready, and asked nothing else; then readiness at once', async (t) => {
    const { node, server } = await startServed(t);
    server.say('startup', '503');
    const main = server.container({
      startupProbe: http('startup'),
      readinessProbe: http('readiness', { periodSeconds: 60 }),
      livenessProbe: http('liveness'),
    });
    await node.write('slow.yaml', pod('slow', { volumes: server.volumes, containers: [main] }));
    await asked(server, 'startup', 3);
    const before = (await node.pod('slow')) as Pod;
    const { state, started, ready: isReady } = statusOf(before, 'main');
    assert.ok(state?.running);
    assert.deepEqual({ started, isReady }, { started: false, isReady: false });
    assert.equal(before.status?.phase, 'Running');
    assert.equal(conditionOf(before, 'Ready')?.status, 'False');
    assert.deepEqual(new Set(server.asked().map(({ name }) => name)), new Set(['startup']));

    server.say('startup', '200');
    const after = await ready(node, 'slow');
    assert.equal(statusOf(after, 'main').started, true);
    assert.equal(conditionOf(after, 'Ready')?.status, 'True');
    await asked(server, 'liveness', 2);
    const all = server.asked();
    const passed = all.findIndex(({ name, gave }) => name === 'startup' && gave === '200');
    const others = all.findIndex(({ name }) => name !== 'startup');
    assert.equal(others, passed + 1, 'nothing else before it');
    assert.ok(
      all.slice(others).every(({ name }) => name !== 'startup'),
      'and no startup after it',
    );
    const waitedMs = (server.asked('readiness')[0]?.atMs ?? Number.NaN) - (all[passed]?.atMs ?? 0);
    assert.ok(waitedMs < 30_000, `readiness, every 60 s, first after ${waitedMs} ms`);
    assert.equal(statusOf(after, 'main').restartCount, 0);
  });

  test("a failed startup or liveness probe kills with its own grace, not the Pod's, and the container starts again", async (t) => {
    const own = { ...refused, failureThreshold: 3, terminationGracePeriodSeconds: 3 };
    const node = await startNode(t, {
      manifests: {
        'deaf.yaml': pod('deaf', {
          terminationGracePeriodSeconds: 120,
          containers: [
            shell(neverStops, { name: 'startup', startupProbe: own }),
            shell(neverStops, { name: 'liveness', livenessProbe: own }),
          ],
        }),
      },
    });
    for (const name of ['startup', 'liveness']) {
      const { lastState, started } = statusOf(await restarted(node, 'deaf', name), name);
      assert.equal(lastState?.terminated?.exitCode, 137);
      assert.equal(started, name === 'liveness');
      const { startedMs, termMs, killMs } = await firstLife(node, 'deaf', name);
      // Three times, a period apart, the first within one.
      assert.ok(termMs - startedMs >= 2_000, `${name}: SIGTERM after ${termMs - startedMs} ms`);
      assert.ok(termMs - startedMs < 60_000, `${name}: SIGTERM after ${termMs - startedMs} ms`);
      assert.ok(killMs - termMs >= 3_000, `${name}: SIGKILL after ${killMs - termMs} ms`);
      assert.ok(killMs - termMs < 60_000, `${name}: SIGKILL after ${killMs - termMs} ms`);
      await logged(node, new RegExp(`container ${name}: ${name} probe failed.*connection refused`));
      await logged(node, new RegExp(`container ${name} failed ${name} probe and is stopped`));
    }
  });

  test('killed for its liveness a container starts again under Always and OnFailure, even if it exits with 0, and not under Never', async (t) => {
    const containers = [shell(undefined, { livenessProbe: { ...refused, failureThreshold: 2 } })];
    const node = await startNode(t, {
      manifests: Object.fromEntries(
        ['Always', 'OnFailure', 'Never'].map((restartPolicy) => [
          `${restartPolicy}.yaml`,
          pod(restartPolicy.toLowerCase(), { restartPolicy, containers }),
        ]),
      ),
    });
    for (const name of ['always', 'onfailure']) {
      const { lastState } = statusOf(await restarted(node, name), 'main');
      const { exitCode, reason } = lastState?.terminated ?? {};
      assert.deepEqual({ exitCode, reason }, { exitCode: 0, reason: 'Completed' });
    }
    const never = await node.shows('never', 'has ended', ({ status }) => status?.phase === 'Succeeded');
    assert.equal(statusOf(never, 'main').state?.terminated?.exitCode, 0);
    const { termMs, startedMs } = await firstLife(node, 'never');
    assert.ok(termMs - startedMs >= 1_000, `SIGTERM after ${termMs - startedMs} ms`);
    await throughout('it stays down', 1_000, async () => (await livesOf(node, 'never')).length === 1);
  });

  test('readiness turns at its thresholds, by answers in a row, is told of once a turn, and never kills', async (t) => {
    const { node, server } = await startServed(t);
    const asks = (name: string, more: object) => shell(undefined, { name, readinessProbe: http(name, more) });
    server.say('rises', '200', '503');
    const containers = [
      server.container(),
      asks('rises', { successThreshold: 2 }),
      asks('falls', { failureThreshold: 3 }),
    ];
    await node.write('web.yaml', pod('web', { volumes: server.volumes, containers }));
    await ready(node, 'web', 'falls');
    await asked(server, 'rises', 5);
    const unsteady = (await node.pod('web')) as Pod;
    assert.equal(statusOf(unsteady, 'rises').ready, false);
    const { reason, message } = conditionOf(unsteady, 'Ready') ?? {};
    assert.deepEqual(
      { reason, message },
      { reason: 'ContainersNotReady', message: 'containers with unready status: [rises]' },
    );
    assert.doesNotMatch(node.log, /container rises is ready/);
    server.say('rises', '200');
    const steady = await ready(node, 'web', 'rises');
    assert.equal(conditionOf(steady, 'Ready')?.status, 'True');

    server.say('falls', '503', '503', '200');
    await askedAgain(server, 'falls', 6);
    const shaken = (await node.pod('web')) as Pod;
    assert.deepEqual(conditionOf(shaken, 'Ready'), conditionOf(steady, 'Ready'), 'two failures of three');
    server.say('falls', '503 broken');
    await unready(node, 'web', 'falls');
    await logged(node, /container falls is not ready/);
    const failures = () => told(node, /container falls: readiness probe failed.*statuscode: 503/);
    const before = failures();
    assert.ok(before > 0);
    await askedAgain(server, 'falls', 3);
    assert.equal(failures(), before, 'the log says it once, not each time');
    server.say('falls', '200');
    const again = await ready(node, 'web', 'falls');
    await until('the log says so', () => told(node, /container falls is ready/) === 2);
    assert.equal(told(node, /container falls is not ready/), 1);
    assert.ok(again.status?.containerStatuses?.every(({ restartCount }) => restartCount === 0));
  });

  test('initialDelaySeconds, then every periodSeconds', async (t) => {
    const { node, server } = await startServed(t);
    const cases = { startup: [3, 1], readiness: [3, 2], liveness: [2, 2] } as const;
    const containers = Object.entries(cases).map(([name, [initialDelaySeconds, periodSeconds]]) =>
      shell(undefined, { name, [`${name}Probe`]: http(name, { initialDelaySeconds, periodSeconds }) }),
    );
    server.say('startup', '503', '503', '200');
    await node.write(
      'web.yaml',
      pod('web', { volumes: server.volumes, containers: [server.container(), ...containers] }),
    );
    for (const [name, [delaySeconds, periodSeconds]] of Object.entries(cases)) {
      await asked(server, name, 3);
      const startedMs = Date.parse((await node.container('web', name)).State.StartedAt);
      for (const [index, { atMs }] of server.asked(name).entries()) {
        const afterMs = atMs - startedMs;
        const earliestMs = (delaySeconds + index * periodSeconds) * 1000;
        assert.ok(afterMs >= earliestMs, `${name} ${index} after ${afterMs} ms`);
        assert.ok(afterMs < earliestMs + 30_000, `${name} ${index} after ${afterMs} ms`);
      }
    }
  });

  test('a probe without an answer fails after timeoutSeconds, and what it began is ended', async (t) => {
    const { node, server } = await startServed(t);
    server.say('hangs', 'hang');
    const probe = { periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 1 };
    const containers = [
      server.container(),
      shell(undefined, { name: 'http', startupProbe: http('up'), livenessProbe: http('hangs', probe) }),
      shell(undefined, { name: 'exec', readinessProbe: { ...probe, exec: { command: ['sleep', '1000'] } } }),
    ];
    await node.write('web.yaml', pod('web', { volumes: server.volumes, containers }));
    await restarted(node, 'web', 'http');
    const { termMs } = await firstLife(node, 'web', 'http');
    const waitedMs = termMs - (server.asked('hangs')[0]?.atMs ?? Number.NaN);
    // Its time counts from before the connection; and below, from before the engine begins.
    assert.ok(waitedMs > 1_500 && waitedMs < 30_000, `killed after ${waitedMs} ms`);
    await until('its connection is closed', () => server.closed('hangs').length > 0);
    await logged(node, /container http: liveness probe failed.*context deadline exceeded/);

    await logged(node, /container exec: readiness probe failed.*timed out after 3s/);
    const events = await node.events();
    const death = events.find(({ action }) => action === 'exec_die');
    const ofSame = events.filter(({ attributes }) => attributes.execID === death?.attributes.execID);
    const birth = ofSame.find(({ action }) => action.startsWith('exec_start'));
    assert.equal(death?.attributes.exitCode, '137');
    const ranMs = (death?.timeMs ?? 0) - (birth?.timeMs ?? 0);
    assert.ok(ranMs > 1_500 && ranMs < 30_000, `killed after ${ranMs} ms`);
  });
});
