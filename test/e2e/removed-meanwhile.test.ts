// A Pod's end, or the engine's, while something else is under way: a pull, a back-off, an init container, a hook. Nothing
// waits for what will not come, and nothing is left.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureImages } from '../setup/images.ts';
import { type PrivateEngine, startPrivateEngine } from '../setup/private-engine.ts';
import { lifeIn, livesOf, signalMs, signalsOf } from './harness/lives.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { goneWithoutTrace } from './harness/on-host.ts';
import { stuckRegistry } from './harness/registry.ts';
import { deafStepper, exec, says, stepper, stepping, stepsOf, waitsFor } from './harness/steps.ts';
import { throughout, until } from './harness/until.ts';

const needsRoot = { skip: process.getuid?.() === 0 ? false : 'can only be done as root' };

describe('removed while', { concurrency: 4 }, () => {
  describe('with an engine of its own', { ...needsRoot, concurrency: 1 }, () => {
    let engine: PrivateEngine;
    before(async () => {
      engine = await startPrivateEngine();
      await ensureImages(engine.endpoint);
    });
    after(() => engine?.remove());

    test('removed while the engine hangs: stopped when it answers, with all of its grace', async (t) => {
      const node = await startNode(t, { endpoint: engine.endpoint });
      const steps = stepsOf(node, 'web');
      const containers = [
        shell(deafStepper('deaf'), { name: 'deaf' }),
        shell(stepper('tidy'), { name: 'tidy' }),
      ];
      await node.write('web.yaml', stepping('web', steps, { terminationGracePeriodSeconds: 3, containers }));
      await node.running('web');
      await steps.has('deaf start');
      await steps.has('tidy start');
      engine.pause();
      try {
        await node.remove('web.yaml');
        await until('monopod knows', async () => (await node.manifests()).length === 0);
        // Longer than the grace.
        await delay(4_000);
      } finally {
        engine.resume();
      }
      await goneWithoutTrace(node, 'web');
      const deaf = await lifeIn(node, 'web', 'deaf');
      assert.deepEqual(signalsOf(deaf), ['15', '9']);
      assert.ok(signalMs(deaf, '9') - signalMs(deaf, '15') >= 3_000);
      assert.equal((await lifeIn(node, 'web', 'tidy')).exitCode, 0);
    });

    test('hooks under way while the engine restarts run again; nothing is killed for them', async (t) => {
      const node = await startNode(t, { endpoint: engine.endpoint });
      const [starts, stops] = [stepsOf(node, 'starts'), stepsOf(node, 'stops')];
      const hook = exec(`${says('hook')}; ${waitsFor('open')}`);
      const next = shell(stepper('next'), { name: 'next' });
      await node.write(
        'stops.yaml',
        stepping('stops', stops, {
          terminationGracePeriodSeconds: 3600,
          containers: [shell(stepper('main'), { lifecycle: { preStop: hook } })],
        }),
      );
      await node.running('stops');
      await stops.has('main start');
      await node.write(
        'starts.yaml',
        stepping('starts', starts, {
          containers: [shell(stepper('main'), { lifecycle: { postStart: hook, preStop: hook } }), next],
        }),
      );
      await starts.has('hook');
      await node.remove('stops.yaml');
      await stops.has('hook');
      await engine.stop();
      await engine.start();
      for (const steps of [starts, stops]) {
        await until('the hook runs again', () => steps.read().filter((line) => line === 'hook').length === 2);
        steps.put('open');
      }
      const shown = await node.running('starts');
      await starts.has('next start');
      await node.gone('stops');
      assert.deepEqual(starts.read(), ['main start', 'hook', 'hook', 'next start']);
      assert.deepEqual(
        shown.status?.containerStatuses?.map(({ restartCount }) => restartCount),
        [0, 0],
      );
      assert.deepEqual(stops.read(), ['main start', 'hook', 'hook', 'main TERM', 'main ends']);
    });
  });

  test('removed while its image is pulled: gone at once, and another can have its name', async (t) => {
    const registry = await stuckRegistry(t);
    const node = await startNode(t);
    await node.write(
      'pulls.yaml',
      pod('pulls', {
        containers: [shell(undefined, { image: registry.image }), shell(undefined, { name: 'next' })],
      }),
    );
    await until('the image is being pulled', () => registry.waiting() > 0);
    await until('its sandbox runs, and the next container is there', async () => {
      const seen = await node.containers('pulls');
      return seen.length === 2 && seen.some(({ running }) => running);
    });
    await throughout('the next one waits', 500, async () => (await livesOf(node, 'pulls')).length === 0);
    await node.remove('pulls.yaml');
    await goneWithoutTrace(node, 'pulls');
    await node.write('pulls.yaml', pod('pulls'));
    await node.running('pulls');
    // And by an edit.
    await node.write(
      'edited.yaml',
      pod('edited', { containers: [shell(undefined, { image: registry.image })] }),
    );
    const pulling = await node.shows(
      'edited',
      'waits for its image',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ContainerCreating',
    );
    await node.write('edited.yaml', pod('edited'));
    await node.running('edited', pulling);
    assert.ok(registry.waiting() > 0, 'the pull had not ended');
  });

  test('removed while in back-off: of a crashing container, of an image that cannot be pulled, of an init container', async (t) => {
    const node = await startNode(t);
    const pods = {
      crashes: { containers: [shell('exit 1')] },
      inits: {
        initContainers: [shell('exit 1', { name: 'main' })],
        containers: [shell(undefined, { name: 'other' })],
      },
      pulls: { containers: [shell(undefined, { image: 'registry.invalid/none:1' })] },
    };
    for (const [name, spec] of Object.entries(pods)) await node.write(`${name}.yaml`, pod(name, spec));
    const reasons = {
      crashes: /^CrashLoopBackOff$/,
      inits: /^CrashLoopBackOff$/,
      pulls: /^(ErrImagePull|ImagePullBackOff)$/,
    };
    for (const [name, reason] of Object.entries(reasons))
      await node.shows(name, 'is in back-off', ({ status }) =>
        [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].some(({ state }) =>
          reason.test(state?.waiting?.reason ?? ''),
        ),
      );
    for (const name of Object.keys(pods)) await node.remove(`${name}.yaml`);
    for (const name of Object.keys(pods)) await goneWithoutTrace(node, name);
    const lives = (await Promise.all(Object.keys(pods).map((name) => livesOf(node, name)))).flat();
    assert.deepEqual(lives.flatMap(signalsOf), [], 'nothing ran that could be told');
  });

  test('removed while an init container runs: that is stopped gracefully, and nothing after it starts', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const initContainers = [
      shell(stepper('sidecar'), { name: 'sidecar', restartPolicy: 'Always' }),
      shell(stepper('init', { seconds: 1 }), { name: 'init' }),
      shell(says('later'), { name: 'later' }),
    ];
    await node.write(
      'web.yaml',
      stepping('web', steps, { initContainers, containers: [shell(says('main'))] }),
    );
    await steps.has('init start');
    await node.remove('web.yaml');
    await goneWithoutTrace(node, 'web');
    assert.deepEqual(steps.read(), [
      'sidecar start',
      'init start',
      'init TERM',
      'init ends',
      'sidecar TERM',
      'sidecar ends',
    ]);
  });

  test('removed while a postStart hangs: its container is stopped at once, with preStop and grace', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const lifecycle = { postStart: exec(`${says('postStart')}; sleep 3600`), preStop: exec(says('preStop')) };
    const containers = [
      shell(stepper('main', { seconds: 1 }), { lifecycle }),
      shell(says('next'), { name: 'next' }),
    ];
    await node.write('web.yaml', stepping('web', steps, { terminationGracePeriodSeconds: 3600, containers }));
    await steps.has('main start');
    await steps.has('postStart');
    await node.remove('web.yaml');
    await goneWithoutTrace(node, 'web');
    assert.deepEqual(steps.read().slice(2), ['preStop', 'main TERM', 'main ends']);
    assert.equal((await lifeIn(node, 'web')).exitCode, 0);
  });
});
