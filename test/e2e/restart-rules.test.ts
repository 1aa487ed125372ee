// When containers start again and when a Pod's time is over: back-off, a container's own policy and rules,
// activeDeadlineSeconds. Durations are the engine's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod } from '../../src/kubernetes/pod.ts';
import { createdTimes, historyOf, timesOf, told } from './harness/history.ts';
import { neverStops, pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { conditionOf, prints, statusOf, waitingFor } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { untilOpen, workOf } from './harness/work.ts';

const rules = (operator: 'In' | 'NotIn', values: number[], action = 'Restart') => [
  { action, exitCodes: { operator, values } },
];

/** A container that may not restart but for these exit codes. */
const restartsOn = (...rule: Parameters<typeof rules>): Partial<Container> => ({
  restartPolicy: 'Never',
  restartPolicyRules: rules(...rule),
});

/** Ends with each of these exit codes in turn, and from then on with the last. */
const endsWith = (...exitCodes: number[]): string => {
  const cases = exitCodes.slice(0, -1).map((exitCode, index) => `${index + 1}) exit ${exitCode};;`);
  return `echo x >> /work/runs; case $(wc -l < /work/runs) in ${cases.join(' ')} *) exit ${exitCodes.at(-1)};; esac`;
};

const isWaiting = (name: string, reason: string) => (seen: Pod) => waitingFor(seen, name) === reason;
const startTimeMs = ({ status }: Pod) => Date.parse(status?.startTime ?? '');

const deadlineExceeded = {
  phase: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

async function exceedsDeadline(node: TestNode, name: string): Promise<Pod> {
  const shown = await node.shows(
    name,
    'has exceeded its deadline',
    ({ status }) => status?.phase === 'Failed',
  );
  const { phase, reason, message } = shown.status ?? {};
  assert.deepEqual({ phase, reason, message }, deadlineExceeded);
  return shown;
}

/** Nothing of it runs, and none of its containers was started more often than this. */
async function isOver(node: TestNode, name: string, starts: Record<string, number>): Promise<void> {
  await until(`nothing of ${name} runs`, async () =>
    (await node.containers(name)).every(({ running, name: what }) => !running && what !== 'POD'),
  );
  const history = await historyOf(node, name);
  for (const [container, times] of Object.entries(starts))
    assert.equal(timesOf(history, 'start', container).length, times, `starts of ${container}`);
}

describe('back-off', { concurrency: 3 }, () => {
  test('at once, after 10 s, after 20 s: CrashLoopBackOff, and why', async (t) => {
    const node = await startNode(t, {
      manifests: { 'loop.yaml': pod('loop', { containers: [shell('exit 4')] }) },
    });
    const says = (delay: string, { metadata }: Pod) =>
      `back-off ${delay} restarting failed container=main pod=loop-${node.name}_default(${metadata?.uid})`;
    const backsOff = async (restartCount: number, delay: string) => {
      const shown = await node.shows(
        'loop',
        `backs off for ${delay}`,
        (seen) =>
          isWaiting('main', 'CrashLoopBackOff')(seen) && statusOf(seen, 'main').restartCount === restartCount,
      );
      assert.equal(statusOf(shown, 'main').state?.waiting?.message, says(delay, shown));
      assert.equal(statusOf(shown, 'main').lastState?.terminated?.exitCode, 4);
      assert.equal(shown.status?.phase, 'Running');
      return shown;
    };
    await backsOff(1, '10s');
    assert.equal((await prints(node, 'loop', 'CrashLoopBackOff')).ready, '0/1');
    // monopod's own end does not shorten it.
    await node.kill();
    await node.start();
    await backsOff(1, '10s');
    await backsOff(2, '20s');
    const history = await historyOf(node, 'loop');
    const starts = timesOf(history, 'start', 'main');
    const ends = timesOf(history, 'die', 'main');
    const waits = ends.slice(0, -1).map((endMs, index) => (starts[index + 1] ?? 0) - endMs);
    assert.equal(waits.length, 2);
    assert.ok((waits[0] ?? 0) < 10_000, `first after ${waits[0]} ms`);
    assert.ok((waits[1] ?? 0) >= 10_000, `second after ${waits[1]} ms`);
  });

  test('each container has its own: one that backs off holds up no other', async (t) => {
    const node = await startNode(t);
    const containers = [
      shell('exit 1', { name: 'a' }),
      shell('exit 2', { name: 'b' }),
      shell(undefined, { name: 'good' }),
    ];
    await node.write('web.yaml', pod('web', { containers }));
    const shown = await node.shows(
      'web',
      'has two in back-off and one that runs',
      (seen) =>
        ['a', 'b'].every((name) => isWaiting(name, 'CrashLoopBackOff')(seen)) && statusOf(seen, 'good').ready,
    );
    for (const [name, exitCode] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      assert.match(
        statusOf(shown, name).state?.waiting?.message ?? '',
        new RegExp(`^back-off 10s .*container=${name} `),
      );
      assert.equal(statusOf(shown, name).lastState?.terminated?.exitCode, exitCode);
    }
    await node.docker.kill((await node.container('web', 'good')).Id);
    await node.shows('web', 'has it back', (seen) => statusOf(seen, 'good').restartCount === 1);
    const history = await historyOf(node, 'web');
    const [, again = 0] = timesOf(history, 'start', 'good');
    const [ended = 0] = timesOf(history, 'die', 'good');
    assert.ok(again - ended < 10_000, `back after ${again - ended} ms`);
  });
});

describe("a container's own restart policy", { concurrency: 3 }, () => {
  const bothRules = [...rules('In', [42]), ...rules('In', [42], 'RestartAllContainers')];
  const cases: { podPolicy: string; own: Partial<Container>; codes: number[]; restarts: number }[] = [
    { podPolicy: 'Always', own: { restartPolicy: 'Never' }, codes: [1], restarts: 0 },
    { podPolicy: 'Always', own: { restartPolicy: 'OnFailure' }, codes: [1, 0], restarts: 1 },
    { podPolicy: 'Never', own: { restartPolicy: 'OnFailure' }, codes: [1, 0], restarts: 1 },
    { podPolicy: 'Never', own: restartsOn('In', [42, 43]), codes: [43, 1], restarts: 1 },
    { podPolicy: 'OnFailure', own: restartsOn('NotIn', [0, 5]), codes: [6, 5], restarts: 1 },
    // The first rule that is met counts: the other container is left alone.
    {
      podPolicy: 'Never',
      own: { restartPolicy: 'Never', restartPolicyRules: bothRules },
      codes: [42, 0],
      restarts: 1,
    },
  ];
  for (const { podPolicy, own, codes, restarts } of cases)
    test(`in a Pod with ${podPolicy}: ${JSON.stringify(own)} of one that ends with ${codes}`, async (t) => {
      const node = await startNode(t);
      const work = workOf(node);
      const containers = [
        work.shell('own', endsWith(...codes), own),
        work.shell('other', untilOpen('finish')),
      ];
      await node.write(
        'web.yaml',
        pod('web', { restartPolicy: podPolicy, volumes: work.volumes, containers }),
      );
      const last = codes.at(-1);
      const shown = await node.shows('web', 'has ended it for good', (seen) => {
        const { state, restartCount } = statusOf(seen, 'own');
        return (
          restartCount === restarts &&
          state?.terminated?.exitCode === last &&
          statusOf(seen, 'other').state?.running !== undefined
        );
      });
      assert.equal(shown.status?.phase, 'Running');
      assert.equal(statusOf(shown, 'other').restartCount, 0);
      if (podPolicy === 'Always') return;
      work.open('finish');
      const ended = await node.shows('web', 'has ended', (seen) =>
        ['Succeeded', 'Failed'].includes(seen.status?.phase ?? ''),
      );
      assert.equal(ended.status?.phase, last === 0 ? 'Succeeded' : 'Failed');
      assert.equal(createdTimes(await historyOf(node, 'web'), 'own'), restarts + 1);
    });

  test('Always in a Pod with Never: it starts again after a success as well, and the Pod never ends', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const containers = [
      work.shell('own', `echo x >> /work/runs; [ $(wc -l < /work/runs) -ge 2 ] && sleep 3600 & wait`, {
        restartPolicy: 'Always',
      }),
      work.shell('other', 'exit 0'),
    ];
    const spec = { volumes: work.volumes, containers, terminationGracePeriodSeconds: 1 };
    await node.write('web.yaml', pod('web', { ...spec, restartPolicy: 'Never' }));
    const shown = await node.shows(
      'web',
      'has it again',
      (seen) =>
        statusOf(seen, 'own').restartCount === 1 && statusOf(seen, 'own').state?.running !== undefined,
    );
    assert.equal(shown.status?.phase, 'Running');
    assert.equal(statusOf(shown, 'own').lastState?.terminated?.exitCode, 0);
    assert.equal(statusOf(shown, 'other').restartCount, 0);
  });

  test('an init container that may try only once fails a Pod with Always; one with a rule is tried again under Never', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const { volumes } = work;
    const once = work.shell('once', 'exit 1', { restartPolicy: 'Never' });
    await node.write('once.yaml', pod('once', { volumes, initContainers: [once] }));
    const ruled = work.shell('ruled', endsWith(42, 0), restartsOn('In', [42]));
    await node.write(
      'ruled.yaml',
      pod('ruled', { volumes, initContainers: [ruled], restartPolicy: 'Never' }),
    );
    await node.shows('once', 'has Failed', ({ status }) => status?.phase === 'Failed');
    await prints(node, 'once', 'Init:Error');
    await isOver(node, 'once', { once: 1, main: 0 });
    const shown = await node.running('ruled');
    assert.equal(statusOf(shown, 'ruled').restartCount, 1);
    assert.deepEqual(told(await historyOf(node, 'ruled')).slice(1), [
      'start ruled',
      'die ruled 42',
      'start ruled',
      'die ruled 0',
      'start main',
    ]);
  });
});

describe('RestartAllContainers', { concurrency: 3 }, () => {
  for (const trigger of ['main', 'side', 'init'] as const)
    test(`asked for by ${trigger}: all stop at once, without hooks, and the Pod starts over in its sandbox`, async (t) => {
      const node = await startNode(t);
      const work = workOf(node);
      const asks = `[ -e /work/asked ] || { ${untilOpen('go')}; touch /work/asked; exit 88; };`;
      const own = (name: string, policy: 'Never' | 'Always') =>
        name === trigger && { ...restartsOn('In', [88], 'RestartAllContainers'), restartPolicy: policy };
      const runs = 'trap "exit 9" TERM; while :; do sleep 3600 & wait $!; done';
      const preStop = { exec: { command: ['sh', '-c', 'touch /work/preStop'] } };
      const script = (name: string, rest: string) => (name === trigger ? `${asks} ${rest}` : rest);
      await node.write(
        'web.yaml',
        pod('web', {
          restartPolicy: 'Never',
          volumes: [...work.volumes, { name: 'kept', emptyDir: {} }],
          initContainers: [
            work.shell('side', script('side', runs), { restartPolicy: 'Always', ...own('side', 'Always') }),
            work.shell('init', script('init', 'exit 0'), own('init', 'Never') || {}),
          ],
          containers: [
            work.shell('main', script('main', runs), own('main', 'Never') || {}),
            // Deaf: not its grace of 30 s is what it gets.
            work.shell('deaf', `echo x >> /kept/lives; cp /kept/lives /work/lives; ${neverStops}`, {
              lifecycle: { preStop },
              volumeMounts: [
                { name: 'work', mountPath: '/work' },
                { name: 'kept', mountPath: '/kept' },
              ],
            }),
          ],
        }),
      );
      if (trigger === 'init') await until('init runs', () => node.container('web', 'init'));
      else await node.running('web');
      const before = await node.containers('web');
      const [sandbox] = before.filter(({ name }) => name === 'POD');
      const seenUid = (await node.pod('web'))?.metadata?.uid;
      work.open('go');
      if (trigger !== 'init') {
        // For as long as the deaf one takes.
        const shown = await node.shows(
          'web',
          'says that it restarts all',
          (seen) => conditionOf(seen, 'AllContainersRestarting')?.status === 'True',
        );
        assert.equal(shown.status?.phase, 'Running');
        assert.equal(conditionOf(shown, 'Ready')?.status, 'False');
      }
      const ran = trigger === 'init' ? ['side', 'init'] : ['side', 'init', 'main', 'deaf'];
      await node.shows('web', 'starts over', (seen) =>
        ran.every((name) => statusOf(seen, name).lastState?.terminated?.reason === 'RestartingAllContainers'),
      );
      const shown = await node.running('web');
      assert.equal(shown.metadata?.uid, seenUid);
      for (const name of ran) {
        const { lastState, restartCount } = statusOf(shown, name);
        assert.equal(lastState?.terminated?.exitCode, 137, name);
        assert.equal(restartCount, 1, name);
      }
      assert.equal(conditionOf(shown, 'AllContainersRestarting')?.status, 'False');
      const sandboxes = (await node.containers('web')).filter(({ name }) => name === 'POD');
      assert.deepEqual(
        sandboxes.map(({ id }) => id),
        [sandbox?.id],
      );
      assert.equal(work.read('preStop'), '', 'no preStop');
      const history = await historyOf(node, 'web');
      const lines = told(history);
      const again = lines.lastIndexOf('start side');
      assert.deepEqual(lines.slice(again), [
        'start side',
        'start init',
        'die init 0',
        'start main',
        'start deaf',
      ]);
      assert.equal(
        lines.slice(0, again).filter((line) => line.startsWith('die')).length,
        ran.length,
        'the last of them is dead before the first starts',
      );
      if (trigger === 'init') return;
      assert.equal(work.read('lives'), 'x\nx\n', 'its volumes are kept');
      const [term = 0, kill = 0] = timesOf(history, 'kill', 'deaf');
      assert.ok(kill - term >= 2_000 && kill - term < 15_000, `SIGKILL after ${kill - term} ms`);
    });
});

describe('activeDeadlineSeconds', { concurrency: 6 }, () => {
  test('a Pod that runs longer has Failed, its containers get their grace, and nothing starts again', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const containers = [
      work.shell('main', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'),
      work.shell('deaf', neverStops),
    ];
    const initContainers = [work.shell('side', undefined, { restartPolicy: 'Always' })];
    const spec = { volumes: work.volumes, initContainers, containers, terminationGracePeriodSeconds: 3 };
    await node.write('web.yaml', pod('web', { ...spec, activeDeadlineSeconds: 8 }));
    await node.running('web');
    const shown = await exceedsDeadline(node, 'web');
    await isOver(node, 'web', { main: 1, deaf: 1, side: 1 });
    const history = await historyOf(node, 'web');
    const [term = 0] = timesOf(history, 'kill', 'main');
    assert.ok(term - startTimeMs(shown) >= 8_000, `${term - startTimeMs(shown)} ms after its start`);
    const [deafTerm = 0, kill = 0] = timesOf(history, 'kill', 'deaf');
    assert.ok(kill - deafTerm >= 3_000, `SIGKILL after ${kill - deafTerm} ms`);
    const over = await exceedsDeadline(node, 'web');
    assert.deepEqual(
      ['main', 'deaf'].map((name) => statusOf(over, name).state?.terminated?.exitCode),
      [0, 137],
    );
    assert.equal(conditionOf(over, 'Ready')?.reason, 'PodFailed');
    // It is not forgotten, and not begun anew.
    await node.kill();
    await node.start();
    await exceedsDeadline(node, 'web');
    await isOver(node, 'web', { main: 1, deaf: 1, side: 1 });
  });

  test('it passes while an init container runs: that is stopped, and the main one never starts', async (t) => {
    const node = await startNode(t);
    const work = workOf(node);
    const initContainers = [work.shell('init', untilOpen('never'))];
    await node.write(
      'web.yaml',
      pod('web', { activeDeadlineSeconds: 8, volumes: work.volumes, initContainers }),
    );
    await until('init runs', () => node.container('web', 'init'));
    await exceedsDeadline(node, 'web');
    await isOver(node, 'web', { init: 1, main: 0 });
    const over = await exceedsDeadline(node, 'web');
    assert.equal(statusOf(over, 'init').state?.terminated?.exitCode, 143);
    assert.equal(waitingFor(over, 'main'), 'PodInitializing');
  });

  test('it passes in back-off, of a main or an init container: it is not tried again', async (t) => {
    const node = await startNode(t);
    const fails = [shell('exit 6', { name: 'fails' })];
    await node.write('main.yaml', pod('main', { activeDeadlineSeconds: 9, containers: fails }));
    await node.write('init.yaml', pod('init', { activeDeadlineSeconds: 9, initContainers: fails }));
    for (const name of ['main', 'init'])
      await node.shows(name, 'backs off', isWaiting('fails', 'CrashLoopBackOff'));
    for (const name of ['main', 'init']) {
      const shown = await exceedsDeadline(node, name);
      await isOver(node, name, { fails: 2, ...(name === 'init' && { main: 0 }) });
      assert.equal(statusOf(shown, 'fails').state?.terminated?.exitCode, 6);
      assert.equal(statusOf(shown, 'fails').restartCount, 1);
    }
  });

  test('it passes while the image is waited for', async (t) => {
    const node = await startNode(t);
    const absent = shell(undefined, { image: `monopod.test/${node.name}:1`, imagePullPolicy: 'Never' });
    await node.write('web.yaml', pod('web', { activeDeadlineSeconds: 6, containers: [absent] }));
    await node.shows('web', 'waits for its image', isWaiting('main', 'ErrImageNeverPull'));
    await exceedsDeadline(node, 'web');
    await isOver(node, 'web', { main: 0 });
  });

  test('it passes while monopod is down: it counts from the start of the Pod', async (t) => {
    const node = await startNode(t);
    await node.write('web.yaml', pod('web', { activeDeadlineSeconds: 8, terminationGracePeriodSeconds: 1 }));
    const before = await node.running('web');
    await node.kill();
    await until('its time is over', async () => (await node.docker.nowMs()) > startTimeMs(before) + 9_000);
    await node.start();
    const shown = await exceedsDeadline(node, 'web');
    assert.equal(shown.status?.startTime, before.status?.startTime);
    await isOver(node, 'web', { main: 1 });
  });

  test('a Pod that ends before is not touched by it', async (t) => {
    const node = await startNode(t);
    const spec = { restartPolicy: 'Never', activeDeadlineSeconds: 8, containers: [shell('exit 0')] };
    await node.write('job.yaml', pod('job', spec));
    const done = await node.shows('job', 'has Succeeded', ({ status }) => status?.phase === 'Succeeded');
    await until('its time is over', async () => (await node.docker.nowMs()) > startTimeMs(done) + 9_000);
    const { phase, reason } = (await node.pod('job'))?.status ?? {};
    assert.deepEqual([phase, reason], ['Succeeded', undefined]);
  });
});
