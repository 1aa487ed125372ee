// How Pods end: with which grace, at whatever moment it comes, and that nothing of them is left or keeps the next one
// waiting. Times are the engine's; lower bounds are promises, upper ones only tell right from wrong.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Life, lifeIn, livesOf, signalMs, signalsOf } from './harness/lives.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { onHost } from './harness/on-host.ts';
import { deafStepper, exec, gatedStepper, says, stepper, stepping, stepsOf } from './harness/steps.ts';
import { throughout, until } from './harness/until.ts';

const needsRoot = { skip: process.getuid?.() === 0 ? false : 'can only be done as root' };

describe('termination', { concurrency: 4 }, () => {
  test(
    'a mount that cannot be undone keeps neither the next generation nor other Pods; it is reported, and undone later',
    needsRoot,
    async (t) => {
      const node = await startNode(t);
      const inMemory = (name: string, hostname: string) =>
        pod(name, {
          hostname,
          volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }],
          containers: [shell(undefined, { volumeMounts: [{ name: 'memory', mountPath: '/memory' }] })],
        });
      const directoryOf = (uid = '') => join(node.root, 'pods', uid);
      const volumeOf = (uid = '') => join(directoryOf(uid), 'volumes/kubernetes.io~empty-dir/memory');
      const reports = (uid = '') =>
        node.log.split('\n').filter((line) => line.includes(uid) && /WARN.*(busy|target is busy)/i.test(line))
          .length;

      await node.write('edited.yaml', inMemory('edited', 'one'));
      await node.write('removed.yaml', inMemory('removed', 'one'));
      const edited = await node.running('edited');
      const removed = await node.running('removed');
      const [uid, otherUid] = [edited.metadata?.uid, removed.metadata?.uid];
      const [holder, otherHolder] = [await holding(volumeOf(uid)), await holding(volumeOf(otherUid))];
      try {
        await node.write('edited.yaml', inMemory('edited', 'two'));
        await node.remove('removed.yaml');
        const next = await node.running('edited', edited);
        await node.gone('removed');
        await node.write('other.yaml', inMemory('other', 'one'));
        await node.running('other');
        await until('both are reported', () => reports(uid) > 0 && reports(otherUid) > 0);

        // The same file again is the same Pod, in the directories of which somebody sits.
        await node.write('removed.yaml', inMemory('removed', 'one'));
        assert.equal((await node.running('removed')).metadata?.uid, otherUid);
        const reported = reports(otherUid);
        await node.remove('removed.yaml');
        await node.gone('removed');
        await until('it is reported again', () => reports(otherUid) > reported);

        await release(otherHolder);
        await until('what is free is cleaned up', () => !existsSync(directoryOf(otherUid)));
        assert.ok(existsSync(volumeOf(uid)));

        await node.kill();
        await release(holder);
        await node.start();
        await until('also by the next monopod', () => !existsSync(directoryOf(uid)));
        assert.equal((await node.running('edited')).metadata?.uid, next.metadata?.uid);
      } finally {
        await release(holder);
        await release(otherHolder);
      }
    },
  );

  test('a termination with a hook under way survives the SIGKILL of monopod: the hook runs again, the deadline stays', async (t) => {
    const node = await startNode(t);
    const [patient, short] = [stepsOf(node, 'patient'), stepsOf(node, 'short')];
    // Hangs the first time.
    const preStop = exec(
      `${says('hook')}; [ -e /steps/again ] && exit 0; touch /steps/again; sleep 6; ${says('late')}; sleep 3600`,
    );
    const graceMs = 12_000;
    await node.write(
      'patient.yaml',
      stepping('patient', patient, {
        terminationGracePeriodSeconds: 3600,
        containers: [shell(stepper('main'), { lifecycle: { preStop } })],
      }),
    );
    await node.write(
      'short.yaml',
      stepping('short', short, {
        terminationGracePeriodSeconds: graceMs / 1000,
        containers: [shell(deafStepper('main'), { lifecycle: { preStop } })],
      }),
    );
    for (const [name, steps] of Object.entries({ patient, short })) {
      await node.running(name);
      await steps.has('main start');
    }
    const beforeMs = await node.docker.nowMs();
    await node.remove('patient.yaml');
    await node.remove('short.yaml');
    await patient.has('late');
    await short.has('late');
    const deadline = (await node.pod('short'))?.metadata?.deletionTimestamp;
    await node.kill();
    const restartedMs = await node.docker.nowMs();
    await node.start();
    assert.ok(deadline);
    await node.shows(
      'short',
      'keeps its deadline',
      ({ metadata }) => metadata?.deletionTimestamp === deadline,
    );
    await node.gone('patient');
    await node.gone('short');
    assert.deepEqual(patient.read(), ['main start', 'hook', 'late', 'hook', 'main TERM', 'main ends']);
    assert.equal((await lifeIn(node, 'patient')).exitCode, 0);
    const life = await lifeIn(node, 'short');
    assert.deepEqual(signalsOf(life), ['15', '9']);
    assert.ok(signalMs(life, '9') - beforeMs >= graceMs, 'not before the grace is over');
    assert.ok(signalMs(life, '9') - restartedMs < graceMs, 'a grace that began anew would not be over yet');
  });

  test('with a grace of 0 or 1 a container is still told to stop, and has two seconds', async (t) => {
    const node = await startNode(t);
    await Promise.all(
      [0, 1].map(async (terminationGracePeriodSeconds) => {
        const name = `grace-${terminationGracePeriodSeconds}`;
        const steps = stepsOf(node, name);
        const containers = [
          shell(deafStepper('deaf'), { name: 'deaf' }),
          shell(stepper('tidy', { seconds: 1 }), { name: 'tidy' }),
        ];
        await node.write(
          `${name}.yaml`,
          stepping(name, steps, { terminationGracePeriodSeconds, containers }),
        );
        await node.running(name);
        await steps.has('deaf start');
        await steps.has('tidy start');
        await node.remove(`${name}.yaml`);
        await node.gone(name);
        assert.deepEqual(steps.read().slice(2).toSorted(), ['deaf TERM', 'tidy TERM', 'tidy ends']);
        const [deaf, tidy] = [await lifeIn(node, name, 'deaf'), await lifeIn(node, name, 'tidy')];
        const hadMs = signalMs(deaf, '9') - signalMs(deaf, '15');
        assert.ok(hadMs >= 2_000 && hadMs < 20_000, `SIGKILL ${hadMs} ms after SIGTERM`);
        assert.deepEqual([deaf.exitCode, tidy.exitCode], [137, 0]);
      }),
    );
  });

  test('the grace is that of what stops; a shorter one that arrives meanwhile shortens it, a longer one does not', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const version = async (hostname: string, terminationGracePeriodSeconds: number) => {
      const hooked = shell(undefined, { name: 'hooked', lifecycle: { preStop: exec('sleep 3600') } });
      const containers = [shell(deafStepper(hostname)), hooked];
      await node.write(
        'web.yaml',
        stepping('web', steps, { hostname, terminationGracePeriodSeconds, containers }),
      );
      await until(
        `version ${hostname} is read`,
        async () => (await node.manifests())[0]?.staticPod?.pod.spec?.hostname === hostname,
      );
    };
    await version('one', 600);
    await node.running('web');
    await steps.has('one start');
    await version('two', 1);
    await steps.has('one TERM');
    const told = async () => (await livesOf(node, 'web')).flatMap(signalsOf);
    await throughout('the grace of what stops holds', 3_500, async () => (await told()).join() === '15');
    await version('three', 900);
    const beforeMs = await node.docker.nowMs();
    await version('four', 3);
    await steps.has('four start');
    // The engine tells of a start a moment after the container has begun.
    const lives = await until('the engine tells of both', async () => {
      const all = await livesOf(node, 'web');
      return all.filter(({ name }) => name === 'main').length > 1 && all;
    });
    const of = (name: string, at = 0) => lives.filter((life) => life.name === name)[at] as Life;
    assert.equal(lives.filter(({ name }) => name === 'main').length, 2, 'two and three have never run');
    assert.deepEqual([signalsOf(of('main')), of('main').exitCode], [['15', '9'], 137]);
    // All of the shorter grace; a hook that hangs is cut off with it.
    assert.ok(signalMs(of('main'), '9') - beforeMs >= 3_000);
    assert.ok(signalMs(of('hooked'), '15') - beforeMs >= 3_000);
    assert.ok(of('main', 1).startedMs > Math.max(of('main').diedMs, of('hooked').diedMs));
    assert.deepEqual(steps.read(), ['one start', 'one TERM', 'four start']);
  });

  test('of five edits during a grace period only the last starts, and nothing is left of the others', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const version = (hostname: string) =>
      stepping('web', steps, {
        hostname,
        terminationGracePeriodSeconds: 600,
        initContainers: [shell(says(`${hostname} init`), { name: 'init' })],
        containers: [shell(gatedStepper(hostname))],
      });
    await node.write('web.yaml', version('v0'));
    await node.running('web');
    await steps.has('v0 start');
    for (const hostname of ['v1', 'v2', 'v3', 'v4', 'v5']) {
      // Each is taken for an edit of its own.
      await node.write('web.yaml', version(hostname));
      await until(
        `${hostname} is read`,
        async () => (await node.manifests())[0]?.staticPod?.pod.spec?.hostname === hostname,
      );
    }
    await steps.has('v0 TERM');
    assert.deepEqual(steps.read(), ['v0 init', 'v0 start', 'v0 TERM']);
    steps.put('open');
    await steps.has('v5 start');
    assert.deepEqual(steps.read(), ['v0 init', 'v0 start', 'v0 TERM', 'v5 init', 'v5 start']);
    const shown = await node.shows('web', 'is version 5', ({ spec }) => spec?.hostname === 'v5');
    await until('all that there is is of version 5', async () => {
      const uids = (await node.containers('web')).map(({ uid }) => uid);
      const pods = readdirSync(join(node.root, 'pods'));
      return [...uids, ...pods].every((uid) => uid === shown.metadata?.uid);
    });
  });

  test('a file removed and added again while its Pod stops: it stops with its grace, and starts anew', async (t) => {
    const node = await startNode(t);
    const steps = stepsOf(node, 'web');
    const manifest = stepping('web', steps, {
      terminationGracePeriodSeconds: 600,
      containers: [shell(gatedStepper('main'))],
    });
    await node.write('web.yaml', manifest);
    const first = await node.running('web');
    await steps.has('main start');
    await node.remove('web.yaml');
    await steps.has('main TERM');
    await node.write('web.yaml', manifest);
    await until('it is read', async () => (await node.manifests()).length === 1);
    await throughout('nothing starts beside it', 700, () => steps.read().join() === 'main start,main TERM');
    steps.put('open');
    await until('it has started anew', () => steps.read().join() === 'main start,main TERM,main start');
    const second = await node.shows(
      'web',
      'runs and does not stop',
      ({ metadata, status }) => !metadata?.deletionTimestamp && status?.phase === 'Running',
    );
    assert.equal(second.metadata?.uid, first.metadata?.uid);
    assert.equal(second.status?.containerStatuses?.[0]?.restartCount, 0);
    assert.deepEqual(second.status?.containerStatuses?.[0]?.lastState, {});
    assert.ok(second.metadata?.creationTimestamp && first.metadata?.creationTimestamp);
    const [one, two] = await livesOf(node, 'web');
    assert.ok(one && two && one.diedMs < two.startedMs);
    await until(
      'one sandbox and one container are there',
      async () => (await node.containers('web')).length === 2,
    );
  });

  test('20 flaps of a file within 5 s end in exactly what is there at the end', async (t) => {
    const node = await startNode(t);
    const flapping = ['here', 'away'];
    for (let flap = 0; flap < 20; flap++) {
      await node.write('turns.yaml', pod('turns', { hostname: `turn-${flap}` }));
      for (const name of flapping) await node.write(`${name}.yaml`, pod(name));
      await delay(125);
      for (const name of flapping) await node.remove(`${name}.yaml`);
      if (flap < 19) await delay(125);
    }
    await node.write('here.yaml', pod('here'));
    await node.gone('away');
    const uids: string[] = [];
    for (const name of ['here', 'turns']) {
      const shown = await until(`${name} is there once, and whole`, async () => {
        const one = await node.pod(name);
        const left = await node.containers(name);
        const whole = left.every(({ running, uid }) => running && uid === one?.metadata?.uid);
        const runs = one?.status?.phase === 'Running' && !one.metadata?.deletionTimestamp;
        return left.length === 2 && whole && runs && one;
      });
      assert.equal(shown.status?.containerStatuses?.[0]?.restartCount, 0);
      if (name === 'turns') assert.equal(shown.spec?.hostname, 'turn-19');
      uids.push(shown.metadata?.uid ?? '');
    }
    assert.equal((await node.pods()).length, 2);
    // Of each a directory, logs, and a checkpoint.
    const belongs = (left: string) => left.endsWith('.json') || uids.some((uid) => left.includes(uid));
    await until(
      'nothing else is left on the host',
      () => onHost(node).length === 6 && onHost(node).every(belongs),
      { seen: () => onHost(node) },
    );
    const before = (await node.containers()).map(({ id }) => id);
    await throughout('they stay', 1_000, async () =>
      (await node.containers()).every(({ id, running }) => running && before.includes(id)),
    );
    for (const name of [...flapping, 'turns']) {
      const lives = await livesOf(node, name);
      for (const [at, life] of lives.entries())
        assert.ok(at === 0 || (lives[at - 1] as Life).diedMs <= life.startedMs, 'never two at once');
    }
  });
});

/** A process with its working directory there: what is mounted there is busy. */
async function holding(directory: string): Promise<ChildProcess> {
  const holder = spawn('sleep', ['3600'], { cwd: directory, stdio: 'ignore' });
  await once(holder, 'spawn');
  return holder;
}

async function release(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  holder.kill('SIGKILL');
  await once(holder, 'exit');
}
