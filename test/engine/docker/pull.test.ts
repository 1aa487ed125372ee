// Pulls by the engine from a registry: shared, bounded in number, failing half-way, with and without a login.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import { DockerEngine } from '../../../src/engine/docker/docker-engine.ts';
import type { Login } from '../../../src/engine/registry/keyring.ts';
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
  let logins: Login[] = [];
  const name = (repository: string) => {
    const image = `${registry.address}/${repository}:1`;
    pulled.add(image);
    return image;
  };

  before(async () => {
    testEngine = await ensureEngine(() => {});
    registry = await startRegistry();
    const { endpoint } = testEngine;
    engine = new DockerEngine({
      ...owner,
      endpoint,
      clock: systemClock,
      warn: () => {},
      loginsOf: async (repository) => (repository.includes('private') ? logins : []),
    });
  });
  beforeEach(() => {
    registry.manifestRequests.length = 0;
    registry.beforeManifest = () => {};
    registry.login = undefined;
    logins = [];
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
    assert.match(first?.ok ? first.value.ref : '', /\/shared@sha256:/);
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

  test('a registry that wants a login gets each that may fit in turn, and says so if none does', async () => {
    registry.login = { username: 'pod', password: 'secret' };
    const pull = () => engine.ensureImage(name('private'), 'IfNotPresent');
    const none = await pull();
    logins = [{ username: 'pod', password: 'guess' }];
    const wrong = await pull();
    for (const refused of [none, wrong]) {
      assert.equal(refused.ok ? 'ok' : refused.error.code, 'ImagePullFailed');
      assert.match(refused.ok ? '' : refused.error.message, /private:1.*(unauthorized|no basic auth|login)/i);
    }
    assert.ok(!wrong.ok && !wrong.error.message.includes('guess'));
    logins = [
      { username: 'pod', password: 'guess' },
      { username: 'pod', password: 'secret' },
    ];
    const right = await pull();
    assert.ok(right.ok);
  });

  test('a name without a tag is :latest, not every tag of the repository', async () => {
    const image = `${registry.address}/untagged`;
    const found = await engine.ensureImage(image, 'Always');
    pulled.add(`${image}:latest`);
    assert.ok(found.ok);
    assert.deepEqual(registry.tagLists, []);
  });

  test('by digest, with and without a tag beside it', async () => {
    const tagged = await engine.ensureImage(name('digest'), 'IfNotPresent');
    const ref = tagged.ok ? tagged.value.ref : '';
    const [repository, digest] = ref.split('@');
    for (const image of [ref, `${repository}:other@${digest}`]) {
      const found = await engine.ensureImage(image, 'Always');
      assert.equal(found.ok && found.value.ref, ref);
      assert.equal((await engine.ensureImage(image, 'Never')).ok, true);
    }
  });

  test('a pull that nobody waits for any more is given up, and gives its place to the next', async () => {
    let asked = 0;
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    registry.beforeManifest = (repository) => {
      if (!repository.startsWith('hanging')) return;
      asked++;
      return gate;
    };
    const hanging = Array.from({ length: 4 }, (_, ticket) =>
      engine.ensureImage(name(`hanging-${ticket}`), 'IfNotPresent', { key: 'ns/one', ticket }),
    );
    const shared = engine.ensureImage(name('hanging-0'), 'IfNotPresent', { key: 'ns/two', ticket: 0 });
    await until(() => asked >= 4);
    const next = engine.ensureImage(name('after-hanging'), 'IfNotPresent');
    await engine.leaveImage({ key: 'ns/one', ticket: 0 });
    assert.equal((await hanging[0])?.ok, false, 'who leaves is answered at once');
    await engine.leaveImage({ key: 'ns/one', ticket: 1 });
    assert.equal((await next).ok, true, 'its place is free, and one place only');
    open();
    assert.equal((await hanging[1])?.ok, false);
    assert.equal((await shared).ok, true, 'what another Pod waits for goes on');
    assert.equal((await hanging[2])?.ok, true);
  });

  test('a registry that does not answer is given up after the time without progress', async () => {
    const { endpoint } = testEngine;
    const times = { stallTimeoutMs: 300 };
    const impatient = new DockerEngine({ ...owner, endpoint, clock: systemClock, warn: () => {}, times });
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    registry.beforeManifest = () => gate;
    const failed = await impatient.ensureImage(name('silent'), 'IfNotPresent');
    open();
    impatient.close();
    assert.equal(failed.ok ? 'ok' : failed.error.code, 'ImagePullFailed');
    assert.match(failed.ok ? '' : failed.error.message, /does not answer|no progress/);
  });

  test('a registry that says 503 is unavailable', async () => {
    registry.failWith = 503;
    const failed = await engine.ensureImage(name('down'), 'IfNotPresent');
    registry.failWith = undefined;
    assert.equal(failed.ok ? 'ok' : failed.error.code, 'RegistryUnavailable');
    assert.match(failed.ok ? '' : failed.error.message, /down:1 because the registry is unavailable/);
  });
});
