// Which Pods are meant by what was typed, and when an order has happened.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderProgress } from '../../src/cli/await-order.ts';
import { orderTargets } from '../../src/cli/order-targets.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { OrderVerb } from '../../src/server/node-orders.ts';
import type { ManifestRecord } from '../../src/server/node-view.ts';

const podOf = (name: string, namespace = 'default'): Pod => ({
  metadata: { name: `${name}-node1`, namespace, uid: name },
  spec: { containers: [], nodeName: 'node1' },
});
const record = (
  name: string,
  namespace = 'default',
  state: ManifestRecord['state'] = 'running',
): ManifestRecord => ({
  sourceId: 'file:/m',
  origin: `/m/${namespace}-${name}.yaml`,
  state,
  staticPod: {
    key: `${namespace}/${name}-node1`,
    uid: name,
    source: 'file',
    origin: '/m',
    pod: podOf(name, namespace),
  },
  errors: [],
  warnings: [],
  reason: '',
  sinceMs: 0,
});
const manifests = [
  record('web'),
  record('api', 'shop'),
  record('web', 'shop'),
  record('db', 'shop', 'stopped'),
  record('api', 'shop', 'conflict'),
];

const meant = (
  names: string[],
  more: { namespace?: string; all?: boolean; verb?: OrderVerb } = {},
  pods: Pod[] = [],
) => {
  const { namespace, all = false, verb = 'stop' } = more;
  return orderTargets(verb, { names, all, namespace }, manifests, pods).map(
    (one) => `${one.namespace}/${one.name}`,
  );
};
const refused = (names: string[], why: RegExp, more = {}, pods: Pod[] = []) =>
  assert.throws(() => meant(names, more, pods), { name: 'CommandError', message: why });

test('a Pod is named as for the other verbs: with or without its node, with its namespace before it or by -n', () => {
  assert.deepEqual(meant(['api']), ['shop/api-node1']);
  assert.deepEqual(meant(['api-node1', 'pod/db']), ['shop/api-node1', 'shop/db-node1']);
  assert.deepEqual(meant(['shop/web']), ['shop/web-node1']);
  assert.deepEqual(meant(['web'], { namespace: 'default' }), ['default/web-node1']);
  assert.deepEqual(meant(['api', 'shop/api']), ['shop/api-node1'], 'named twice is once');
});

test('a name that could be several is not guessed', () => {
  refused(['web'], /^"web" could be default\/web-node1 or shop\/web-node1$/);
});

test('an unknown name is told with what is near', () => {
  refused(['wbe'], /^pod "wbe" not found: did you mean "web"\?$/);
  refused(['ap-node1'], /did you mean "api-node1"\?$/);
  refused(['completely-different'], /^pod "completely-different" not found; monopod get manifests shows/);
  refused(['default/api'], /^pod "default\/api" not found: there is one in namespace shop$/);
  refused(['gone'], /^pod "gone" stops already: it has no manifest any more$/, {}, [podOf('gone')]);
});

test('--all are those that it would change, of the namespace if one is given', () => {
  assert.deepEqual(meant([], { all: true }), ['default/web-node1', 'shop/api-node1', 'shop/web-node1']);
  assert.deepEqual(meant([], { all: true, namespace: 'default' }), ['default/web-node1']);
  assert.deepEqual(meant([], { all: true, verb: 'start' }), ['shop/db-node1']);
  refused(['web'], /cannot be given together with --all/, { all: true });
  refused([], /give the name of a Pod, or --all/);
});

const seen = (uid: string, phase: string, more: object = {}): Pod => ({
  metadata: { ...podOf('web').metadata, uid, ...more },
  status: { phase },
});
const stopping = { deletionTimestamp: '2026-01-01T00:00:00Z' } as unknown as object;
const course = (uid: string | undefined, pods: (Pod | undefined)[]) => {
  const progress = new OrderProgress(uid);
  return pods.map((pod) => progress.seen(pod).at);
};

test('restarted is when the new generation runs, whatever is seen of the old one', () => {
  assert.deepEqual(
    course('new', [
      seen('old', 'Running'),
      seen('old', 'Running', stopping),
      seen('new', 'Pending'),
      seen('new', 'Running'),
    ]),
    ['under way', 'under way', 'under way', 'done'],
  );
  assert.deepEqual(
    course('same', [seen('same', 'Running', stopping), undefined, seen('same', 'Running')]),
    ['under way', 'under way', 'done'],
    'a start of what still stops',
  );
});

test('stopped is when there is nothing of it', () => {
  assert.deepEqual(course(undefined, [seen('old', 'Running'), seen('old', 'Running', stopping), undefined]), [
    'under way',
    'under way',
    'done',
  ]);
});

test('who waits is told when something else was wanted meanwhile', () => {
  assert.equal(course('new', [seen('new', 'Pending'), seen('newer', 'Pending')]).at(-1), 'overtaken');
  assert.equal(
    course(undefined, [seen('old', 'Running', stopping), seen('old', 'Pending')]).at(-1),
    'overtaken',
  );
});

test('what holds it up is said', () => {
  const waiting = { reason: 'ImagePullBackOff', message: 'Back-off' };
  const pod = seen('new', 'Pending');
  pod.status = {
    phase: 'Pending',
    containerStatuses: [{ name: 'main', state: { waiting } }],
  } as unknown as Pod['status'];
  assert.deepEqual(new OrderProgress('new').seen(pod), {
    at: 'under way',
    why: 'container main: ImagePullBackOff: Back-off',
  });
});
