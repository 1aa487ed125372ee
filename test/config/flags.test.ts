import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command, type CommanderError } from 'commander';
import { addRunFlags, normaliseFlagNames, toRunOptions } from '../../src/config/flags.ts';
import type { RunOptions } from '../../src/config/options.ts';
import type { Surroundings } from '../../src/config/settle.ts';

type Outcome = { options?: RunOptions; error: string; help: string };

function parse(line: string | string[], surroundings: Partial<Surroundings> = {}): Outcome {
  const outcome: Outcome = { error: '', help: '' };
  const command = new Command('run').exitOverride().configureOutput({
    writeErr: (text) => {
      outcome.error += text;
    },
    writeOut: (text) => {
      outcome.help += text;
    },
    getOutHelpWidth: () => 80,
  });
  addRunFlags(command, { env: {}, hostname: 'node1', ...surroundings });
  command.action(() => {
    outcome.options = toRunOptions(command);
  });
  const args = typeof line === 'string' ? line.split(' ') : line;
  try {
    command.parse(normaliseFlagNames(args, command), { from: 'user' });
  } catch (error) {
    if (!(error as CommanderError).code?.startsWith('commander.')) throw error;
  }
  return outcome;
}

const accepted = (line: string | string[], surroundings?: Partial<Surroundings>): RunOptions => {
  const { options, error } = parse(line, surroundings);
  return options ?? assert.fail(`refused: ${error}`);
};
const refused = (line: string | string[], surroundings?: Partial<Surroundings>): string => {
  const { options, error } = parse(line, surroundings);
  assert.equal(options, undefined, `accepted: ${line}`);
  return error;
};
const base = '--pod-manifest-path=/m';

test('a source of manifests is all that is required; the rest has the defaults of the documentation', () => {
  assert.deepEqual(accepted(base), {
    podManifestPath: '/m',
    rootDir: '/var/lib/monopod',
    nodeName: 'node1',
    address: '127.0.0.1',
    readOnlyPort: 10255,
    healthzPort: 10248,
    fileCheckFrequencyMs: 20_000,
    manifestUrlHeader: {},
    httpCheckFrequencyMs: 20_000,
    manifestPushPort: 0,
    manifestPushAddress: '127.0.0.1',
    tlsMinVersion: 'VersionTLS12',
    containerRuntimeEndpoint: 'unix:///var/run/docker.sock',
    podInfraContainerImage: 'registry.k8s.io/pause:3.10',
    podLogsDir: '/var/log/pods',
    containerLogMaxBytes: 10_485_760,
    containerLogMaxFiles: 5,
    imagePullProgressDeadlineMs: 60_000,
    maxParallelImagePulls: 4,
    serializeImagePulls: false,
    imageGcHighThreshold: 85,
    imageGcLowThreshold: 80,
    minimumImageTtlMs: 120_000,
    imageMaximumGcAgeMs: 0,
    maximumDeadContainersPerContainer: 1,
    maximumDeadContainers: -1,
    minimumContainerTtlMs: 0,
    nodeIps: [],
    clusterDns: [],
    clusterDomain: '',
    seccompDefault: false,
    allowedUnsafeSysctls: [],
    maxPods: 110,
    nodeLabels: {},
    podMaxPids: 0,
    systemReserved: {},
    kubeReserved: {},
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '10%' },
    verbosity: 0,
    logFormat: 'text',
  });
  const none = refused([]);
  assert.match(none, /no source of Pod manifests/);
  for (const flag of ['--pod-manifest-path', '--manifest-url']) assert.ok(none.includes(flag), flag);
  assert.equal(accepted('--manifest-url=http://h/m').podManifestPath, undefined);
});

test('the network: addresses in their short form, each family once; what is empty is none', () => {
  const network = (line: string[]) => {
    const { nodeIps, clusterDns, clusterDomain, resolvConf } = accepted([base, ...line]);
    return [nodeIps, clusterDns, clusterDomain, resolvConf];
  };
  assert.deepEqual(
    network([
      '--node-ip=192.0.2.1,FD00::0001',
      '--cluster-dns=10.96.0.10, FD00:0::A',
      '--cluster-dns=10.96.0.11',
      '--cluster-domain=cluster.local',
      '--resolv-conf=/run/resolv.conf',
    ]),
    [['192.0.2.1', 'fd00::1'], ['10.96.0.10', 'fd00::a', '10.96.0.11'], 'cluster.local', '/run/resolv.conf'],
  );
  assert.deepEqual(network(['--node-ip=', '--cluster-dns=', '--cluster-domain=', '--resolv-conf=']), [
    [],
    [],
    '',
    '',
  ]);
  assert.match(refused([base, '--cluster-dns=10.96.0.10,dns.example']), /must be an IP address/);
  assert.match(refused([base, '--cluster-domain=-x']), /must be a domain/);
  for (const [ips, why] of [
    ['192.0.2.1,192.0.2.2', /a single IP address, or one of each family/],
    ['192.0.2.1,fd00::1,fd00::2', /a single IP address, or one of each family/],
    ['0.0.0.0,fd00::1', /One of two cannot be/],
    ['eth0', /must be an IP address/],
  ] as const)
    assert.match(refused([base, `--node-ip=${ips}`]), why);
});

test('--flag=value and --flag value are the same, and the last of a flag counts', () => {
  const options = accepted(
    `${base} --root-dir=/r --root-dir /s --read-only-port 0 --healthz-port=65535 --max-pods 7 --log-format json`,
  );
  assert.deepEqual(
    [options.rootDir, options.readOnlyPort, options.healthzPort, options.maxPods, options.logFormat],
    ['/s', 0, 65535, 7, 'json'],
  );
});

test('a flag that is true or false may come without its value, as with pflag', () => {
  const of = (flag: string) => accepted(`${base} ${flag}`).seccompDefault;
  assert.deepEqual(['--seccomp-default', '--seccomp-default=true', '--seccomp_default=1'].map(of), [
    true,
    true,
    true,
  ]);
  assert.equal(of('--seccomp-default=false'), false);
  assert.match(refused(`${base} --seccomp-default=maybe`), /true or false/);
});

test('a list has commas, or its flag is given again', () => {
  const options = accepted(
    `${base} --allowed-unsafe-sysctls=kernel.msg*,net.core.somaxconn --allowed-unsafe-sysctls net.ipv4.*`,
  );
  assert.deepEqual(options.allowedUnsafeSysctls, ['kernel.msg*', 'net.core.somaxconn', 'net.ipv4.*']);
  assert.deepEqual(accepted([base, '--allowed-unsafe-sysctls=']).allowedUnsafeSysctls, []);
});

test('-v as klog takes it', () => {
  for (const flag of ['-v=2', '-v 2', '--v=2', '--v 2', '-v2'])
    assert.equal(accepted(`${base} ${flag}`).verbosity, 2, flag);
  assert.match(refused(`${base} -v=high`), /whole number/);
});

test('underscores in flag names are dashes, as with the kubelet; those in values stay', () => {
  const options = accepted('--pod_manifest_path=/a_b --root_dir /c_d --pod-logs-dir /__x');
  assert.deepEqual([options.podManifestPath, options.rootDir, options.podLogsDir], ['/a_b', '/c_d', '/__x']);
  assert.equal(accepted([base, '--root-dir', '--odd_name']).rootDir, `${process.cwd()}/--odd_name`);
});

test('paths are absolute', () => {
  assert.equal(accepted('--pod-manifest-path=manifests/').podManifestPath, `${process.cwd()}/manifests`);
  assert.match(refused('--pod-manifest-path='), /path is needed/);
});

test('durations have units and are positive', () => {
  assert.equal(accepted(`${base} --file-check-frequency=1m30s`).fileCheckFrequencyMs, 90_000);
  for (const text of ['20', '0s', '-1s', 'often'])
    assert.match(refused(`${base} --file-check-frequency=${text}`), /--file-check-frequency.*invalid/, text);
});

test('the node is named after the host, in lower case, or as told', () => {
  assert.equal(accepted(base, { hostname: 'Box.Example.COM' }).nodeName, 'box.example.com');
  assert.equal(accepted(`${base} --hostname-override=NODE-A`).nodeName, 'node-a');
  assert.match(refused(`${base} --hostname-override=a_b`), /--hostname-override.*invalid/);
  assert.match(refused(base, { hostname: 'a_b' }), /host's name.*--hostname-override/);
  assert.equal(accepted(`${base} --hostname-override=ok`, { hostname: 'a_b' }).nodeName, 'ok');
});

test('the engine: the flag, else DOCKER_HOST, else the usual socket', () => {
  const at = (line: string, DOCKER_HOST?: string) =>
    accepted(line, { env: { DOCKER_HOST } }).containerRuntimeEndpoint;
  assert.equal(at(base, 'tcp://127.0.0.1:2375'), 'tcp://127.0.0.1:2375');
  assert.equal(at(base, ''), 'unix:///var/run/docker.sock');
  assert.equal(at(`${base} --container-runtime-endpoint=unix:///x.sock`, 'ssh://nobody'), 'unix:///x.sock');
  assert.equal(at(`${base} --container-runtime-endpoint=/x.sock`), 'unix:///x.sock');
  assert.match(
    refused(base, { env: { DOCKER_HOST: 'ssh://me@there' } }),
    /DOCKER_HOST 'ssh:\/\/me@there' is invalid/,
  );
  for (const url of ['http://x:1', 'tcp://x', 'unix://', 'unix://relative', 'x'])
    assert.match(refused(`${base} --container-runtime-endpoint=${url}`), /must be unix/, url);
});

test('the read-only port opens on loopback only, and says why', () => {
  for (const ip of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])
    assert.equal(accepted(`${base} --address=${ip}`).address, ip);
  for (const ip of ['0.0.0.0', '::', '192.0.2.1', '::ffff:192.0.2.1'])
    assert.match(refused(`${base} --address=${ip}`), /no authentication/, ip);
  assert.equal(accepted(`${base} --address=0.0.0.0 --read-only-port=0`).address, '0.0.0.0');
  assert.match(refused(`${base} --address=localhost`), /IP address/);
});

test('ports are ports, and differ', () => {
  for (const text of ['-1', '65536', 'http', '1.5', ''])
    assert.match(refused(`${base} --read-only-port=${text}`), /from 0 to 65535/, text);
  assert.match(refused(`${base} --read-only-port=7 --healthz-port=7`), /both 7/);
  assert.equal(accepted(`${base} --read-only-port=0 --healthz-port=0`).healthzPort, 0);
});

test('a mistyped flag is named, with the one that was meant', () => {
  assert.match(refused(`${base} --rot-dir=/x`), /unknown option '--rot-dir'\n\(Did you mean --root-dir\?\)/);
  assert.match(refused(`${base} --log-format=xml`), /'--log-format <format>' argument 'xml' is invalid/);
  assert.match(refused(`${base} more`), /too many arguments/);
  assert.match(refused(`--pod-manifest-path`), /argument missing/);
});

test('images and dead containers: thresholds that make sense, durations from 0 on, -1 for all', () => {
  const images = accepted([
    base,
    '--image-gc-high-threshold=1',
    '--image-gc-low-threshold=0',
    '--minimum-image-ttl-duration=0',
    '--image-maximum-gc-age=1h',
    '--maximum-dead-containers-per-container=-1',
    '--serialize-image-pulls',
  ]);
  const { imageGcHighThreshold, imageGcLowThreshold, minimumImageTtlMs, imageMaximumGcAgeMs } = images;
  assert.deepEqual(
    [imageGcHighThreshold, imageGcLowThreshold, minimumImageTtlMs, imageMaximumGcAgeMs],
    [1, 0, 0, 3_600_000],
  );
  assert.deepEqual([images.maximumDeadContainersPerContainer, images.serializeImagePulls], [-1, true]);
  assert.match(refused(`${base} --image-gc-high-threshold=101`), /from 0 to 100/);
  assert.match(refused(`${base} --image-gc-high-threshold=80`), /low-threshold 80 must be less than/);
  assert.match(refused(`${base} --image-maximum-gc-age=2m`), /greater than --minimum-image-ttl-duration/);
  assert.match(refused(`${base} --max-parallel-image-pulls=0`), /at least 1/);
  assert.match(refused(`${base} --image-pull-progress-deadline=0`), /at least 1ms/);
});

test('the help names every flag and fits into 80 columns', () => {
  const { help } = parse('--help');
  for (const name of [
    'pod-manifest-path root-dir hostname-override address read-only-port healthz-port file-check-frequency',
    'container-runtime-endpoint pod-infra-container-image pod-logs-dir max-pods container-log-max-size container-log-max-files',
    'v log-format help image-gc-high-threshold maximum-dead-containers-per-container',
  ].flatMap((names) => names.split(' ')))
    assert.match(help, new RegExp(`(^  |, )--${name}[ \\n]`, 'm'), name);
  for (const line of help.split('\n')) assert.ok(line.length <= 80, line);
});
