// What Pods get of the node, as their containers and the host see it, and who gets in: on a node with one CPU to give.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasPodCgroups } from '../../src/host/has-pod-cgroups.ts';
import type { Container, Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import { pod, shell } from './harness/manifest.ts';
import { freePort, startNode, type TestNode } from './harness/node.ts';
import { statusOf } from './harness/seen.ts';
import { until } from './harness/until.ts';

/** What the container sees of its own cgroup, version 1 or 2, one line each. */
const look = [
  ['shares', 'cpu/cpu.shares', 'cpu.weight'],
  ['quota', 'cpu/cpu.cfs_quota_us', 'cpu.max'],
  ['memory', 'memory/memory.limit_in_bytes', 'memory.max'],
]
  .map(([what, ...files]) => {
    const paths = files.map((file) => `/sys/fs/cgroup/${file}`).join(' ');
    return `echo ${what}=$(cat ${paths} 2>/dev/null)`;
  })
  .join('; ');
const waits = 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done';
/** Outlives what is killed in it: the engine may miss that if it is the container's own end. */
const eats = 'tail /dev/zero; sleep 1';

const asking = (
  cpu: string,
  spec: Partial<PodSpec> = {},
  more: Partial<Container> = {},
): Partial<PodSpec> => ({
  containers: [shell(waits, { resources: { requests: { cpu } }, ...more })],
  ...spec,
});
const onPort = (hostPort: number) => ({ ports: [{ containerPort: 80, hostPort }] });

const refusedFor = (node: TestNode, name: string, reason: string): Promise<Pod> =>
  node.shows(name, `is refused: ${reason}`, ({ status }) => status?.reason === reason);

const endpoint = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';

/** The CPU quota of a cgroup on the host, of version 1 or 2; undefined if there is none of that name. */
const limitOn = (cgroup: string): string | undefined =>
  ['cpu', '']
    .flatMap((tree) =>
      ['cpu.cfs_quota_us', 'cpu.max'].map((file) => join('/sys/fs/cgroup', tree, cgroup, file)),
    )
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, 'utf8').split(/\s/)[0])[0];

const cgroupOf = ({ metadata }: Pod): string => `kubepods/burstable/pod${metadata?.uid}`;

const stateOf = async (node: TestNode, file: string) => {
  const found = (await node.manifests()).find(({ origin }) => origin.endsWith(`/${file}`));
  return [found?.state, found?.reason] as const;
};

test('requests and limits, admission, host ports, an edit that does not fit, critical Pods', async (t) => {
  const hostPort = await freePort();
  const limited = pod('limited', {
    containers: [
      shell(`${look}; echo oom=$(cat /proc/self/oom_score_adj); ${waits}`, {
        resources: { requests: { cpu: '300m', memory: '16Mi' }, limits: { cpu: '500m', memory: '32Mi' } },
      }),
    ],
  });
  const node = await startNode(t, {
    flags: [`--system-reserved=cpu=${cpus().length - 1}`, '--node-labels=disk=ssd'],
    manifests: {
      'limited.yaml': limited,
      'port-a.yaml': pod('port-a', {
        nodeSelector: { disk: 'ssd' },
        resources: { requests: { cpu: '300m' }, limits: { cpu: '400m', memory: '64Mi' } },
        containers: [shell(waits, onPort(hostPort))],
      }),
      'hungry.yaml': pod('hungry', {
        restartPolicy: 'Never',
        resources: { limits: { memory: '24Mi' } },
        containers: [shell(eats)],
      }),
      'elsewhere.yaml': pod('elsewhere', { nodeSelector: { disk: 'hdd' } }),
    },
  });

  // What Linux was told, seen from inside.
  const shown = await node.running('limited');
  const seen = await until('the container has looked', async () => {
    const logs = await node.docker.logs((await node.container('limited')).Id);
    return /oom=/.test(logs) && logs;
  });
  assert.match(seen, /shares=(307|12)\b/, '300m of 1024; what runc makes of it on version 2');
  assert.match(seen, /quota=50000\b/);
  assert.match(seen, new RegExp(`memory=${32 * 2 ** 20}\\b`));
  assert.match(seen, /oom=999\b/);
  assert.equal(shown.status?.qosClass, 'Burstable');
  const { allocatedResources, resources } = statusOf(shown, 'main');
  assert.deepEqual(allocatedResources, { cpu: '300m', memory: '16Mi' });
  assert.deepEqual(resources?.limits, { cpu: '500m', memory: '32Mi' });
  const hungry = await node.shows('hungry', 'has ended', ({ status }) =>
    /Succeeded|Failed/.test(status?.phase ?? ''),
  );
  assert.equal(statusOf(hungry, 'main').state?.terminated?.reason, 'OOMKilled', "by the Pod's own limit");
  await node.remove('hungry.yaml');

  // Who is refused, and why.
  const elsewhere = await refusedFor(node, 'elsewhere', 'NodeAffinity');
  assert.match(elsewhere.status?.message ?? '', /^Pod was rejected: Predicate NodeAffinity failed/);
  const portA = await node.running('port-a');
  // A Pod with limits of its own has a cgroup of its own.
  assert.equal(limitOn(cgroupOf(portA)), hasPodCgroups(endpoint) ? '40000' : undefined);
  await node.write('big.yaml', pod('big', asking('600m')));
  await node.write('port-b.yaml', pod('port-b', asking('50m', {}, onPort(hostPort))));
  const big = await refusedFor(node, 'big', 'OutOfcpu');
  const words = "Node didn't have enough resource: cpu, requested: 600, used: 600, capacity: 1000";
  assert.deepEqual([big.status?.phase, big.status?.message], ['Failed', `Pod was rejected: ${words}`]);
  assert.deepEqual(await stateOf(node, 'big.yaml'), ['pending', `OutOfcpu: ${words}`]);
  await refusedFor(node, 'port-b', 'NodePorts');

  // An edit of what runs that does not fit is refused, and ends nothing.
  const running = (await node.container('limited')).Id;
  await node.write('limited.yaml', pod('limited', asking('2')));
  const isKept = () =>
    until('the edit is refused', async () => {
      const [state, reason] = await stateOf(node, 'limited.yaml');
      return state === 'kept' && /OutOfcpu/.test(reason ?? '');
    });
  await isKept();
  assert.equal((await node.container('limited')).Id, running);
  // Nor does a restart of monopod, after which what runs is weighed first.
  await node.kill();
  await node.start();
  await isKept();
  await Promise.all([refusedFor(node, 'big', 'OutOfcpu'), refusedFor(node, 'port-b', 'NodePorts')]);
  assert.equal((await node.container('limited')).Id, running);
  await node.write('limited.yaml', limited);

  // One goes: its port and its CPU are free.
  await node.remove('port-a.yaml');
  await Promise.all([node.running('port-b'), node.running('big')]);
  await node.gone('hungry');
  const own = [portA, hungry].map(cgroupOf);
  await until('their cgroups are gone', () => own.every((cgroup) => limitOn(cgroup) === undefined));

  // A critical Pod takes the place of the Pod that gives most of what it needs, and gives it back.
  await node.write(
    'critical.yaml',
    pod('critical', asking('600m', { priorityClassName: 'system-cluster-critical' })),
  );
  await node.running('critical');
  const preempted = (await node.pod('big'))?.status;
  assert.deepEqual(
    [preempted?.phase, preempted?.reason, preempted?.message],
    ['Failed', 'Preempting', 'Preempted in order to admit critical pod'],
  );
  assert.equal((await node.containers('big')).filter((container) => container.running).length, 0);
  assert.equal((await node.container('limited')).Id, running, 'nobody else had to go');
  await node.remove('critical.yaml');
  await node.running('big');
});
