// Whether a Pod may run beside what is there, and with which words it is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { refusalOf } from '../../src/supervisor/admission.ts';
import type { NodeFacts } from '../../src/supervisor/admit/rule.ts';
import { Occupancy } from '../../src/supervisor/occupancy.ts';

type Container = NonNullable<Pod['spec']>['containers'][number];

const node: NodeFacts = {
  nodeName: 'n1',
  labels: { 'kubernetes.io/hostname': 'n1', disk: 'ssd', rank: '7' },
  resources: {
    capacity: {},
    allocatable: {
      cpu: '2',
      memory: '1Gi',
      'ephemeral-storage': '10Gi',
      'hugepages-2Mi': '4Mi',
      pods: '3',
    },
  },
  allowedSysctls: [],
  appArmor: false,
};

const pod = (spec: Partial<Pod['spec']> & object, ...containers: Partial<Container>[]): Pod => ({
  metadata: { name: 'p' },
  spec: {
    containers: (containers.length > 0 ? containers : [{}]).map((more, at) => ({ name: `c${at}`, ...more })),
    ...spec,
  },
});
const asking = (requests: Record<string, string>, spec = {}): Pod => pod(spec, { resources: { requests } });

/** As the key `default/new`, beside the others. */
function refused(wanted: Pod, ...others: Pod[]) {
  const occupancy = new Occupancy();
  for (const [at, other] of others.entries()) occupancy.hold(`default/${at}`, [other]);
  return refusalOf(wanted, { node, occupied: occupancy.besides('default/new') });
}

test('each resource has its reason, and the message says what was asked for, used and there', () => {
  assert.equal(refused(asking({ cpu: '1500m', memory: '1Gi' }), asking({ cpu: '500m' })), undefined);
  const cases: [Record<string, string>, Record<string, string>, string, string][] = [
    [{ cpu: '4' }, {}, 'OutOfcpu', 'cpu, requested: 4000, used: 0, capacity: 2000'],
    [{ cpu: '1m' }, { cpu: '2' }, 'OutOfcpu', 'cpu, requested: 1, used: 2000, capacity: 2000'],
    [
      { memory: '600Mi' },
      { memory: '512Mi' },
      'OutOfmemory',
      `memory, requested: ${600 * 2 ** 20}, used: ${2 ** 29}, capacity: ${2 ** 30}`,
    ],
    [
      { 'ephemeral-storage': '11Gi' },
      {},
      'OutOfephemeral-storage',
      `ephemeral-storage, requested: ${11 * 2 ** 30}, used: 0, capacity: ${10 * 2 ** 30}`,
    ],
    [
      { 'hugepages-2Mi': '4Mi' },
      { 'hugepages-2Mi': '2Mi' },
      'OutOfhugepages-2Mi',
      `hugepages-2Mi, requested: ${2 ** 22}, used: ${2 ** 21}, capacity: ${2 ** 22}`,
    ],
    [
      { 'hugepages-1Gi': '1Gi' },
      {},
      'OutOfhugepages-1Gi',
      `hugepages-1Gi, requested: ${2 ** 30}, used: 0, capacity: 0`,
    ],
    // The first in the kubelet's order is the one that is told.
    [{ cpu: '4', memory: '4Gi' }, {}, 'OutOfcpu', 'cpu, requested: 4000, used: 0, capacity: 2000'],
  ];
  for (const [wanted, used, reason, message] of cases) {
    const refusal = refused(asking(wanted), asking(used));
    assert.equal(refusal?.reason, reason);
    assert.equal(refusal?.message, `Node didn't have enough resource: ${message}`);
  }
});

test('who asks for nothing fits on a full node; what no node counts is never short', () => {
  assert.equal(refused(pod({}), asking({ cpu: '8', memory: '8Gi' })), undefined);
  assert.equal(refused(asking({ 'example.com/gpu': '1', cpu: '1' })), undefined);
});

test('the number of Pods comes before all else', () => {
  const refusal = refused(asking({ cpu: '8' }), pod({}), pod({}), pod({}));
  assert.equal(refusal?.reason, 'OutOfpods');
  assert.match(refusal?.message ?? '', /: pods, requested: 1, used: 3, capacity: 3$/);
});

test('what counts: containers and sidecars together or the greatest init container, Pod-level requests instead, overhead on top', () => {
  const init = (cpu: string, restartPolicy?: string) => ({
    name: `i${cpu}`,
    resources: { requests: { cpu } },
    ...(restartPolicy && { restartPolicy }),
  });
  const main = { resources: { requests: { cpu: '500m' } } };
  assert.match(refused(pod({ initContainers: [init('3')] }, main))?.message ?? '', /requested: 3000,/);
  assert.match(
    refused(pod({ initContainers: [init('1', 'Always'), init('2')] }, main))?.message ?? '',
    /requested: 3000,/,
    'an init container runs beside the sidecars before it',
  );
  assert.equal(refused(pod({ initContainers: [init('2'), init('1', 'Always')] }, main)), undefined);
  assert.equal(refused(pod({ resources: { requests: { cpu: '1' } } }, ...Array(8).fill(main))), undefined);
  assert.match(refused(pod({ overhead: { cpu: '1600m' } }, main))?.message ?? '', /requested: 2100,/);
});

test('node selector and required affinity, by labels and by name', () => {
  const reason = (spec: Partial<Pod['spec']> & object) => refused(pod(spec))?.reason;
  const affinity = (...terms: object[]) => ({
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
    },
  });
  const term = (key: string, operator: string, ...values: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  });
  assert.equal(reason({ nodeSelector: { disk: 'ssd' } }), undefined);
  assert.equal(reason({ nodeSelector: { disk: 'ssd', zone: 'a' } }), 'NodeAffinity');
  assert.equal(
    refused(pod({ nodeSelector: { disk: 'hdd' } }))?.message,
    "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  );
  for (const [fits, ...terms] of [
    [true, term('disk', 'In', 'hdd', 'ssd')],
    [false, term('disk', 'In', 'hdd')],
    [true, term('zone', 'NotIn', 'a')],
    [false, term('disk', 'NotIn', 'ssd')],
    [true, term('disk', 'Exists')],
    [false, term('disk', 'DoesNotExist')],
    [true, term('rank', 'Gt', '6')],
    [false, term('rank', 'Gt', '7')],
    [true, term('rank', 'Lt', '10')],
    [false, term('disk', 'Lt', '10')],
    [true, term('disk', 'In', 'hdd'), term('rank', 'Exists')],
    [false, {}],
    [true, { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
    [false, { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }],
  ] as [boolean, ...object[]][])
    assert.equal(reason(affinity(...terms)), fits ? undefined : 'NodeAffinity', JSON.stringify(terms));
  assert.equal(reason({ nodeName: 'n2' }), 'NodeName');
  assert.equal(reason({ nodeName: 'n1' }), undefined);
});

test('a host port is one of address, protocol and number; 0.0.0.0 is every address', () => {
  const on = (hostPort: number, hostIP = '', protocol = 'TCP') =>
    pod({}, { ports: [{ containerPort: 80, hostPort, hostIP, protocol }] });
  const taken = (wanted: Pod, held: Pod) => refused(wanted, held)?.reason === 'NodePorts';
  assert.ok(taken(on(80), on(80)));
  assert.equal(
    refused(on(80), on(80))?.message,
    "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  );
  assert.ok(!taken(on(80), on(81)));
  assert.ok(!taken(on(80, '', 'UDP'), on(80)));
  assert.ok(taken(on(80, '127.0.0.1'), on(80)));
  assert.ok(taken(on(80), on(80, '127.0.0.1')));
  assert.ok(!taken(on(80, '127.0.0.1'), on(80, '127.0.0.2')));
  const sidecar = { name: 's', restartPolicy: 'Always', ports: [{ containerPort: 1, hostPort: 80 }] };
  assert.ok(taken(on(80), pod({ initContainers: [sidecar] })));
  assert.ok(!taken(on(80), pod({ initContainers: [{ ...sidecar, restartPolicy: undefined }] })));
  assert.equal(
    refused(pod({ nodeSelector: { disk: 'hdd' } }, ...(on(80).spec?.containers ?? [])), on(80))?.reason,
    'NodeAffinity',
  );
});

test('a critical Pod hears of resources only when nothing else stands in its way', () => {
  const priorityClassName = 'system-cluster-critical';
  const nodeSelector = { disk: 'hdd' };
  assert.equal(refused(asking({ cpu: '4' }, { nodeSelector }))?.reason, 'OutOfcpu');
  assert.equal(refused(asking({ cpu: '4' }, { nodeSelector }))?.short, undefined);
  assert.equal(refused(asking({ cpu: '4' }, { nodeSelector, priorityClassName }))?.reason, 'NodeAffinity');
  assert.equal(refused(asking({ cpu: '4' }, { priorityClassName }))?.short?.length, 1);
});
