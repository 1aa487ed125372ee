// What stands in a Pod's network files as its sandbox and containers come and go, on a host in memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodHost } from '../../src/host/pod-host.ts';
import type { PodSpec } from '../../src/kubernetes/pod.ts';
import { noHost, run, type Stage, stage } from './acting.ts';
import { container, staticPod } from './pods.ts';

const dns = { clusterDns: ['10.96.0.10'], clusterDomain: 'cluster.local', resolvConf: '/etc/resolv.conf' };

/** `node`: the host's own files. `files`: those of the Pod, and every text that each has had. */
function hostInMemory() {
  const node: Record<string, string> = {
    '/etc/resolv.conf': 'nameserver 192.0.2.53\n',
    '/etc/hosts': 'of node\n',
  };
  const files: Record<string, string[]> = {};
  const full = { disk: false, forAddresses: false };
  const host: PodHost = {
    ...noHost,
    async nodeFile(path) {
      const text = node[path];
      if (text === undefined) throw new Error(`open ${path}: no such file or directory`);
      return text;
    },
    hasNetworkFile: async (_uid, name) => files[name] !== undefined,
    async writeNetworkFile(_uid, name, text) {
      if (full.disk || (full.forAddresses && text.includes('\tweb-node\n')))
        throw new Error('no space is left on the device');
      files[name] ??= [];
      if (files[name].at(-1) !== text) files[name].push(text);
    },
  };
  return { node, files, full, host };
}

const waiting = ({ published }: Stage) => {
  const [main] = published.at(-1)?.pod?.status?.containerStatuses ?? [];
  return main?.state?.waiting;
};
const isRunning = ({ published }: Stage) => {
  const [main] = published.at(-1)?.pod?.status?.containerStatuses ?? [];
  return main?.state?.running !== undefined;
};

async function started(spec: Partial<PodSpec>, memory = hostInMemory()) {
  const scene = stage();
  const actor = scene.actor({ dns }, memory.host);
  actor.desire(run(staticPod('v1', { dnsPolicy: 'ClusterFirst', ...spec })), 1);
  await scene.run(2_000);
  return { scene, actor, ...memory };
}

test('/etc/hosts gets the address once the sandbox has one, before the container starts', async () => {
  const { scene, files } = await started({});
  assert.ok(isRunning(scene));
  const ip = scene.published.at(-1)?.pod?.status?.podIP;
  assert.ok(ip);
  const [created, ...later] = files['etc-hosts'] ?? [];
  assert.ok(created?.endsWith('ip6-allrouters\n'));
  assert.deepEqual(later, [`${created}${ip}\tweb-node\n`]);
});

test('on the host network it is the host’s, read when the container is made', async () => {
  const { scene, files } = await started({ hostNetwork: true });
  assert.ok(isRunning(scene));
  assert.deepEqual(files['etc-hosts'], ['# Kubernetes-managed hosts file (host network).\nof node\n']);
  assert.deepEqual(files['resolv.conf'], ['nameserver 192.0.2.53\n']);
});

test('a node’s resolv.conf that is not there fails the sandbox, and is waited for', async () => {
  const memory = hostInMemory();
  delete memory.node['/etc/resolv.conf'];
  const { scene, files, node } = await started({}, memory);
  assert.deepEqual(waiting(scene), {
    reason: 'ContainerCreating',
    message:
      'FailedCreatePodSandBox: failed to generate sandbox config: open /etc/resolv.conf: no such file or directory',
  });
  node['/etc/resolv.conf'] = 'search late.example\n';
  await scene.run(10_000);
  assert.ok(isRunning(scene));
  assert.match(files['resolv.conf']?.at(-1) ?? '', /late\.example/);
});

test('a container whose sandbox lost its resolv.conf says so of itself, not of the sandbox', async () => {
  const { scene, files, node } = await started({});
  delete files['resolv.conf'];
  delete node['/etc/resolv.conf'];
  const main = scene.engine.now().find(({ kind }) => kind === 'container');
  void scene.engine.kill(main?.id ?? '', 'SIGKILL');
  await scene.run(5_000);
  assert.deepEqual(waiting(scene), {
    reason: 'CreateContainerConfigError',
    message: 'cannot write /etc/resolv.conf: open /etc/resolv.conf: no such file or directory',
  });
  node['/etc/resolv.conf'] = 'search back.example\n';
  await scene.run(60_000);
  assert.ok(isRunning(scene));
  assert.match(files['resolv.conf']?.at(-1) ?? '', /back\.example/);
});

test('a full disk is said, and the container is made once there is room', async () => {
  const memory = hostInMemory();
  const { scene, actor, full, files } = await started({}, memory);
  assert.equal(files['resolv.conf']?.length, 1);
  full.disk = true;
  const life = staticPod('v2', { containers: [container('main', { args: ['x'] })] });
  actor.desire(run(life), 2);
  await scene.run(60_000);
  assert.match(waiting(scene)?.message ?? '', /no space is left on the device/);
  full.disk = false;
  await scene.run(60_000);
  assert.ok(isRunning(scene));
});

test('one that fills up between creation and start costs no attempt, and does not fail the Pod', async () => {
  const memory = hostInMemory();
  memory.full.forAddresses = true;
  const { scene, full } = await started({ restartPolicy: 'Never' }, memory);
  assert.deepEqual(waiting(scene), {
    reason: 'CreateContainerConfigError',
    message: 'cannot write /etc/hosts: no space is left on the device',
  });
  full.forAddresses = false;
  await scene.run(60_000);
  assert.ok(isRunning(scene));
  assert.equal(scene.done.filter((what) => what === 'create-container').length, 1);
});

test('what a Pod has been warned of once is not said with each new sandbox', async () => {
  const nameservers = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
  const { scene } = await started({ dnsConfig: { nameservers } });
  const told = () => scene.logged.filter((line) => line.includes('Nameserver limits'));
  assert.equal(told().length, 1);
  const sandbox = scene.engine.now().find(({ kind }) => kind === 'sandbox');
  void scene.engine.kill(sandbox?.id ?? '', 'SIGKILL');
  await scene.run(60_000);
  assert.ok(isRunning(scene));
  assert.ok(scene.done.filter((what) => what === 'create-sandbox').length >= 2);
  assert.equal(told().length, 1);
});
