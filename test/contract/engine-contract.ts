// What every implementation of Engine does alike. Run against Docker and against the engine in memory, so that what
// the simulation proves on the one holds on the other.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ContainerObservation, EngineEvent } from '../../src/engine/engine.ts';
import { LABEL } from '../../src/engine/labels.ts';
import type { WatchEvent } from '../../src/engine/subscriptions.ts';
import { image } from '../setup/images.ts';
import { execContract } from './exec-contract.ts';
import { newPodOf, observed, type Subject } from './new-pod.ts';
import { containerConfig, sandboxConfig } from './pods.ts';
import { code, value } from './results.ts';
import { until } from './until.ts';

export function engineContract(name: string, open: () => Promise<Subject>): void {
  describe(`${name}: the contract of an engine`, () => {
    let subject: Subject;
    const newPod = newPodOf(() => subject);
    before(async () => {
      subject = await open();
    });
    after(() => subject.close());

    describe('images', () => {
      test('what is present is answered with what it says of user and stop signal', async () => {
        const busybox = value(await subject.engine.ensureImage(image.busybox, 'IfNotPresent'));
        assert.match(busybox.id, /^sha256:[0-9a-f]{64}$/);
        assert.equal(busybox.stopSignal, 'SIGTERM');
        assert.equal(busybox.user, '');
        assert.equal(
          value(await subject.engine.ensureImage(image.stopsOnUsr1, 'Never')).stopSignal,
          'SIGUSR1',
        );
        assert.equal(value(await subject.engine.ensureImage(image.asUser1234, 'Never')).user, '1234:1234');
      });

      test('what is absent fails by its policy, what is no name by its name', async () => {
        const absent = '127.0.0.1:1/absent:1';
        assert.equal(code(await subject.engine.ensureImage(absent, 'Never')), 'ImageNeverPull');
        assert.equal(code(await subject.engine.ensureImage(absent, 'IfNotPresent')), 'ImagePullFailed');
        assert.equal(code(await subject.engine.ensureImage(absent, 'Always')), 'ImagePullFailed');
        assert.equal(
          code(await subject.engine.ensureImage('Not/An Image', 'IfNotPresent')),
          'ImageNameInvalid',
        );
      });

      test('who waits for a pull hears of it, and is answered as soon as it does not want it any more', async () => {
        const { engine, slowImage } = subject;
        const heard: Record<string, EngineEvent[]> = { 'ns/a': [], 'ns/b': [], 'ns/c': [] };
        const detach = Object.keys(heard).map((key) =>
          engine.attach(key, (event) => heard[key]?.push(event)),
        );
        const wait = (key: string, ticket: number) =>
          engine.ensureImage(slowImage, 'IfNotPresent', { key, ticket }).then(code);
        const [first, second, other] = [wait('ns/a', 1), wait('ns/a', 2), wait('ns/b', 1)];
        const pulling = (key: string) => heard[key]?.find(({ type }) => type === 'pulling');
        const seen = await until(() => pulling('ns/b') && pulling('ns/a'));
        assert.equal(seen.type === 'pulling' && seen.image, slowImage);
        await engine.leaveImage({ key: 'ns/a', ticket: 1 });
        assert.equal(await first, 'ImagePullFailed');
        await engine.leaveImage({ key: 'ns/a', ticket: 99 });
        assert.equal(await Promise.race([second, other, Promise.resolve('waits')]), 'waits');
        for (const end of detach) end();
        assert.deepEqual([await second, await other], ['ImagePullFailed', 'ImagePullFailed']);
        assert.equal(pulling('ns/c'), undefined);
      });

      test('a sandbox or container of an absent image is not created', async () => {
        const { identity, sandboxId } = await newPod(false);
        const absent = { image: '127.0.0.1:1/absent:1', attempt: 1 };
        assert.equal(
          code(await subject.engine.createSandbox(sandboxConfig(identity, absent))),
          'NoSuchImage',
        );
        const config = containerConfig(identity, sandboxId, 'runs', absent);
        assert.equal(code(await subject.engine.createContainer(config)), 'NoSuchImage');
        const misnamed = containerConfig(identity, sandboxId, 'runs', { image: 'Not/A/Name', attempt: 1 });
        assert.equal(code(await subject.engine.createContainer(misnamed)), 'ImageNameInvalid');
      });
    });

    describe('a sandbox', () => {
      test('is created, then started once, and has an address while it runs', async () => {
        const { identity, key, sandboxId } = await newPod(false);
        const created = value(await subject.engine.inspect(sandboxId));
        assert.deepEqual(
          { ...created, createdAtMs: 0, imageId: '', labels: {}, logPath: '' },
          {
            id: sandboxId,
            kind: 'sandbox',
            identity,
            key,
            name: 'POD',
            attempt: 0,
            restartCount: 0,
            labels: {},
            state: 'created',
            createdAtMs: 0,
            oomKilled: false,
            error: '',
            image: image.pause,
            imageId: '',
            ips: [],
            logPath: '',
            stopSignal: 'SIGTERM',
          },
        );
        const running = value(await subject.engine.start(sandboxId));
        assert.equal(running.state, 'running');
        assert.equal(running.ips.length, 1);
        assert.ok(running.pid !== undefined && running.pid > 0);
        assert.ok((running.startedAtMs ?? 0) >= created.createdAtMs);
        const again = value(await subject.engine.start(sandboxId));
        assert.equal(again.startedAtMs, running.startedAtMs);
      });

      test('has no address under host networking', async () => {
        const { identity } = await newPod(false);
        const config = sandboxConfig(identity, { attempt: 1, hostNetwork: true });
        const id = value(await subject.engine.createSandbox(config));
        assert.deepEqual(value(await subject.engine.start(id)).ips, []);
      });

      test('carries the labels that say whose it is', async () => {
        const { identity } = await newPod(false);
        const config = sandboxConfig(identity, { attempt: 7, labels: { app: 'web' } });
        const { labels } = value(
          await subject.engine.inspect(value(await subject.engine.createSandbox(config))),
        );
        assert.deepEqual(labels, {
          app: 'web',
          'io.kubernetes.pod.name': identity.name,
          'io.kubernetes.pod.namespace': identity.namespace,
          'io.kubernetes.pod.uid': identity.uid,
          'io.kubernetes.container.name': 'POD',
          'io.kubernetes.docker.type': 'podsandbox',
          'monopod.dev/attempt': '7',
          'monopod.dev/node': subject.owner.nodeName,
          'monopod.dev/root-dir': subject.owner.rootDir,
        });
      });
    });

    describe('a container', () => {
      test('may be created while its sandbox is being started', async () => {
        const { sandboxId, create } = await newPod(false);
        const [started, id] = await Promise.all([subject.engine.start(sandboxId), create('runs')]);
        assert.equal(value(started).state, 'running');
        assert.equal(value(await subject.engine.start(id)).state, 'running');
      });

      test('cannot start before its sandbox runs, and can after', async () => {
        const { sandboxId, create } = await newPod(false);
        const id = await create('runs');
        assert.equal(code(await subject.engine.start(id)), 'ContainerStartFailed');
        assert.equal(value(await subject.engine.inspect(id)).state, 'created');
        value(await subject.engine.start(sandboxId));
        assert.equal(value(await subject.engine.start(id)).state, 'running');
      });

      test('tells its name, attempt and restart count', async () => {
        const { key, sandboxId, create } = await newPod(false);
        const seen = value(
          await subject.engine.inspect(await create('runs', { attempt: 4, restartCount: 3 })),
        );
        assert.equal(seen.kind, 'container');
        assert.equal(seen.key, key);
        assert.equal(seen.name, 'runs');
        assert.equal(seen.attempt, 4);
        assert.equal(seen.restartCount, 3);
        assert.equal(seen.image, image.busybox);
        assert.equal(seen.labels[LABEL.sandboxId], sandboxId);
        assert.equal(seen.labels[LABEL.dockerType], 'container');
        assert.deepEqual(seen.ips, []);
      });

      test('that ends is told with its exit code and times, and its own start is not', async () => {
        const { events, run, exitOf } = await newPod();
        const { id, started } = await run('exits-3');
        const exited = await exitOf(id);
        assert.equal(exited.exitCode, 3);
        assert.equal(exited.oomKilled, false);
        assert.equal(exited.pid, undefined);
        assert.equal(exited.startedAtMs, started.startedAtMs);
        assert.ok((exited.finishedAtMs ?? 0) >= (exited.startedAtMs ?? 0));
        assert.deepEqual(
          observed(events, id).filter(({ state }) => state !== 'exited'),
          [],
        );
      });

      test('ends by the signal it is sent, with the exit code it chooses', async () => {
        const { runUntilReady, exitOf } = await newPod();
        const id = await runUntilReady('runs');
        value(await subject.engine.kill(id, 'SIGTERM'));
        assert.equal((await exitOf(id)).exitCode, 5);
      });

      test('may ignore SIGTERM, but not SIGKILL', async () => {
        const { runUntilReady, exitOf } = await newPod();
        const id = await runUntilReady('stubborn');
        value(await subject.engine.kill(id, 'SIGTERM'));
        assert.equal(value(await subject.engine.inspect(id)).state, 'running');
        value(await subject.engine.kill(id, 'SIGKILL'));
        assert.equal((await exitOf(id)).exitCode, 137);
      });

      test('that takes more memory than it may is killed for it', async () => {
        const { run, exitOf } = await newPod();
        const { id } = await run('hungry', { resources: { memoryBytes: 16 << 20 } });
        const exited = await exitOf(id);
        assert.equal(exited.oomKilled, true);
        assert.equal(exited.exitCode, 137);
      });

      test('that cannot be started says why', async () => {
        const { create } = await newPod();
        const id = await create('no-program');
        const started = await subject.engine.start(id);
        assert.equal(code(started), 'ContainerStartFailed');
        assert.match(started.ok ? '' : started.error.message, /no such file or directory/);
        const seen = value(await subject.engine.inspect(id));
        assert.equal(seen.state, 'created');
        assert.match(seen.error, /no such file or directory/);
        assert.equal(seen.exitCode, 127);
      });

      test("asks for its image's stop signal, or the one it is given", async () => {
        const { create } = await newPod(false);
        const stopSignal = async (over: object) =>
          value(await subject.engine.inspect(await create('runs', over))).stopSignal;
        assert.equal(await stopSignal({ attempt: 0 }), 'SIGTERM');
        assert.equal(await stopSignal({ attempt: 1, image: image.stopsOnUsr1 }), 'SIGUSR1');
        assert.equal(await stopSignal({ attempt: 2, stopSignal: 'SIGQUIT' }), 'SIGQUIT');
      });

      test('is read-only with all that is mounted below where the engine can, and else not created', async () => {
        const { identity, sandboxId } = await newPod(false);
        const { apiVersion } = value(await subject.engine.version());
        const can = Number(apiVersion.split('.')[1]) >= 44;
        const create = async (attempt: number, mode: 'IfPossible' | 'Enabled') => {
          const place = { hostPath: '/usr', containerPath: '/m', propagation: 'private' as const };
          const mounts = [{ ...place, readOnly: true, recursiveReadOnly: { mode, volume: 'v' } }];
          const config = containerConfig(identity, sandboxId, 'runs', { attempt, mounts });
          return code(await subject.engine.createContainer(config));
        };
        assert.equal(await create(0, 'Enabled'), can ? 'ok' : 'ContainerConfigInvalid');
        assert.equal(await create(1, 'IfPossible'), 'ok');
      });

      test('of a sandbox that is gone is not created', async () => {
        const { identity } = await newPod(false);
        const config = containerConfig(identity, 'e'.repeat(64), 'runs');
        const created = await subject.engine.createContainer(config);
        assert.equal(code(created), 'NoSuchContainer');
      });
    });

    test('a container whose sandbox is gone cannot start', async () => {
      const { sandboxId, create } = await newPod();
      const id = await create('runs');
      value(await subject.engine.remove(sandboxId, true));
      assert.equal(code(await subject.engine.start(id)), 'ContainerStartFailed');
    });

    execContract(() => subject, newPod);

    describe('doing it again', () => {
      test('a create whose answer was lost is answered with what it made', async () => {
        const { identity, sandboxId, create } = await newPod(false);
        assert.equal(value(await subject.engine.createSandbox(sandboxConfig(identity))), sandboxId);
        const id = await create('runs');
        assert.equal(await create('runs'), id);
      });

      test('kill, remove and start of what is so already succeed', async () => {
        const { run, exitOf } = await newPod();
        const { id } = await run('runs');
        assert.equal(value(await subject.engine.start(id)).state, 'running');
        value(await subject.engine.kill(id, 'SIGKILL'));
        await exitOf(id);
        value(await subject.engine.kill(id, 'SIGKILL'));
        await Promise.all(
          [subject.engine.remove(id, true), subject.engine.remove(id, true)].map(async (r) => value(await r)),
        );
        value(await subject.engine.remove(id, true));
        value(await subject.engine.kill(id, 'SIGTERM'));
        assert.equal(code(await subject.engine.inspect(id)), 'NoSuchContainer');
        assert.equal(code(await subject.engine.start(id)), 'NoSuchContainer');
      });

      test('a kill of what was never started succeeds', async () => {
        const { create } = await newPod(false);
        value(await subject.engine.kill(await create('runs'), 'SIGTERM'));
      });

      test('remove takes what runs by force only', async () => {
        const { key, sandboxId, run } = await newPod();
        const { id } = await run('stubborn');
        assert.equal(code(await subject.engine.remove(id, false)), 'StillRunning');
        assert.equal(value(await subject.engine.inspect(id)).state, 'running');
        value(await subject.engine.remove(id, true));
        value(await subject.engine.remove(sandboxId, true));
        assert.deepEqual(value(await subject.engine.listPod(key)), []);
      });
    });

    describe('names', () => {
      test('one that our own running container holds is in use', async () => {
        const { identity, sandboxId, run } = await newPod();
        const { id } = await run('runs');
        const again = await subject.engine.createContainer(containerConfig(identity, sandboxId, 'runs'));
        assert.equal(code(again), 'NameInUse');
        assert.match(again.ok ? '' : again.error.message, new RegExp(`${id.slice(0, 12)}.*our own, running`));
      });

      test("one that somebody else's container holds is in use, and that container is left alone", async () => {
        const { identity, sandboxId } = await newPod(false);
        const name = `k8s_runs_${identity.name}_contract_${identity.uid}_0`;
        const foreign = await subject.addForeign(name, {});
        const created = await subject.engine.createContainer(containerConfig(identity, sandboxId, 'runs'));
        assert.equal(code(created), 'NameInUse');
        assert.match(created.ok ? '' : created.error.message, new RegExp(foreign.slice(0, 12)));
        assert.equal(await subject.foreignExists(foreign), true);
      });
    });

    describe('lists', () => {
      test("hold what is ours in detail, one Pod's or all, and nothing of another monopod", async () => {
        const one = await newPod(false);
        const two = await newPod(false);
        const container = await one.create('runs');
        const foreign = await subject.addForeign('another-monopod', {
          'io.kubernetes.pod.name': one.identity.name,
          'io.kubernetes.pod.namespace': one.identity.namespace,
          'io.kubernetes.pod.uid': one.identity.uid,
          'io.kubernetes.container.name': 'runs',
          'io.kubernetes.docker.type': 'container',
          'monopod.dev/node': subject.owner.nodeName,
          'monopod.dev/root-dir': `${subject.owner.rootDir}-another`,
        });
        const ofOne = value(await subject.engine.listPod(one.key));
        assert.deepEqual(ids(ofOne), [one.sandboxId, container].toSorted());
        const all = ids(value(await subject.engine.list()));
        assert.ok(all.includes(container) && all.includes(two.sandboxId));
        assert.ok(!all.includes(foreign));
        const seen = value(await subject.engine.inspect(container));
        assert.deepEqual(
          ofOne.find(({ id }) => id === container),
          seen,
        );
      });
    });

    describe('events', () => {
      test('tell of what others did to a container', async () => {
        const { events, run, exitOf } = await newPod();
        const { id } = await run('runs');
        await subject.killByHand(id);
        assert.equal((await exitOf(id)).exitCode, 137);
        await subject.removeByHand(id);
        await until(() => events.find((event) => event.type === 'removed' && event.id === id));
      });

      test('go to whoever attached last, and to the watcher when nobody is attached', async () => {
        const { key, events, detach, create, run, exitOf } = await newPod();
        const first = (await run('runs')).id;
        const second = await create('stubborn');
        detach();
        const watched: WatchEvent[] = [];
        const stop = subject.engine.watch((event) => watched.push(event));
        await subject.killByHand(first);
        await until(() =>
          watched.find(
            (event) => event.type === 'unattended' && event.key === key && event.event.type === 'observed',
          ),
        );
        assert.deepEqual(observed(events, first), []);
        stop();

        subject.engine.attach(key, () => assert.fail('replaced'));
        subject.engine.attach(key, (event) => events.push(event));
        value(await subject.engine.start(second));
        await subject.killByHand(second);
        await exitOf(second);
      });
    });
  });
}

const ids = (observations: ContainerObservation[]) => observations.map(({ id }) => id).toSorted();
