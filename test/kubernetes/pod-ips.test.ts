// The addresses that a Pod shows: its own, or the host's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podIpsOf } from '../../src/kubernetes/pod-ips.ts';

const ips = (ofSandbox: string[], hostIps: string[], hostNetwork = false) =>
  podIpsOf({ spec: { containers: [], hostNetwork } }, ofSandbox, hostIps);

test('its own: one of each family, that of the host’s first address first', () => {
  assert.deepEqual(ips(['172.17.0.2', 'fd00::2'], ['192.0.2.1', 'fd00::1']), ['172.17.0.2', 'fd00::2']);
  assert.deepEqual(ips(['172.17.0.2', 'fd00::2'], ['fd00::1', '192.0.2.1']), ['fd00::2', '172.17.0.2']);
  assert.deepEqual(ips(['fd00::2', 'fd00::3', '172.17.0.2', '172.17.0.3'], []), ['172.17.0.2', 'fd00::2']);
  assert.deepEqual(ips(['fd00::2'], ['192.0.2.1']), ['fd00::2']);
  assert.deepEqual(ips([], ['192.0.2.1']), []);
});

test('the host’s, in its network: the first, and a second one of the other family', () => {
  assert.deepEqual(ips([], ['192.0.2.1', 'fd00::1'], true), ['192.0.2.1', 'fd00::1']);
  assert.deepEqual(ips([], ['fd00::1', '192.0.2.1'], true), ['fd00::1', '192.0.2.1']);
  assert.deepEqual(ips([], ['192.0.2.1', '192.0.2.2', 'fd00::1'], true), ['192.0.2.1']);
  assert.deepEqual(ips(['172.17.0.2'], [], true), []);
});
