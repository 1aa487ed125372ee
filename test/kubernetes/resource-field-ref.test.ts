// What a resourceFieldRef names.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import { resourceValue, resourceValueByName } from '../../src/kubernetes/resource-field-ref.ts';

const allocatable = { cpu: '3500m', memory: '8Gi', 'ephemeral-storage': '100G', 'hugepages-2Mi': '64Mi' };

const full: Container = {
  name: 'full',
  resources: {
    requests: { cpu: '250m', memory: '64Mi', 'ephemeral-storage': '1G', 'hugepages-2Mi': '4Mi' },
    limits: { cpu: '1500m', memory: '100M', 'ephemeral-storage': '2Gi', 'hugepages-2Mi': '4Mi' },
  },
};
const bare: Container = { name: 'bare' };
const podWith = (more: Partial<PodSpec> = {}): Pod => ({ spec: { containers: [full, bare], ...more } });

const value = (resource: string, divisor?: string, container = full, pod = podWith()) =>
  resourceValue({ resource, ...(divisor && { divisor }) }, pod, container, allocatable);

for (const [resource, divisor, expected] of [
  ['limits.cpu', undefined, '2'],
  ['limits.cpu', '0', '2'],
  ['limits.cpu', '1', '2'],
  ['limits.cpu', '1m', '1500'],
  ['requests.cpu', undefined, '1'],
  ['requests.cpu', '1m', '250'],
  ['limits.memory', undefined, '100000000'],
  ['limits.memory', '1Mi', '96'],
  ['limits.memory', '1M', '100'],
  ['limits.memory', '1k', '100000'],
  ['limits.memory', '1Gi', '1'],
  ['requests.memory', '1Mi', '64'],
  ['requests.memory', '1E', '1'],
  ['requests.ephemeral-storage', '1Mi', '954'],
  ['limits.ephemeral-storage', '1Gi', '2'],
  ['limits.hugepages-2Mi', '1Mi', '4'],
  ['requests.hugepages-2Mi', undefined, '4194304'],
] as const) {
  test(`${resource} in units of ${divisor ?? 'nothing written'} is ${expected}, rounded up`, () =>
    assert.deepEqual(value(resource, divisor), { value: expected }));
}

test('a limit that is not written, or 0, is what the node may give; a request is 0', () => {
  const zero: Container = { name: 'zero', resources: { limits: { cpu: '0', memory: '0' } } };
  for (const container of [bare, zero]) {
    assert.deepEqual(value('limits.cpu', '1m', container), { value: '3500' });
    assert.deepEqual(value('limits.cpu', undefined, container), { value: '4' });
    assert.deepEqual(value('limits.memory', '1Gi', container), { value: '8' });
    assert.deepEqual(value('limits.ephemeral-storage', '1G', container), { value: '100' });
    assert.deepEqual(value('requests.cpu', '1m', container), { value: '0' });
    assert.deepEqual(value('requests.memory', undefined, container), { value: '0' });
  }
});

test('huge pages are never overcommitted: without a limit there are none', () =>
  assert.deepEqual(value('limits.hugepages-2Mi', undefined, bare), { value: '0' }));

test('more than an int64 holds is the most that it holds', () => {
  const huge: Container = { name: 'huge', resources: { limits: { memory: '1e30' } } };
  assert.deepEqual(value('limits.memory', undefined, huge), { value: '9223372036854775807' });
});

for (const resource of ['limits.gpu', 'limits.', 'memory', '', 'limits.nvidia.com/gpu', 'requests.storage']) {
  test(`"${resource}" is refused, not empty`, () =>
    assert.deepEqual(value(resource), { problem: `unsupported container resource : ${resource}` }));
}

describe('another container', () => {
  const init: Container = { name: 'init', resources: { requests: { cpu: '100m' } } };
  const pod = podWith({ initContainers: [init] });
  const named = (containerName: string, resource: string) =>
    resourceValue({ containerName, resource, divisor: '1m' }, pod, bare, allocatable);

  test('by its name', () => {
    assert.deepEqual(named('full', 'limits.cpu'), { value: '1500' });
    assert.deepEqual(named('bare', 'limits.cpu'), { value: '3500' });
    assert.deepEqual(named('init', 'requests.cpu'), { value: '100' });
  });

  test('an init container that is named has no limits but its own, one that asks for itself has the node’s', () => {
    assert.deepEqual(named('init', 'limits.cpu'), { value: '0' });
    assert.deepEqual(resourceValue({ resource: 'limits.cpu', divisor: '1m' }, pod, init, allocatable), {
      value: '3500',
    });
  });

  test('that is not there', () =>
    assert.deepEqual(named('nobody', 'limits.cpu'), { problem: 'container nobody not found' }));
});

describe('limits of the Pod', () => {
  const pod = podWith({ resources: { limits: { cpu: '2', memory: '1Gi', 'hugepages-2Mi': '8Mi' } } });

  test('go before the node’s, and behind the container’s own', () => {
    assert.deepEqual(value('limits.cpu', '1m', bare, pod), { value: '2000' });
    assert.deepEqual(value('limits.memory', '1Mi', bare, pod), { value: '1024' });
    assert.deepEqual(value('limits.ephemeral-storage', '1G', bare, pod), { value: '100' });
    assert.deepEqual(value('limits.hugepages-2Mi', undefined, bare, pod), { value: '0' });
    assert.deepEqual(value('limits.cpu', '1m', full, pod), { value: '1500' });
  });

  test('a volume does not see them', () => {
    const inVolume = (containerName: string, resource: string) =>
      resourceValueByName({ containerName, resource, divisor: '1m' }, pod, allocatable);
    assert.deepEqual(inVolume('bare', 'limits.cpu'), { value: '3500' });
    assert.deepEqual(inVolume('full', 'limits.cpu'), { value: '1500' });
    assert.deepEqual(inVolume('nobody', 'limits.cpu'), { problem: 'container nobody not found' });
  });
});

test('an init container’s limits in a volume default to the node’s', () => {
  const pod = podWith({ initContainers: [{ name: 'init' }] });
  const reference = { containerName: 'init', resource: 'limits.memory', divisor: '1Gi' };
  assert.deepEqual(resourceValueByName(reference, pod, allocatable), { value: '8' });
});
