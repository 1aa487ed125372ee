// What the engine is told of a Pod: sandbox, container, and resources.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, PodSpec } from '../../src/kubernetes/pod.ts';
import { containerConfig } from '../../src/pod/config/container-config.ts';
import { environmentOf } from '../../src/pod/config/environment.ts';
import { resourcesOf } from '../../src/pod/config/resources.ts';
import { sandboxConfig } from '../../src/pod/config/sandbox-config.ts';
import { container, staticPod } from './pods.ts';

const facts = { nodeName: 'node', hostIps: ['192.0.2.1', '2001:db8::1'], podIps: ['172.17.0.2'] };
const GiB = 2 ** 30;

const security = {
  supplementalGroups: [],
  privileged: false,
  readOnlyRootFilesystem: false,
  noNewPrivileges: false,
  capabilitiesAdd: [],
  capabilitiesDrop: [],
};

const configOf = (more: Partial<Container>, spec: Partial<PodSpec> = {}) => {
  const main = container('main', more);
  const written = staticPod('v1', { ...spec, containers: [main] });
  const environment = environmentOf(main, written.pod, { facts, allocatable: {}, files: new Map() });
  assert.ok(environment.ok);
  return containerConfig(written, main, {
    attempt: 3,
    restartCount: 2,
    sandboxId: 'box',
    environment: environment.value,
    security,
    mounts: [],
    node: { capacity: { memory: '10Gi' }, allocatable: { memory: '10Gi' } },
  });
};

describe('sandbox', () => {
  const sandbox = (spec: Partial<PodSpec>, hostname?: string) =>
    sandboxConfig(staticPod('v1', spec), 4, 'pause', hostname);

  test('identity, image, the least CPU, and the grace as a label', () => {
    const config = sandbox({ terminationGracePeriodSeconds: 7 }, 'web-node');
    assert.deepEqual(config.identity, { name: 'web-node', namespace: 'default', uid: 'v1' });
    assert.deepEqual([config.attempt, config.image, config.hostname], [4, 'pause', 'web-node']);
    assert.deepEqual(config.resources, { cpuShares: 2, oomScoreAdj: -998 });
    assert.equal(config.labels['io.kubernetes.pod.terminationGracePeriod'], '7');
    assert.deepEqual([config.hostNetwork, config.hostPid, config.hostIpc], [false, false, false]);
  });

  test('only ports with a host port are mapped, and none on the host network', () => {
    const ports = [
      { containerPort: 80 },
      { containerPort: 53, hostPort: 5353, hostIP: '127.0.0.1', protocol: 'UDP' },
    ];
    const spec = {
      containers: [container('a', { ports }), container('b', { ports: [{ containerPort: 1, hostPort: 2 }] })],
    };
    assert.deepEqual(sandbox(spec).portMappings, [
      { containerPort: 53, hostPort: 5353, hostIP: '127.0.0.1', protocol: 'UDP' },
      { containerPort: 1, hostPort: 2, hostIP: '', protocol: 'TCP' },
    ]);
    const onHost = sandbox({ ...spec, hostNetwork: true });
    assert.deepEqual(onHost.portMappings, []);
    assert.equal(onHost.hostname, undefined);
  });

  test('sysctls', () => {
    const config = sandbox({
      securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1024' }] },
    });
    assert.deepEqual(config.sysctls, { 'net.core.somaxconn': '1024' });
  });
});

describe('container', () => {
  test('command and args see the environment; what is not written is left to the image', () => {
    const env = [{ name: 'WHO', value: 'you' }];
    const config = configOf({
      env,
      command: ['echo', '$(WHO)'],
      args: ['$$(WHO)', '$(NOBODY)'],
      workingDir: '/w',
    });
    assert.deepEqual(config.command, ['echo', 'you']);
    assert.deepEqual(config.args, ['$(WHO)', '$(NOBODY)']);
    assert.equal(config.workingDir, '/w');
    assert.deepEqual([config.attempt, config.restartCount, config.sandboxId], [3, 2, 'box']);
    const bare = configOf({});
    assert.ok(!('command' in bare) && !('args' in bare) && !('workingDir' in bare));
  });

  test('the grace stands on it as a label, for who finds it when its manifest is lost', () => {
    assert.equal(
      configOf({}, { terminationGracePeriodSeconds: 77 }).labels['io.kubernetes.pod.terminationGracePeriod'],
      '77',
    );
  });

  test('process namespace: own, the Pod’s, or the host’s', () => {
    assert.equal(configOf({}).pid, 'container');
    assert.equal(configOf({}, { shareProcessNamespace: true }).pid, 'pod');
    assert.equal(configOf({}, { hostPID: true }).pid, 'host');
  });

  test('what the manifest does not say of the environment is the engine’s and the image’s: HOSTNAME, PATH', () => {
    assert.deepEqual(configOf({}).env, []);
    assert.deepEqual(configOf({ env: [{ name: 'HOSTNAME', value: 'mine' }] }).env, [
      { name: 'HOSTNAME', value: 'mine' },
    ]);
  });

  test('an empty command or list of arguments is none', () => {
    const config = configOf({ command: [], args: [], workingDir: '' });
    assert.ok(!('command' in config) && !('args' in config) && !('workingDir' in config));
  });
});

describe('resources', () => {
  const of = (
    requests: Record<string, string>,
    limits: Record<string, string> = {},
    spec: Partial<PodSpec> = {},
  ) => {
    const main = container('main', { resources: { requests, limits } });
    return resourcesOf(main, staticPod('v1', { ...spec, containers: [main] }).pod, 10 * GiB);
  };

  for (const [cpu, shares] of [
    ['1', 1024],
    ['250m', 256],
    ['1m', 2],
    ['0', 2],
    ['1500m', 1536],
    ['1000', 262_144],
  ] as const) {
    test(`a request of ${cpu} cpu is ${shares} shares`, () => assert.equal(of({ cpu }).cpuShares, shares));
  }

  test('no request is the least; a limit stands in for one', () => {
    assert.equal(of({}).cpuShares, 2);
    assert.equal(of({}, { cpu: '2' }).cpuShares, 2048);
    assert.equal(of({ cpu: '1' }, { cpu: '2' }).cpuShares, 1024);
  });

  for (const [cpu, quota] of [
    ['1', 100_000],
    ['250m', 25_000],
    ['1500m', 150_000],
    ['5m', 1_000],
  ] as const) {
    test(`a limit of ${cpu} cpu is ${quota} µs of each 100 ms`, () => {
      const { cpuPeriodUs, cpuQuotaUs } = of({}, { cpu });
      assert.deepEqual([cpuPeriodUs, cpuQuotaUs], [100_000, quota]);
    });
  }

  test('without limits there are none', () => {
    const { cpuQuotaUs, cpuPeriodUs, memoryBytes } = of({ cpu: '1', memory: '1Gi' });
    assert.deepEqual([cpuQuotaUs, cpuPeriodUs, memoryBytes], [undefined, undefined, undefined]);
    assert.equal(of({}, { memory: '64Mi' }).memoryBytes, 64 * 2 ** 20);
    assert.equal(of({}, { cpu: '0' }).cpuQuotaUs, undefined);
  });

  const both = { cpu: '1', memory: '1Gi' };
  for (const [what, adjust, requests, limits, spec] of [
    ['Guaranteed', -997, both, both, {}],
    ['BestEffort', 1000, {}, {}, {}],
    ['Burstable without memory', 999, { cpu: '1' }, {}, {}],
    ['Burstable, a tenth of the node', 900, { memory: '1Gi' }, {}, {}],
    ['Burstable, a twentieth by its limit', 950, {}, { memory: '512Mi' }, {}],
    ['Burstable, all of the node', 3, { memory: '10Gi' }, {}, {}],
    ['Burstable, a few bytes', 999, { memory: '1' }, {}, {}],
    ['node-critical by its class', -997, {}, {}, { priorityClassName: 'system-node-critical' }],
    [
      'cluster-critical',
      1000,
      {},
      {},
      { priorityClassName: 'system-cluster-critical', priority: 2_000_000_000 },
    ],
  ] as const) {
    test(`oom_score_adj of ${what} is ${adjust}`, () =>
      assert.equal(of(requests, limits, spec).oomScoreAdj, adjust));
  }

  const memory = (request: string, more: Partial<Container> = {}) =>
    container('c', { resources: { requests: { memory: request } }, ...more });

  test('a sidecar is ended no sooner than any main container', () => {
    const adjust = (own: string, ...others: string[]) => {
      const sidecar = memory(own, { name: 's', restartPolicy: 'Always' });
      const containers = others.map((request, at) => memory(request, { name: `c${at}` }));
      const { pod } = staticPod('v1', { initContainers: [sidecar], containers });
      return resourcesOf(sidecar, pod, 10 * GiB).oomScoreAdj;
    };
    assert.equal(adjust('1Gi', '2Gi', '3Gi'), 800);
    assert.equal(adjust('5Gi', '2Gi', '3Gi'), 500);
    const once = memory('1Gi', { name: 'i' });
    const { pod } = staticPod('v1', { initContainers: [once], containers: [memory('2Gi')] });
    assert.equal(
      resourcesOf(once, pod, 10 * GiB).oomScoreAdj,
      900,
      'an ordinary init container stands alone',
    );
  });

  test('what a Pod asks for beyond its containers is shared by them; its limits hold for who has none', () => {
    const [own, bare] = [memory('1Gi', { name: 'own' }), container('bare')];
    const resources = { requests: { memory: '3Gi' }, limits: { memory: '4Gi', cpu: '2' } };
    const { pod } = staticPod('v1', { resources, containers: [own, bare] });
    assert.deepEqual(resourcesOf(own, pod, 10 * GiB), {
      cpuShares: 2048,
      oomScoreAdj: 800,
      cpuPeriodUs: 100_000,
      cpuQuotaUs: 200_000,
      memoryBytes: 4 * GiB,
    });
    assert.equal(resourcesOf(bare, pod, 10 * GiB).oomScoreAdj, 900);
    const limited = container('l', { resources: { limits: { cpu: '500m', memory: '1Gi' } } });
    const { cpuQuotaUs, memoryBytes } = resourcesOf(limited, pod, 10 * GiB);
    assert.deepEqual([cpuQuotaUs, memoryBytes], [50_000, GiB]);
  });
});
