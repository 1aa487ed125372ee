// The engine away, slow or restarting, on an engine of the test's own: nothing is forgotten, nothing restarts, the rest
// of monopod goes on answering.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { dockerApi } from '../setup/docker-api.ts';
import { ensureImages } from '../setup/images.ts';
import { type PrivateEngine, startPrivateEngine } from '../setup/private-engine.ts';
import { pod, shell, stopsAfter } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { until } from './harness/until.ts';

const canRun = process.getuid?.() === 0;
const needs = { skip: canRun ? false : 'a second engine can only be started as root' };

/** Tests one after the other on an engine of their own, beside those on others. */
function onEngine(title: string, tests: (engine: () => PrivateEngine) => void): void {
  describe(title, { ...needs, concurrency: 1 }, () => {
    let engine: PrivateEngine;
    before(async () => {
      engine = await startPrivateEngine();
      await ensureImages(engine.endpoint);
    });
    after(() => engine?.remove());
    tests(() => engine);
  });
}

async function isAwayForAWhile(
  t: TestContext,
  engine: PrivateEngine,
  leave: () => Promise<void> | void,
  comeBack: () => Promise<void> | void,
): Promise<void> {
  const node = await startNode(t, { endpoint: engine.endpoint, manifests: { 'web.yaml': pod('web') } });
  const first = await node.running('web');
  const container = await node.container('web');
  await leave();
  try {
    await node.write('late.yaml', pod('late'));
    // The watch loop and HTTP go on: the new manifest is read and shown.
    await until('the late Pod is shown', () => node.pod('late'));
    const kept = await node.pod('web');
    assert.equal(kept?.metadata?.uid, first.metadata?.uid);
    assert.deepEqual(
      kept?.status?.containerStatuses?.[0]?.containerID,
      first.status?.containerStatuses?.[0]?.containerID,
    );
    await until('it is said that the engine does not answer', async () => {
      const healthz = await fetch(`http://127.0.0.1:${node.healthzPort}/healthz`);
      return /engine/i.test(`${await healthz.text()} ${node.log}`);
    });
  } finally {
    await comeBack();
  }
  await node.running('late');
  const again = await node.running('web');
  assert.equal(again.metadata?.uid, first.metadata?.uid);
  assert.equal(again.status?.containerStatuses?.[0]?.restartCount, 0);
  assert.equal((await node.container('web')).State.StartedAt, container.State.StartedAt);
}

describe('the engine away', { concurrency: 2 }, () => {
  onEngine('as long as it takes to be missed', (engine) => {
    test('an engine unresponsive for a while: statuses are kept and say so, no restart is counted', (t) =>
      isAwayForAWhile(
        t,
        engine(),
        () => engine().pause(),
        () => engine().resume(),
      ));
  });

  onEngine('for a moment', (ownEngine) => {
    for (const end of ['stop', 'kill'] as const)
      test(`an engine ${end === 'stop' ? 'stopped' : 'killed'} and started again: statuses are kept and say so, no restart is counted`, (t) =>
        isAwayForAWhile(
          t,
          ownEngine(),
          () => ownEngine()[end](),
          () => ownEngine().start(),
        ));

    test('a container that died while the engine was away is seen to have died', async (t) => {
      const engine = ownEngine();
      const node = await startNode(t, { endpoint: engine.endpoint, manifests: { 'web.yaml': pod('web') } });
      await node.running('web');
      const { State } = await node.container('web');
      await engine.stop();
      process.kill(State.Pid, 'SIGKILL');
      await engine.start();
      await node.back('web');
    });

    test('a manifest removed while the engine is away stops its Pod gracefully when it is back', async (t) => {
      const engine = ownEngine();
      const node = await startNode(t, {
        endpoint: engine.endpoint,
        manifests: { 'web.yaml': pod('web', { containers: [shell(stopsAfter(1))] }) },
      });
      await node.running('web');
      const { Id } = await node.container('web');
      await engine.kill();
      await node.remove('web.yaml');
      await engine.start();
      await node.gone('web');
      const died = (await node.events()).find(({ id, action }) => id === Id && action === 'die');
      assert.equal(died?.attributes.exitCode, '0');
    });

    test('an engine that is not there yet when monopod starts is waited for', async (t) => {
      const engine = ownEngine();
      await engine.stop();
      let started = false;
      try {
        const node = await startNode(t, { endpoint: engine.endpoint, manifests: { 'web.yaml': pod('web') } });
        await until(
          'the Pod is shown as Pending',
          async () => (await node.pod('web'))?.status?.phase === 'Pending',
        );
        await engine.start();
        started = true;
        await node.running('web');
      } finally {
        if (!started) await engine.start();
      }
      assert.ok(await dockerApi(engine.endpoint).version());
    });
  });
});
