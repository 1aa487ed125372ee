// Pods that are refused for what they ask of kernel and engine, with the kubelet's reasons and words.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allowedSysctls } from '../../../src/kubernetes/allowed-sysctls.ts';
import type { PodSpec } from '../../../src/kubernetes/pod.ts';
import { refusalOf } from '../../../src/supervisor/admission.ts';
import { Occupancy } from '../../../src/supervisor/occupancy.ts';

type Given = { unsafe?: string[]; appArmor?: boolean };

function refused(spec: Partial<PodSpec>, { unsafe = [], appArmor = false }: Given = {}) {
  const capacity = { cpu: '2', memory: '1Gi', pods: '1' };
  const node = {
    nodeName: 'n1',
    labels: {},
    resources: { capacity, allocatable: capacity },
    allowedSysctls: allowedSysctls('6.1.0', unsafe),
    appArmor,
  };
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'main' }], ...spec } };
  return refusalOf(pod, { node, occupied: new Occupancy().besides('default/p') });
}

describe('sysctls', () => {
  const setting = (...names: string[]) => ({
    securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) },
  });

  test('safe ones may be set', () => {
    assert.equal(refused(setting('net.ipv4.tcp_syncookies', 'kernel.shm_rmid_forced')), undefined);
    assert.equal(refused(setting('net/ipv4/tcp_syncookies')), undefined);
  });

  test('others are forbidden, the first of them is named', () => {
    const { reason, message } = refused(setting('net.ipv4.tcp_syncookies', 'net/core/somaxconn')) ?? {};
    assert.equal(reason, 'SysctlForbidden');
    assert.equal(message, 'forbidden sysctl: "net.core.somaxconn" not allowlisted');
  });

  test('unless the administrator allows them', () => {
    const unsafe = ['net.core.*', 'kernel.msgmax'];
    assert.equal(refused(setting('net.core.somaxconn', 'kernel.msgmax'), { unsafe }), undefined);
    assert.equal(refused(setting('kernel.msgmnb'), { unsafe })?.reason, 'SysctlForbidden');
  });
});

test('a Pod of another operating system', () => {
  assert.deepEqual(refused({ os: { name: 'windows' } }), {
    reason: 'PodOSNotSupported',
    message: "Failed to admit pod as the OS field doesn't match node OS",
  });
  assert.equal(refused({ os: { name: 'linux' } }), undefined);
});

test('groups by the Pod alone', () => {
  assert.deepEqual(refused({ securityContext: { supplementalGroupsPolicy: 'Strict' } }), {
    reason: 'SupplementalGroupsPolicyNotSupported',
    message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
  });
  assert.equal(refused({ securityContext: { supplementalGroupsPolicy: 'Merge' } }), undefined);
});

describe('AppArmor', () => {
  const profile = (type: string, localhostProfile?: string) => ({
    securityContext: {
      appArmorProfile: { type, ...(localhostProfile !== undefined && { localhostProfile }) },
    },
  });

  test('a profile that the host cannot enforce', () => {
    for (const spec of [
      profile('RuntimeDefault'),
      { containers: [{ name: 'main', ...profile('Localhost', 'x') }] },
    ])
      assert.deepEqual(refused(spec), {
        reason: 'AppArmor',
        message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host',
      });
    assert.equal(refused(profile('Unconfined')), undefined);
  });

  test('where the host can, any but one without a name', () => {
    const appArmor = true;
    assert.equal(refused(profile('RuntimeDefault'), { appArmor }), undefined);
    assert.equal(refused(profile('Localhost', 'x'), { appArmor }), undefined);
    assert.match(
      refused(profile('Localhost', ' '), { appArmor })?.message ?? '',
      /invalid empty AppArmor profile/,
    );
  });
});
