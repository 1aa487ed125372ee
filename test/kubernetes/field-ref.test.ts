// What a fieldRef names.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldValue, metadataValue } from '../../src/kubernetes/field-ref.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { envFieldPaths, volumeFieldPaths } from '../../src/kubernetes/validate/field-selector.ts';

const pod: Pod = {
  metadata: {
    name: 'web-node',
    namespace: 'shop',
    uid: 'u1',
    labels: { b: '2', a: '1"', 'x.y/z': 'prefixed' },
    annotations: { 'x/y': 'two\nlines', brackets: "a['b']" },
  },
  spec: { containers: [], serviceAccountName: 'sa' },
};
const facts = { nodeName: 'node', hostIps: ['192.0.2.1', '2001:db8::1'], podIps: ['172.17.0.2', 'fd00::2'] };

const metadata = {
  'metadata.name': 'web-node',
  'metadata.namespace': 'shop',
  'metadata.uid': 'u1',
  "metadata.labels['b']": '2',
  "metadata.labels['x.y/z']": 'prefixed',
  "metadata.labels['none']": '',
  "metadata.labels['toString']": '',
  "metadata.annotations['x/y']": 'two\nlines',
  'metadata.labels': 'a="1\\""\nb="2"\nx.y/z="prefixed"',
  'metadata.annotations': 'brackets="a[\'b\']"\nx/y="two\\nlines"',
};
const environment = {
  'spec.nodeName': 'node',
  'spec.host': 'node',
  'spec.serviceAccountName': 'sa',
  'status.hostIP': '192.0.2.1',
  'status.hostIPs': '192.0.2.1,2001:db8::1',
  'status.podIP': '172.17.0.2',
  'status.podIPs': '172.17.0.2,fd00::2',
};

describe('in the environment', () => {
  for (const [fieldPath, value] of Object.entries({ ...metadata, ...environment })) {
    test(fieldPath, () => assert.deepEqual(fieldValue({ fieldPath }, pod, facts), { value }));
  }

  test('all that the API allows is known', () => {
    for (const fieldPath of envFieldPaths)
      assert.ok('value' in fieldValue({ apiVersion: 'v1', fieldPath }, pod, facts), fieldPath);
  });

  for (const [fieldPath, problem] of [
    ['spec.restartPolicy', 'unsupported fieldPath: spec.restartPolicy'],
    ['status.phase', 'unsupported fieldPath: status.phase'],
    ['metadata.generation', 'field label not supported: metadata.generation'],
    ["spec.nodeName['x']", "field label does not support subscript: spec.nodeName['x']"],
    ['', 'field label not supported: '],
  ] as const) {
    test(`${fieldPath} is refused, not empty`, () =>
      assert.deepEqual(fieldValue({ fieldPath }, pod, facts), { problem }));
  }

  test('another API version is refused', () => {
    const reference = { apiVersion: 'v2', fieldPath: 'metadata.name' };
    assert.deepEqual(fieldValue(reference, pod, facts), { problem: 'unsupported pod version: v2' });
  });

  test('a Pod without labels or account', () => {
    const bare: Pod = { metadata: { name: 'p' }, spec: { containers: [] } };
    for (const fieldPath of ['metadata.labels', "metadata.labels['x']", 'spec.serviceAccountName'])
      assert.deepEqual(fieldValue({ fieldPath }, bare, facts), { value: '' });
  });
});

describe('in a volume', () => {
  for (const [fieldPath, value] of Object.entries(metadata)) {
    test(fieldPath, () => assert.deepEqual(metadataValue(fieldPath, pod), { value }));
  }

  test('all that the API allows is known', () => {
    for (const fieldPath of volumeFieldPaths) assert.ok('value' in metadataValue(fieldPath, pod), fieldPath);
  });

  test('what only a running Pod has is refused', () => {
    for (const fieldPath of Object.keys(environment))
      assert.deepEqual(metadataValue(fieldPath, pod), { problem: `unsupported fieldPath: ${fieldPath}` });
    assert.deepEqual(metadataValue("metadata.name['x']", pod), {
      problem: `fieldPath "metadata.name['x']" does not support subscript`,
    });
  });
});
