// Who waits for room, when it gets its turn, and whose place a critical Pod takes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { ContainerObservation } from '../../src/engine/engine.ts';
import { writeCheckpoint } from '../../src/host/checkpoint.ts';
import type { PodSpec } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import { checkpointText } from '../../src/pod/checkpoint.ts';
import { newGeneration, newPodState } from '../../src/pod/state.ts';
import { manifestRecords } from '../../src/supervisor/manifest-records.ts';
import { entry, podOf, sourceId, update } from './entries.ts';
import { supervised } from './supervised.ts';

let rootDir = '';
beforeEach(() => {
  rootDir = mkdtempSync(join(tmpdir(), 'kt-room-'));
});
afterEach(() => rmSync(rootDir, { recursive: true, force: true }));

/** Two CPUs, ten Pods. */
const node = (cpu = '2') => supervised(rootDir, 10, [sourceId], { cpu, memory: '1G' });
type Node = ReturnType<typeof node>;

const cpu = (name: string, quantity: string, version = 1, spec: Partial<PodSpec> = {}): StaticPod =>
  podOf(name, version, {
    containers: [{ name: 'main', image: 'b', resources: { requests: { cpu: quantity } } }],
    ...spec,
  });
const onPort = (name: string, hostPort: number, version = 1): StaticPod =>
  podOf(name, version, {
    containers: [{ name: 'main', image: 'b', ports: [{ containerPort: 1, hostPort }] }],
  });

const write = (on: Node, ...pods: StaticPod[]) => on.supervisor.update(update(pods.map((pod) => entry(pod))));
const remove = (on: Node, name: string) => on.supervisor.update(update([], { removed: [`/m/${name}.yaml`] }));
/** What the Pod's actor tells of it. */
const tell = (on: Node, pod: StaticPod, phase: string, more: object = {}) =>
  on.supervisor.published(pod.key, { ...pod.pod, status: { phase, ...more } });
const running = (on: Node, pod: StaticPod) =>
  tell(on, pod, 'Running', { containerStatuses: [{ state: { running: {} } }] });
const admitted = (on: Node) => on.threads.map(({ boot }) => boot.key.slice('default/'.length));
const records = (on: Node) =>
  manifestRecords({
    leftOver: { staticPods: [], sinceMs: 0 },
    claims: on.supervisor.claims,
    conflicts: on.supervisor.conflicts,
    sources: [],
    podOf: (key) => on.table.get(key),
    refusalOf: (key) => on.supervisor.refusal(key),
    orderOf: (key) => on.supervisor.orders.of(key),
    orders: () => on.supervisor.orders.all(),
  }).map(({ staticPod, state, reason }) => [staticPod?.pod.metadata?.name, state, reason]);

test('what does not fit is Failed with the reason, in the manifests too, and runs when a Pod has ended', () => {
  const on = node();
  write(on, cpu('a', '1500m'), cpu('b', '1'), cpu('c', '500m'));
  assert.deepEqual(admitted(on), ['a', 'c'], 'who is too big holds up nobody');
  const { phase, reason, message } = on.table.get('default/b')?.status ?? {};
  const words = "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000";
  assert.deepEqual([phase, reason, message], ['Failed', 'OutOfcpu', `Pod was rejected: ${words}`]);
  assert.deepEqual(records(on)[1], ['b', 'pending', `OutOfcpu: ${words}`]);
  remove(on, 'a');
  running(on, cpu('a', '1500m'));
  assert.deepEqual(admitted(on), ['a', 'c'], 'what still stops holds its room');
  on.end('a');
  assert.deepEqual(admitted(on), ['a', 'c', 'b']);
  assert.equal(on.supervisor.refusal('default/b'), undefined);
});

test('a Pod that has finished gives its room back; one of which a container still runs does not', () => {
  const on = node();
  const a = cpu('a', '2');
  write(on, a, cpu('b', '2'));
  tell(on, a, 'Failed', { containerStatuses: [{ state: { running: {} } }] });
  assert.deepEqual(admitted(on), ['a']);
  tell(on, a, 'Succeeded', { containerStatuses: [{ state: { terminated: { exitCode: 0 } } }] });
  assert.deepEqual(admitted(on), ['a', 'b']);
  assert.equal(on.names()[0], 'a Succeeded', 'and is shown on');
});

test('an edit that asks for less makes room once the version before it has stopped', () => {
  const on = node();
  write(on, cpu('a', '2'), cpu('b', '1'));
  running(on, cpu('a', '2'));
  write(on, cpu('a', '1', 2));
  running(on, cpu('a', '2'));
  assert.deepEqual(admitted(on), ['a']);
  running(on, cpu('a', '1', 2));
  assert.deepEqual(admitted(on), ['a', 'b']);
});

test('an edit of a running Pod that does not fit ends nothing: the version before runs on until there is room', () => {
  const on = node();
  write(on, cpu('a', '1'), cpu('b', '1'));
  running(on, cpu('a', '1'));
  write(on, cpu('a', '1500m', 2));
  assert.equal(on.last('a')?.uid, 'a-1');
  assert.equal(on.table.get('default/a')?.status?.phase, 'Running');
  const words = 'cpu, requested: 1500, used: 1000, capacity: 2000';
  assert.deepEqual(records(on)[0], ['a', 'kept', `OutOfcpu: Node didn't have enough resource: ${words}`]);
  remove(on, 'b');
  on.end('b');
  assert.equal(on.last('a')?.uid, 'a-2');
  assert.deepEqual(on.supervisor.refusal('default/a'), undefined);
});

test('an edit that was refused may be taken back, and a Pod whose edit waits may go', () => {
  const on = node();
  write(on, cpu('a', '1'));
  write(on, cpu('a', '3', 2));
  write(on, cpu('a', '1'));
  assert.deepEqual(records(on), [['a', 'pending', '']]);
  write(on, cpu('a', '3', 2));
  remove(on, 'a');
  assert.equal(on.last('a')?.want, 'gone');
  on.end('a');
  assert.deepEqual(on.names(), []);
});

test('an edit that is told at once asks for its own room only', () => {
  const on = node();
  write(on, cpu('a', '2'));
  write(on, cpu('a', '2', 2));
  assert.equal(on.last('a')?.uid, 'a-2');
});

test('two Pods want one host port: the second runs when the first has gone, sandbox and all', () => {
  const on = node();
  const a = onPort('a', 80);
  write(on, a, onPort('b', 80));
  assert.deepEqual(on.names(), ['b NodePorts']);
  remove(on, 'a');
  on.supervisor.published(a.key, undefined);
  assert.deepEqual(admitted(on), ['a']);
  on.end('a');
  assert.deepEqual(admitted(on), ['a', 'b']);
});

test('a port is free when the version that had it has stopped', () => {
  const on = node();
  write(on, onPort('a', 80));
  running(on, onPort('a', 80));
  write(on, onPort('a', 81, 2), onPort('b', 80));
  assert.deepEqual(admitted(on), ['a']);
  running(on, onPort('a', 81, 2));
  assert.deepEqual(admitted(on), ['a', 'b']);
});

test('by priority, then by arrival, at once as well as when there is room', () => {
  const on = node('1');
  write(on, cpu('a', '1'), cpu('b', '1', 1, { priority: 5 }), cpu('c', '1', 1, { priority: 9 }));
  assert.deepEqual(admitted(on), ['c']);
  write(on, cpu('d', '1'));
  for (const name of ['c', 'b', 'a']) {
    remove(on, name);
    on.end(name);
  }
  assert.deepEqual(admitted(on), ['c', 'b', 'a', 'd']);
});

const critical = { priorityClassName: 'system-cluster-critical' };

test('a critical Pod takes the place of a lower one, which stops, shows it, and comes back when there is room', () => {
  const on = node();
  const a = cpu('a', '1');
  write(on, a);
  write(on, cpu('b', '1', 1, { priority: 100 }));
  running(on, a);
  write(on, cpu('c', '500m', 1, critical));
  assert.deepEqual(
    [on.last('a')?.want, on.last('b')?.want],
    ['gone', 'run'],
    'of two alike the one of lower priority',
  );
  const shown = () => on.table.get('default/a')?.status;
  assert.deepEqual(
    [shown()?.phase, shown()?.reason, shown()?.message, shown()?.conditions?.at(-1)?.type],
    ['Failed', 'Preempting', 'Preempted in order to admit critical pod', 'DisruptionTarget'],
  );
  running(on, a);
  assert.deepEqual([shown()?.phase, shown()?.reason], ['Failed', 'Preempting'], 'while it stops, too');
  assert.deepEqual(
    [on.table.get('default/c')?.status?.phase, on.table.get('default/c')?.status?.message],
    ['Pending', 'waits for default/a to stop in its favour'],
  );
  write(on, cpu('late', '500m'));
  assert.deepEqual(admitted(on), ['a', 'b'], 'the place is taken already');
  on.end('a');
  assert.deepEqual(admitted(on), ['a', 'b', 'c', 'late']);
  assert.deepEqual(on.names().slice(0, 1), ['a Preempting']);
  remove(on, 'b');
  on.end('b');
  assert.equal(on.last('a')?.want, 'run');
});

test('a critical Pod takes no place for another reason than resources, nor of its own like, nor for naught', () => {
  const on = node();
  write(on, cpu('a', '2'));
  write(on, cpu('c', '1', 1, { ...critical, nodeSelector: { disk: 'ssd' } }));
  write(on, cpu('d', '3', 1, critical));
  assert.equal(on.last('a')?.want, 'run');
  assert.deepEqual(on.names(), ['c NodeAffinity', 'd OutOfcpu']);
  remove(on, 'a');
  on.end('a');
  write(on, cpu('e', '2', 1, critical), cpu('f', '1', 1, critical));
  assert.deepEqual(on.names().slice(-1), ['f OutOfcpu']);
  write(on, cpu('g', '1', 1, { priorityClassName: 'system-node-critical' }));
  assert.equal(on.last('e')?.want, 'gone', 'the node before the cluster');
});

test('a critical Pod that goes while others stop for it leaves their place to them', () => {
  const on = node();
  write(on, cpu('a', '2'));
  write(on, cpu('c', '1', 1, critical));
  assert.equal(on.last('a')?.want, 'gone');
  remove(on, 'c');
  on.end('a');
  assert.deepEqual(admitted(on), ['a', 'a']);
});

test('a second critical Pod counts on what stops already', () => {
  const on = node();
  write(on, cpu('a', '1', 1, { priority: 1 }), cpu('b', '1'));
  write(on, cpu('c', '500m', 1, critical));
  write(on, cpu('d', '500m', 1, critical));
  const wants = ['a', 'b'].map((name) => on.last(name)?.want);
  assert.deepEqual(wants.toSorted(), ['gone', 'run']);
  on.end(wants[0] === 'gone' ? 'a' : 'b');
  assert.deepEqual(admitted(on).slice(2), ['c', 'd']);
});

test('the fewest Pods go, BestEffort before Burstable before Guaranteed', () => {
  const on = node('4');
  const guaranteed = (name: string, quantity: string) => {
    const resources = { limits: { cpu: quantity, memory: '1M' }, requests: { cpu: quantity, memory: '1M' } };
    return podOf(name, 1, { containers: [{ name: 'main', image: 'b', resources }] });
  };
  write(on, podOf('best-effort'), cpu('small', '500m'), cpu('large', '1500m'), guaranteed('g', '2'));
  write(on, cpu('c', '1', 1, critical));
  const gone = () => ['best-effort', 'small', 'large', 'g'].filter((name) => on.last(name)?.want === 'gone');
  assert.deepEqual(gone(), ['large']);
  write(on, cpu('d', '2', 1, critical));
  assert.deepEqual(gone(), ['large', 'g'], 'what the lesser ones would give is not enough');
});

const checkpointOf = (pod: StaticPod, stage: 'active' | 'terminating' = 'active') => {
  const current = newGeneration(1, pod, stage, 0);
  if (stage === 'terminating') current.termination = { sinceMs: 0, deadlineMs: 1, graceMs: 1 };
  return checkpointText({ ...newPodState(pod.key, { want: 'undecided' }), current }, undefined);
};

test('after a restart: what was stopping and is wanted again without room stops, and waits', () => {
  const [a, b] = [cpu('a', '2'), cpu('b', '1')];
  writeCheckpoint(rootDir, a.key, checkpointOf(a));
  writeCheckpoint(rootDir, b.key, checkpointOf(b, 'terminating'));
  const on = node();
  on.supervisor.adopt(() => sourceId);
  on.supervisor.update(update([entry(a), entry(b)], { full: true }));
  assert.equal(on.last('b')?.want, 'gone');
  on.end('b');
  assert.deepEqual(on.names().slice(1), ['b OutOfcpu']);
});

test('after a restart: what runs is never refused and comes first, an edit of meanwhile waits beside it', () => {
  for (const pod of [cpu('a', '2'), cpu('b', '2')]) writeCheckpoint(rootDir, pod.key, checkpointOf(pod));
  const on = node();
  on.supervisor.adopt(() => sourceId);
  on.supervisor.update(
    update([entry(cpu('0', '1')), entry(cpu('a', '2')), entry(cpu('b', '3', 2))], { full: true }),
  );
  assert.deepEqual(admitted(on).toSorted(), ['a', 'b']);
  assert.deepEqual([on.last('a')?.uid, on.last('b')?.uid], ['a-1', 'b-1'], 'the version before runs on');
  assert.equal(on.supervisor.refusal('default/b')?.kept, true);
  assert.match(on.table.get('default/0')?.status?.message ?? '', /used: 4000, capacity: 2000/);
});

test('what runs without a checkpoint is taken up whatever there is room for, before or after the engine is heard', () => {
  for (const engineFirst of [true, false]) {
    const on = node();
    const [a, b] = [cpu('a', '2'), cpu('b', '2')];
    const seen = { key: b.key, kind: 'container', state: 'running', labels: {} };
    const steps = [
      () =>
        on.supervisor.engineHas([
          { ...seen, identity: { uid: b.uid, name: 'b', namespace: 'default' } } as ContainerObservation,
        ]),
      () => on.supervisor.update(update([entry(a), entry(b)], { full: true })),
    ];
    for (const step of engineFirst ? steps : steps.reverse()) step();
    assert.equal(on.last('b')?.want, 'run');
    assert.deepEqual(admitted(on), engineFirst ? ['b'] : ['a', 'b']);
  }
});
