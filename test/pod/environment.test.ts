// A container's environment: values, $(NAME) and what the Pod says of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1EnvVarSource } from '../../src/kubernetes/generated/shapes.ts';
import type { Container } from '../../src/kubernetes/pod.ts';
import { environmentOf, type Sources } from '../../src/pod/config/environment.ts';
import { code, message, value } from '../contract/results.ts';
import { container, staticPod } from './pods.ts';

const sources: Sources = {
  facts: { nodeName: 'node', hostIps: ['192.0.2.1', '2001:db8::1'], podIps: ['172.17.0.2'] },
  allocatable: { cpu: '3', memory: '8Gi' },
  files: new Map(),
};

const { pod } = staticPod('v1', { serviceAccountName: 'sa' });
const metadata = { ...pod.metadata, labels: { b: '2', a: '1"' }, annotations: { 'x/y': 'z' } };
const of = (env: Container['env']) =>
  Object.fromEntries(value(environmentOf(container('main', { env }), { ...pod, metadata }, sources)));

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

test('what a field holds is not expanded', () => {
  const labelled = { ...pod, metadata: { ...metadata, labels: { x: '$(A)' } } };
  const env = [
    { name: 'A', value: 'a' },
    { name: 'V', valueFrom: { fieldRef: { fieldPath: "metadata.labels['x']" } } },
  ];
  assert.equal(value(environmentOf(container('main', { env }), labelled, sources)).get('V'), '$(A)');
});

const withSource = (valueFrom: V1EnvVarSource) => ({ name: 'V', valueFrom });

test('each source gives its value', () => {
  const fileKeyRef = { volumeName: 'v', path: 'f', key: 'K' };
  const files = new Map([[fileKeyRef, 'from a file $(A)']]);
  for (const [valueFrom, expected] of [
    [{ fieldRef: { fieldPath: 'status.podIP' } }, '172.17.0.2'],
    [{ fieldRef: { fieldPath: "metadata.labels['b']" } }, '2'],
    [{ resourceFieldRef: { resource: 'limits.cpu' } }, '3'],
    [{ fileKeyRef }, 'from a file $(A)'],
  ] as [V1EnvVarSource, string][]) {
    const main = container('main', { env: [{ name: 'A', value: 'a' }, withSource(valueFrom)] });
    const result = environmentOf(main, { ...pod, metadata }, { ...sources, files });
    assert.equal(value(result).get('V'), expected);
  }
});

test('a variable whose optional file or key is not there is not set; one of its name before it stays', () => {
  const fileKeyRef = { volumeName: 'v', path: 'f', key: 'K', optional: true };
  assert.deepEqual(of([withSource({ fileKeyRef }), { name: 'B', value: '[$(V)]' }]), { B: '[$(V)]' });
  assert.deepEqual(of([{ name: 'V', value: 'before' }, withSource({ fileKeyRef })]), { V: 'before' });
});

for (const [valueFrom, problem] of [
  [{ fieldRef: { fieldPath: 'metadata.generation' } }, 'field label not supported: metadata.generation'],
  [{ resourceFieldRef: { resource: 'limits.gpu' } }, 'unsupported container resource : limits.gpu'],
  [{ resourceFieldRef: { resource: 'limits.cpu', containerName: 'x' } }, 'container x not found'],
  [{ secretKeyRef: { key: 'k' } }, 'a static Pod has nobody to ask for secretKeyRef'],
  [{}, 'a static Pod has nobody to ask for its value'],
] as [V1EnvVarSource, string][]) {
  test(`never empty for what is not known: ${problem}`, () => {
    const result = environmentOf(container('main', { env: [withSource(valueFrom)] }), pod, sources);
    assert.equal(code(result), 'ContainerConfigInvalid');
    assert.equal(message(result), `environment variable V: ${problem}`);
  });
}
