// SandboxConfig and ContainerConfig become what Docker is to create.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerName, sandboxName } from '../../../src/engine/docker/container-name.ts';
import { containerBody, sandboxBody } from '../../../src/engine/docker/create-body.ts';
import { containerConfig, sandboxConfig } from '../../contract/pods.ts';

const owner = { nodeName: 'n1', rootDir: '/var/lib/monopod' };
const identity = { name: 'web-n1', namespace: 'default', uid: '0a1b' };

test("names are the kubelet's", () => {
  assert.equal(containerName('nginx', identity, 3), 'k8s_nginx_web-n1_default_0a1b_3');
  assert.equal(sandboxName(identity, 0), 'k8s_POD_web-n1_default_0a1b_0');
});

test('our labels win over those that a manifest could forge', () => {
  const forged = { 'monopod.dev/root-dir': '/another', 'io.kubernetes.pod.uid': 'other', app: 'web' };
  const sandbox = sandboxBody(sandboxConfig(identity, { labels: forged }), owner).Labels ?? {};
  const container =
    containerBody(containerConfig(identity, 's', 'runs', { labels: forged }), owner).Labels ?? {};
  for (const labels of [sandbox, container]) {
    assert.equal(labels['monopod.dev/root-dir'], '/var/lib/monopod');
    assert.equal(labels['io.kubernetes.pod.uid'], '0a1b');
    assert.equal(labels.app, 'web');
  }
});

test('a sandbox shares its IPC and has a network of its own', () => {
  const { HostConfig, Hostname, Healthcheck } = sandboxBody(
    sandboxConfig(identity, { hostname: 'web' }),
    owner,
  );
  assert.equal(Hostname, 'web');
  assert.deepEqual(Healthcheck, { Test: ['NONE'] });
  assert.equal(HostConfig?.NetworkMode, 'default');
  assert.equal(HostConfig?.IpcMode, 'shareable');
  assert.equal(HostConfig?.PidMode, undefined);
  assert.equal(HostConfig?.OomScoreAdj, -998);
  assert.equal(HostConfig?.CpuShares, 2);
});

test("a sandbox on the host takes the host's namespaces, name and ports", () => {
  const config = sandboxConfig(identity, {
    hostname: 'web',
    hostNetwork: true,
    hostPid: true,
    hostIpc: true,
    portMappings: [{ containerPort: 80, hostPort: 80, hostIP: '', protocol: 'TCP' }],
  });
  const { HostConfig, Hostname } = sandboxBody(config, owner);
  assert.equal(Hostname, undefined);
  assert.equal(HostConfig?.NetworkMode, 'host');
  assert.equal(HostConfig?.IpcMode, 'host');
  assert.equal(HostConfig?.PidMode, 'host');
  assert.equal(HostConfig?.UTSMode, 'host');
  assert.equal(HostConfig?.PortBindings, undefined);
});

test('host ports are bound, ports without one only exposed', () => {
  const portMappings = [
    { containerPort: 53, hostPort: 5353, hostIP: '127.0.0.1', protocol: 'UDP' as const },
    { containerPort: 53, hostPort: 5354, hostIP: '', protocol: 'UDP' as const },
    { containerPort: 80, hostPort: 0, hostIP: '', protocol: 'TCP' as const },
  ];
  const body = sandboxBody(sandboxConfig(identity, { portMappings }), owner);
  assert.deepEqual(body.ExposedPorts, { '53/udp': {}, '80/tcp': {} });
  assert.deepEqual(body.HostConfig?.PortBindings, {
    '53/udp': [
      { HostIp: '127.0.0.1', HostPort: '5353' },
      { HostIp: '', HostPort: '5354' },
    ],
  });
});

test('sysctls are handed on', () => {
  const config = sandboxConfig(identity, { sysctls: { 'net.core.somaxconn': '1024' } });
  const { HostConfig } = sandboxBody(config, owner);
  assert.deepEqual(HostConfig?.Sysctls, { 'net.core.somaxconn': '1024' });
});

test("a container joins its sandbox's namespaces, each as asked", () => {
  const modes = (over: object) => {
    const { HostConfig } = containerBody(containerConfig(identity, 'abc', 'runs', over), owner);
    return [HostConfig?.NetworkMode, HostConfig?.IpcMode, HostConfig?.PidMode, HostConfig?.UTSMode];
  };
  assert.deepEqual(modes({}), ['container:abc', 'container:abc', undefined, undefined]);
  assert.deepEqual(modes({ pid: 'pod' }), ['container:abc', 'container:abc', 'container:abc', undefined]);
  assert.deepEqual(modes({ pid: 'host', hostIpc: true, hostNetwork: true }), [
    'container:abc',
    'host',
    'host',
    'host',
  ]);
});

test("command and arguments replace the image's only where they are given", () => {
  const bare = containerBody(containerConfig(identity, 's', 'runs', { command: undefined }), owner);
  assert.ok(!('Entrypoint' in bare) && !('Cmd' in bare) && !('WorkingDir' in bare) && !('User' in bare));
  const given = containerBody(
    containerConfig(identity, 's', 'runs', {
      command: ['/a'],
      args: ['b'],
      workingDir: '/w',
      user: '1:2',
      env: [{ name: 'X', value: 'a=b' }],
    }),
    owner,
  );
  assert.deepEqual([given.Entrypoint, given.Cmd], [['/a'], ['b']]);
  assert.deepEqual([given.WorkingDir, given.User, given.Env], ['/w', '1:2', ['X=a=b']]);
});

test('a mount is a bind with its propagation; one with a colon in its path still is one', () => {
  const mounts = [
    { hostPath: '/a', containerPath: '/b', readOnly: true, propagation: 'private' as const },
    { hostPath: '/c', containerPath: '/d', readOnly: false, propagation: 'rshared' as const },
    { hostPath: '/e:f', containerPath: '/g', readOnly: true, propagation: 'rslave' as const },
    { hostPath: '/h:i', containerPath: '/j', readOnly: true, propagation: 'private' as const },
  ];
  const { HostConfig } = containerBody(containerConfig(identity, 's', 'runs', { mounts }), owner);
  assert.deepEqual(HostConfig?.Binds, ['/a:/b:ro', '/c:/d:rw,rshared'], 'private is the default, but for /');
  assert.deepEqual(HostConfig?.Mounts, [
    { Type: 'bind', Source: '/e:f', Target: '/g', ReadOnly: true, BindOptions: { Propagation: 'rslave' } },
    { Type: 'bind', Source: '/h:i', Target: '/j', ReadOnly: true },
  ]);
});

test('a memory limit leaves no swap beside it; no limit is no limit', () => {
  const resources = { memoryBytes: 1 << 20, cpuShares: 512, cpuPeriodUs: 100_000, cpuQuotaUs: 50_000 };
  const { HostConfig } = containerBody(containerConfig(identity, 's', 'runs', { resources }), owner);
  assert.equal(HostConfig?.Memory, 1 << 20);
  assert.equal(HostConfig?.MemorySwap, 1 << 20);
  assert.deepEqual(
    [HostConfig?.CpuShares, HostConfig?.CpuPeriod, HostConfig?.CpuQuota],
    [512, 100_000, 50_000],
  );
  const { HostConfig: unlimited } = containerBody(containerConfig(identity, 's', 'runs'), owner);
  assert.ok(unlimited && !('Memory' in unlimited) && !('CpuShares' in unlimited));
});

test("the log is the json-file driver's, rotated in its own words", () => {
  const logConfig = (more: Parameters<typeof containerConfig>[3]) =>
    containerBody(containerConfig(identity, 's', 'runs', more), owner).HostConfig?.LogConfig;
  assert.deepEqual(logConfig({}), { Type: 'json-file', Config: {} });
  assert.deepEqual(logConfig({ logRotation: { maxBytes: 1000, filesMax: 3 } }), {
    Type: 'json-file',
    Config: { 'max-size': '1000', 'max-file': '3', compress: 'false' },
  });
});
