// What `monopod diff` says of room and images: by the node's own rules, all that is given together, nothing changed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Foreseen } from '../../src/cli/foresee.ts';
import { foreseeImages, foreseeRoom, type NodeRoom } from '../../src/cli/foresee-room.ts';
import type { Container, Pod, PodSpec } from '../../src/kubernetes/pod.ts';

const podOf = (cpu: string, more: Partial<PodSpec> = {}): Pod => ({
  metadata: { name: 'x', namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'a:1', resources: { requests: { cpu } } }], ...more },
});
const foreseen = (pod: string, outcome: Foreseen['outcome'], wanted?: Pod): Foreseen => ({
  ...{
    file: `${pod}.yaml`,
    pod: `default/${pod}`,
    outcome,
    differences: [],
    errors: [],
    note: '',
    hints: [],
  },
  ...(wanted && { wanted }),
});
const resources = { cpu: '2', memory: '1Gi', pods: '10' };
const room = (held: [string, string][]): NodeRoom => ({
  node: {
    nodeName: 'n',
    labels: {},
    resources: { capacity: resources, allocatable: resources },
    allowedSysctls: [],
    appArmor: false,
  },
  held: held.map(([name, cpu]) => [`default/${name}`, podOf(cpu)]),
});

test('what does not fit is refused with the reason that the node would give; what runs of it would run on', () => {
  const start = foreseen('new', 'start', podOf('1500m'));
  const restart = foreseen('web', 'restart', podOf('3'));
  foreseeRoom([start, restart], room([['web', '1']]));
  const words =
    "OutOfcpu: Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000";
  assert.deepEqual(start.hints, [`it would be refused: ${words}`]);
  assert.match(restart.hints[0] ?? '', /requested: 3000, used: 0, .*; what runs of it would run on$/);
});

test('a Pod is not in the way of its next version; what stops makes room; what is given takes it together', () => {
  const web = foreseen('web', 'restart', podOf('1900m'));
  foreseeRoom([web], room([['web', '1']]));
  const all = [
    foreseen('a', 'start', podOf('1')),
    foreseen('b', 'start', podOf('1')),
    foreseen('old', 'stop'),
  ];
  foreseeRoom(all, room([['old', '1500m']]));
  const [c, d] = [foreseen('c', 'start', podOf('1500m')), foreseen('d', 'start', podOf('1'))];
  foreseeRoom([c, d], room([]));
  assert.deepEqual(
    [web, ...all, c].flatMap(({ hints }) => hints),
    [],
  );
  assert.match(d.hints[0] ?? '', /used: 1500/);
});

test('a critical Pod comes first, and others may have to stop for it', () => {
  const critical = foreseen('api', 'start', podOf('1500m', { priority: 2_000_001_000 }));
  const plain = foreseen('web', 'start', podOf('1'));
  foreseeRoom([plain, critical], room([]));
  assert.deepEqual(critical.hints, []);
  assert.match(plain.hints[0] ?? '', /^it would be refused: OutOfcpu/);
  foreseeRoom([critical], room([['old', '1']]));
  assert.match(critical.hints[0] ?? '', /; it is critical, and others may have to stop for it$/);
});

test('images: told where one is not there, by the policy; asked for once each; nothing of what does not start', async () => {
  const containers: Container[] = [
    { name: 'a', image: 'here:1', imagePullPolicy: 'Always' },
    { name: 'b', image: 'away:1', imagePullPolicy: 'IfNotPresent' },
    { name: 'c', image: 'away:1', imagePullPolicy: 'IfNotPresent' },
    { name: 'd', image: 'never:1', imagePullPolicy: 'Never' },
    { name: 'e', image: 'unknown:1' },
  ];
  const start = foreseen('web', 'start', podOf('0', { containers }));
  const same = foreseen('same', 'unchanged');
  const asked: string[] = [];
  await foreseeImages([start, same], async (image) => {
    asked.push(image);
    return image === 'unknown:1' ? undefined : image === 'here:1';
  });
  assert.deepEqual(asked, ['here:1', 'away:1', 'never:1', 'unknown:1']);
  assert.deepEqual(start.hints, [
    'image away:1 is not there and would be pulled',
    'image never:1 is not there, and imagePullPolicy Never keeps it from being pulled',
    'whether image unknown:1 is there is not known: the engine does not say',
  ]);
  assert.deepEqual(same.hints, []);
});
