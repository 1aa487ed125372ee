// Pulls by the engine from a registry: shared, bounded in number, failing half-way, with and without a login.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import { DockerEngine } from '../../../src/engine/docker/docker-engine.ts';
import { until } from '../../contract/until.ts';
import { dockerApi } from '../../setup/docker-api.ts';
import { ensureEngine, type TestEngine } from '../../setup/engine.ts';
import { startRegistry } from './registry.ts';
import { owner } from './watching.ts';

describe('pulls', () => {
  let testEngine: TestEngine;
  let engine: DockerEngine;
  let registry: Awaited<ReturnType<typeof startRegistry>>;
  const pulled = new Set<string>();
  const name = (repository: string) => {
    const image = `${registry.address}/${repository}:1`;
    pulled.add(image);
    return image;
  };

  before(async () => {
    testEngine = await ensureEngine(() => {});
    registry = await startRegistry();
    const { endpoint } = testEngine;
    engine = new DockerEngine({ ...owner, endpoint, clock: systemClock, warn: () => {} });
  });
  beforeEach(() => {
    registry.manifestRequests.length = 0;
    registry.beforeManifest = () => {};
    registry.login = undefined;
  });
  after(async () => {
    engine.close();
    const docker = dockerApi(testEngine.endpoint);
    for (const image of pulled) await docker.removeImage(image);
    await registry.close();
    await testEngine.close();
  });

  test('Pods that want the same image share one pull', async () => {
    const wanted = Array.from({ length: 6 }, () => engine.ensureImage(name('shared'), 'IfNotPresent'));
    const results = await Promise.all(wanted);
    assert.ok(results.every(({ ok }) => ok));
    const [first] = results;
    assert.match(first?.ok ? (first.value.repoDigests[0] ?? '') : '', /\/shared@sha256:/);
    assert.deepEqual(registry.manifestRequests, ['shared']);
  });

  test('Always asks the registry each time, IfNotPresent and Never not once it is there', async () => {
    const image = name('policies');
    const ask = async (policy: 'Always' | 'IfNotPresent' | 'Never') =>
      assert.equal((await engine.ensureImage(image, policy)).ok, true);
    await ask('IfNotPresent');
    const once = registry.manifestRequests.length;
    await ask('IfNotPresent');
    await ask('Never');
    assert.equal(registry.manifestRequests.length, once);
    let asked = 0;
    registry.beforeManifest = () => void asked++;
    await ask('Always');
    await ask('Always');
    assert.ok(asked >= 2);
  });

  test('four at once, and other calls do not wait for them', async () => {
    let waiting = 0;
    let waitingMax = 0;
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    registry.beforeManifest = async () => {
      waitingMax = Math.max(waitingMax, ++waiting);
      await gate;
      waiting--;
    };
    const images = Array.from({ length: 7 }, (_, number) => name(`bounded-${number}`));
    const results = Promise.all(images.map((image) => engine.ensureImage(image, 'IfNotPresent')));
    await until(() => waiting === 4);
    assert.equal((await engine.list()).ok, true);
    assert.equal((await engine.kill('f'.repeat(64), 'SIGTERM')).ok, true);
    open();
    assert.ok((await results).every(({ ok }) => ok));
    assert.equal(waitingMax, 4);
  });

  test('one that breaks half-way fails with what broke, and the next try is a new pull', async () => {
    registry.damaged.add('damaged');
    const failed = await engine.ensureImage(name('damaged'), 'IfNotPresent');
    assert.equal(failed.ok ? 'ok' : failed.error.code, 'ImagePullFailed');
    assert.match(failed.ok ? '' : failed.error.message, /verification failed|unexpected|checksum|corrupt/i);
    registry.damaged.clear();
    assert.equal((await engine.ensureImage(name('damaged'), 'IfNotPresent')).ok, true);
  });

  test('a registry that wants a login gets it, and refuses a wrong one', async () => {
    registry.login = { username: 'pod', password: 'secret' };
    const serveraddress = registry.address;
    const pull = (auth?: { username: string; password: string; serveraddress: string }) =>
      engine.ensureImage(name('private'), 'IfNotPresent', auth);
    const [none, wrong] = [await pull(), await pull({ username: 'pod', password: 'guess', serveraddress })];
    assert.equal(none.ok ? 'ok' : none.error.code, 'ImagePullFailed');
    assert.equal(wrong.ok ? 'ok' : wrong.error.code, 'ImagePullFailed');
    assert.ok(!wrong.ok && !wrong.error.message.includes('guess'));
    assert.equal((await pull({ username: 'pod', password: 'secret', serveraddress })).ok, true);
  });
});
