// The security settings of containers and sandboxes, as Docker is told them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerBody, sandboxBody } from '../../../src/engine/docker/create-body.ts';
import type { ContainerConfig, SandboxConfig } from '../../../src/engine/engine.ts';
import { containerConfig, sandboxConfig } from '../../contract/pods.ts';

const owner = { nodeName: 'n1', rootDir: '/var/lib/monopod' };
const identity = { name: 'web-n1', namespace: 'default', uid: '0a1b' };
const containerHost = (over: Partial<ContainerConfig>) =>
  containerBody(containerConfig(identity, 's', 'runs', over), owner).HostConfig ?? {};
const sandbox = (over: Partial<SandboxConfig>) => sandboxBody(sandboxConfig(identity, over), owner);

test('a container: what is asked for, and only that', () => {
  const host = containerHost({
    readOnlyRootFilesystem: true,
    noNewPrivileges: true,
    seccomp: '{"defaultAction":"SCMP_ACT_ALLOW"}',
    appArmor: 'mine',
    seLinux: { user: 'u', role: 'r', type: 't', level: 's0:c1,c2' },
    capabilitiesAdd: ['NET_ADMIN'],
    capabilitiesDrop: ['ALL'],
    supplementalGroups: [10, 20],
  });
  assert.deepEqual([host.Privileged, host.ReadonlyRootfs], [false, true]);
  assert.deepEqual(host.SecurityOpt, [
    'no-new-privileges',
    'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}',
    'apparmor=mine',
    'label=user:u',
    'label=role:r',
    'label=type:t',
    'label=level:s0:c1,c2',
  ]);
  assert.deepEqual([host.CapAdd, host.CapDrop], [['NET_ADMIN'], ['ALL']]);
  assert.deepEqual(host.GroupAdd, ['10', '20']);
  const plain = containerHost({});
  assert.ok(
    !('SecurityOpt' in plain) && !('CapAdd' in plain) && !('CapDrop' in plain) && !('GroupAdd' in plain),
  );
});

test("what is masked of /proc and /sys is the kubelet's list; nothing where the container is privileged", () => {
  const { MaskedPaths = [], ReadonlyPaths } = containerHost({});
  for (const path of [
    '/proc/kcore',
    '/proc/interrupts',
    '/proc/keys',
    '/sys/firmware',
    '/sys/devices/virtual/powercap',
  ])
    assert.ok(MaskedPaths.includes(path), path);
  assert.deepEqual(ReadonlyPaths, ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']);
  const privileged = containerHost({ privileged: true });
  assert.equal(privileged.Privileged, true);
  assert.ok(!('MaskedPaths' in privileged) && !('ReadonlyPaths' in privileged));
});

test("a sandbox gains no privileges, has the engine's default seccomp profile, and the Pod's user, groups and label", () => {
  const plain = sandbox({});
  assert.deepEqual(plain.HostConfig?.SecurityOpt, ['no-new-privileges']);
  assert.ok(!('User' in plain) && !('GroupAdd' in (plain.HostConfig ?? {})));
  const given = sandbox({ user: '1:2', supplementalGroups: [3], seLinux: { level: 's0' } });
  assert.equal(given.User, '1:2');
  assert.deepEqual(given.HostConfig?.SecurityOpt, ['no-new-privileges', 'label=level:s0']);
  assert.deepEqual(given.HostConfig?.GroupAdd, ['3']);
});
