// The QoS class of a Pod.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec } from '../../src/kubernetes/pod.ts';
import { qosClassOf } from '../../src/kubernetes/qos.ts';

type List = Record<string, string>;
const one = (requests?: List, limits?: List): Container => ({ name: 'c', resources: { requests, limits } });
const pod = (containers: Container[], more: Partial<PodSpec> = {}) => ({ spec: { containers, ...more } });
const both = { cpu: '1', memory: '1Gi' };

for (const [what, expected, containers, more] of [
  ['nothing asked for', 'BestEffort', [one()], {}],
  ['zero asked for', 'BestEffort', [one({ cpu: '0', memory: '0' }, { cpu: '0' })], {}],
  [
    'only other resources',
    'BestEffort',
    [one({ 'ephemeral-storage': '1Gi' }, { 'hugepages-2Mi': '4Mi' })],
    {},
  ],
  ['requests and limits the same', 'Guaranteed', [one(both, both)], {}],
  ['the same, written differently', 'Guaranteed', [one({ cpu: '1000m', memory: '1024Mi' }, both)], {}],
  ['limits only', 'Guaranteed', [one(undefined, both)], {}],
  ['requests only', 'Burstable', [one(both)], {}],
  ['a request below its limit', 'Burstable', [one({ cpu: '500m', memory: '1Gi' }, both)], {}],
  ['a request of zero', 'Burstable', [one({ cpu: '0' }, both)], {}],
  ['no limit of memory', 'Burstable', [one({ cpu: '1' }, { cpu: '1' })], {}],
  ['no limit of cpu', 'Burstable', [one({ memory: '1Gi' }, { memory: '1Gi' })], {}],
  ['one of two asks for nothing', 'Burstable', [one(both, both), one()], {}],
  ['both the same', 'Guaranteed', [one(both, both), one(undefined, both)], {}],
  ['an init container counts', 'Burstable', [one(both, both)], { initContainers: [one()] }],
  ['an init container alone asks', 'Burstable', [one()], { initContainers: [one({ cpu: '1m' })] }],
  ['the Pod’s own resources go before', 'Guaranteed', [one()], { resources: { limits: both } }],
  ['empty resources of the Pod say nothing', 'Guaranteed', [one(both, both)], { resources: { limits: {} } }],
  ['the Pod’s own requests', 'Burstable', [one(both, both)], { resources: { requests: { cpu: '1' } } }],
] as [string, string, Container[], Partial<PodSpec>][]) {
  test(`${what}: ${expected}`, () => assert.equal(qosClassOf(pod(containers, more)), expected));
}
