// Which fields of two Pods differ, and what they are called.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podDifferences } from '../../src/cli/pod-difference.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';

const pod = (spec: object, metadata: object = {}): Pod =>
  ({ metadata: { name: 'w', ...metadata }, spec: { containers: [], ...spec } }) as Pod;
const named = (...names: string[]) => names.map((name) => ({ name, image: 'i' }));

test('what monopod writes itself is no difference', () => {
  const annotations = (hash: string) => ({
    'kubernetes.io/config.hash': hash,
    'kubernetes.io/config.seen': hash,
    'kubernetes.io/config.source': 'file',
  });
  const running = {
    ...pod({}, { uid: 'u', creationTimestamp: 't', annotations: annotations('u') }),
    status: { phase: 'Running' },
  };
  assert.deepEqual(podDifferences(running, pod({}, { uid: 'v', annotations: annotations('v') })), []);
  assert.deepEqual(podDifferences(running, pod({}, { annotations: { own: 'x' } })), [
    { field: 'metadata.annotations', new: { own: 'x' } },
  ]);
});

test('values that change, come and go, with keys of maps in brackets', () => {
  const before = pod({ hostNetwork: true, restartPolicy: 'Always' }, { labels: { 'a/b': '1', c: 'x' } });
  const after = pod({ hostIPC: true, restartPolicy: 'Never' }, { labels: { 'a/b': '2', d: 'y' } });
  assert.deepEqual(podDifferences(before, after), [
    { field: 'metadata.labels[a/b]', old: '1', new: '2' },
    { field: 'metadata.labels[c]', old: 'x' },
    { field: 'metadata.labels[d]', new: 'y' },
    { field: 'spec.hostNetwork', old: true },
    { field: 'spec.restartPolicy', old: 'Always', new: 'Never' },
    { field: 'spec.hostIPC', new: true },
  ]);
});

test('containers are paired by name: one that comes before the others changes none of them', () => {
  const before = pod({ containers: named('a', 'b') });
  const after = pod({ containers: [...named('new', 'a'), { name: 'b', image: 'j' }] });
  assert.deepEqual(podDifferences(before, after), [
    { field: 'spec.containers[0]', new: { name: 'new', image: 'i' } },
    { field: 'spec.containers[2].image', old: 'i', new: 'j' },
  ]);
  assert.deepEqual(podDifferences(after, before), [
    { field: 'spec.containers[1].image', old: 'j', new: 'i' },
    { field: 'spec.containers[0]', old: { name: 'new', image: 'i' } },
  ]);
});

test('another order is a difference', () => {
  assert.deepEqual(
    podDifferences(pod({ containers: named('a', 'b') }), pod({ containers: named('b', 'a') })),
    [{ field: 'spec.containers (order)', old: ['a', 'b'], new: ['b', 'a'] }],
  );
});

test('lists of values are compared by place, or as a whole where one is longer', () => {
  const command = (...words: string[]) => pod({ containers: [{ name: 'a', command: words }] });
  assert.deepEqual(podDifferences(command('a', 'b'), command('a', 'c')), [
    { field: 'spec.containers[0].command[1]', old: 'b', new: 'c' },
  ]);
  assert.deepEqual(podDifferences(command('a'), command('a', 'c')), [
    { field: 'spec.containers[0].command', old: ['a'], new: ['a', 'c'] },
  ]);
});

test('items that nothing tells apart are compared by place', () => {
  const tolerations = (...keys: string[]) => pod({ tolerations: keys.map((key) => ({ key })) });
  assert.deepEqual(podDifferences(tolerations('a', 'a'), tolerations('a', 'b', 'b')), [
    { field: 'spec.tolerations[1].key', old: 'a', new: 'b' },
    { field: 'spec.tolerations[2]', new: { key: 'b' } },
  ]);
});

test('a key that means something to JavaScript is a key', () => {
  const labels = (text: string) => pod({}, { labels: JSON.parse(text) });
  assert.deepEqual(podDifferences(labels('{"__proto__": "a"}'), labels('{"constructor": "b"}')), [
    { field: 'metadata.labels[__proto__]', old: 'a' },
    { field: 'metadata.labels[constructor]', new: 'b' },
  ]);
});
