// What a Pod as a whole may use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../src/kubernetes/pod.ts';
import { podLimit } from '../../src/kubernetes/pod-limit.ts';

const MiB = 2 ** 20;
const limited = (name: string, memory?: string) => ({
  name,
  ...(memory !== undefined && { resources: { limits: { memory } } }),
});
const memoryOf = (spec: PodSpec) => podLimit({ spec }, 'memory');

test('what its containers come to, if each of them has a limit', () => {
  assert.equal(memoryOf({ containers: [limited('a', '1Mi'), limited('b', '2Mi')] }), 3 * MiB);
  assert.equal(memoryOf({ containers: [limited('a', '1Mi'), limited('b')] }), undefined);
  assert.equal(podLimit({}, 'memory'), undefined);
});

test('its own word comes first; overhead is on top of either', () => {
  const containers = [limited('a', '1Mi')];
  const overhead = { memory: '1Mi' };
  const resources = { limits: { memory: '4Mi', cpu: '1500m' } };
  assert.equal(memoryOf({ containers, resources }), 4 * MiB);
  assert.equal(memoryOf({ containers, resources, overhead }), 5 * MiB);
  assert.equal(memoryOf({ containers, overhead }), 2 * MiB);
  assert.equal(memoryOf({ containers: [limited('a')], overhead }), undefined);
  assert.equal(podLimit({ spec: { containers, resources } }, 'cpu'), 1500);
});
