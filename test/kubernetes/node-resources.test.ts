// What is left of a node for its Pods.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesText, withAllocatable } from '../../src/kubernetes/node-resources.ts';

const none = { systemReserved: {}, kubeReserved: {}, evictionHard: {} };

test('allocatable is capacity less system, kube and the hard eviction thresholds', () => {
  const capacity = { cpu: '4', memory: '16308984Ki', 'ephemeral-storage': '102350Mi', pods: '110' };
  assert.deepEqual(withAllocatable(capacity, none).allocatable, capacity);
  const { allocatable } = withAllocatable(capacity, {
    systemReserved: { cpu: '500m', memory: '1Gi', 'ephemeral-storage': '1Gi' },
    kubeReserved: { cpu: '0.1', memory: '512Mi' },
    evictionHard: { 'memory.available': '100Mi', 'nodefs.inodesFree': '5%' },
  });
  assert.deepEqual(allocatable, {
    cpu: '3400m',
    memory: `${16308984 - 1024 * 1024 - 512 * 1024 - 100 * 1024}Ki`,
    'ephemeral-storage': '101326Mi',
    pods: '110',
  });
});

test('a percentage is of capacity, in the single precision that the kubelet takes it in', () => {
  const capacity = { 'ephemeral-storage': '129900528Ki' };
  const { allocatable } = withAllocatable(capacity, { ...none, evictionHard: { 'nodefs.available': '10%' } });
  // What a node of that size is known to report.
  assert.equal(allocatable['ephemeral-storage'], '119716326407');
});

test('huge pages are memory that is no longer there, and nothing goes below zero', () => {
  const { allocatable } = withAllocatable(
    { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '512Mi' },
    { ...none, systemReserved: { cpu: '2' }, kubeReserved: { memory: '256Mi' } },
  );
  assert.deepEqual(allocatable, { cpu: '0', memory: '256Mi', 'hugepages-2Mi': '512Mi' });
});

test('bytes in the largest unit that says them whole', () => {
  assert.deepEqual([0, 1023, 1024, 1536, 2 ** 30, 25276502016].map(bytesText), [
    '0',
    '1023',
    '1Ki',
    '1536',
    '1Gi',
    '24684084Ki',
  ]);
});
