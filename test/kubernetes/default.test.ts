// What the API server would have filled in, beyond what pods.jsonl shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setPodDefaults } from '../../src/kubernetes/default.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';

function defaulted(spec: Partial<NonNullable<Pod['spec']>>): NonNullable<Pod['spec']> {
  const pod: Pod = { spec: { containers: [], ...spec } };
  setPodDefaults(pod);
  return pod.spec as NonNullable<Pod['spec']>;
}

test('with the host network, container ports are host ports, init containers included', () => {
  const { containers, initContainers } = defaulted({
    hostNetwork: true,
    containers: [{ name: 'a', ports: [{ containerPort: 80 }] }],
    initContainers: [{ name: 'i', ports: [{ containerPort: 81 }] }],
  });
  assert.deepEqual(containers[0]?.ports, [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]);
  assert.deepEqual(initContainers?.[0]?.ports, [{ containerPort: 81, hostPort: 81, protocol: 'TCP' }]);
});

test("a Pod's own requests are those of its containers, else its limits", () => {
  const { resources } = defaulted({
    resources: { limits: { cpu: '4', memory: '1Gi' } },
    containers: [
      { name: 'a', resources: { requests: { cpu: '500m' } } },
      { name: 'b', resources: { limits: { cpu: '1' } } },
    ],
    initContainers: [
      { name: 'sidecar', restartPolicy: 'Always', resources: { requests: { cpu: '100m' } } },
      { name: 'i', resources: { requests: { cpu: '2' } } },
    ],
  });
  assert.deepEqual(resources?.requests, { cpu: '2100m', memory: '1Gi' });
});

test('volumes', () => {
  const { volumes } = defaulted({
    volumes: [
      { name: 'a' },
      { name: 'b', hostPath: { path: '/x' } },
      { name: 'c', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      { name: 'd', image: { reference: 'r:1' } },
      { name: 'e', rbd: { image: 'i', monitors: ['m'] } },
      { name: 'f', azureDisk: { diskName: 'd', diskURI: 'https://x' } },
    ],
  });
  assert.deepEqual(volumes, [
    { name: 'a', emptyDir: {} },
    { name: 'b', hostPath: { path: '/x', type: '' } },
    {
      name: 'c',
      projected: {
        sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }],
        defaultMode: 420,
      },
    },
    { name: 'd', image: { reference: 'r:1', pullPolicy: 'IfNotPresent' } },
    {
      name: 'e',
      rbd: { image: 'i', monitors: ['m'], pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
    },
    {
      name: 'f',
      azureDisk: {
        diskName: 'd',
        diskURI: 'https://x',
        cachingMode: 'ReadWrite',
        fsType: 'ext4',
        kind: 'Shared',
        readOnly: false,
      },
    },
  ]);
});

test('a grace period of zero stays, a negative one is 1', () => {
  const grace = (terminationGracePeriodSeconds?: number) =>
    defaulted({ terminationGracePeriodSeconds }).terminationGracePeriodSeconds;
  assert.deepEqual([grace(), grace(0), grace(-5), grace(7)], [30, 0, 1, 7]);
});

test('the address of a Pod and the first of its addresses are one; the one counts', () => {
  const addresses = (status: NonNullable<Pod['status']>) => {
    const pod: Pod = { status };
    setPodDefaults(pod);
    return pod.status;
  };
  const [first, second] = [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }];
  assert.deepEqual(addresses({ podIP: '10.0.0.1' }), { podIP: '10.0.0.1', podIPs: [first] });
  assert.deepEqual(addresses({ podIPs: [first, second] }), { podIP: '10.0.0.1', podIPs: [first, second] });
  assert.deepEqual(addresses({ podIP: 'fd00::1', podIPs: [first, second] }), {
    podIP: 'fd00::1',
    podIPs: [second],
  });
  assert.deepEqual(addresses({ podIP: '10.0.0.1', podIPs: [first, second] })?.podIPs, [first, second]);
  assert.deepEqual(addresses({}), {});
});
