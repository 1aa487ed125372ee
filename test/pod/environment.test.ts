// A container's environment: values, $(NAME) and what the Pod says of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from '../../src/kubernetes/expansion.ts';
import type { Container } from '../../src/kubernetes/pod.ts';
import { environmentOf } from '../../src/pod/config/environment.ts';
import { value } from '../contract/results.ts';
import { container, staticPod } from './pods.ts';

const facts = { nodeName: 'node', hostIps: ['192.0.2.1', '2001:db8::1'], podIps: ['172.17.0.2'] };

const values = new Map([
  ['A', 'a'],
  ['B', '$(A)'],
  ['', 'empty'],
]);
for (const [text, expected] of [
  ['$(A)', 'a'],
  ['x$(A)y$(A)', 'xaya'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$a'],
  ['$$$$(A)', '$$(A)'],
  ['$(B)', '$(A)'],
  ['$(C)', '$(C)'],
  ['$(A', '$(A'],
  ['$A', '$A'],
  ['$', '$'],
  ['$$', '$'],
  ['$(A)$', 'a$'],
  ['$(C$(A))', '$(C$(A))'],
]) {
  test(`${text} becomes ${expected}`, () => assert.equal(expand(text ?? '', values), expected));
}

const { pod } = staticPod('v1', { serviceAccountName: 'sa' });
const metadata = { ...pod.metadata, labels: { b: '2', a: '1"' }, annotations: { 'x/y': 'z' } };
const of = (env: Container['env']) =>
  Object.fromEntries(value(environmentOf(container('main', { env }), { ...pod, metadata }, facts)));

test('a later variable sees the earlier ones only, and replaces one of its name', () => {
  assert.deepEqual(
    of([
      { name: 'A', value: '$(B)' },
      { name: 'B', value: '$(A)!' },
      { name: 'C' },
      { name: 'A', value: 'new $(B)' },
    ]),
    { A: 'new $(B)!', B: '$(B)!', C: '' },
  );
});

for (const [path, expected] of [
  ['metadata.name', 'web-node'],
  ['metadata.namespace', 'default'],
  ['metadata.uid', 'v1'],
  ["metadata.labels['b']", '2'],
  ["metadata.labels['none']", ''],
  ["metadata.annotations['x/y']", 'z'],
  ['metadata.labels', 'a="1\\""\nb="2"'],
  ['spec.nodeName', 'node'],
  ['spec.serviceAccountName', 'sa'],
  ['status.hostIP', '192.0.2.1'],
  ['status.hostIPs', '192.0.2.1,2001:db8::1'],
  ['status.podIP', '172.17.0.2'],
  ['status.podIPs', '172.17.0.2'],
]) {
  test(`fieldRef ${path}`, () => {
    assert.equal(of([{ name: 'V', valueFrom: { fieldRef: { fieldPath: path ?? '' } } }]).V, expected);
  });
}

test('what a field holds is not expanded', () => {
  const labelled = { ...pod, metadata: { ...metadata, labels: { x: '$(A)' } } };
  const env = [
    { name: 'A', value: 'a' },
    { name: 'V', valueFrom: { fieldRef: { fieldPath: "metadata.labels['x']" } } },
  ];
  assert.equal(value(environmentOf(container('main', { env }), labelled, facts)).get('V'), '$(A)');
});
