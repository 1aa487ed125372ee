import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { accepted, refused, startWith, write } from './files.ts';

test('each key that a flag stands for gives its option', async () => {
  const { options, path } = await accepted({
    'config.yaml': `
staticPodPath: manifests
fileCheckFrequency: 1m30s
staticPodURL: http://h/pods
staticPodURLHeader: {Authorization: [one, two], X-A: []}
httpCheckFrequency: 5s
authentication: {x509: {clientCAFile: pki/ca.crt}}
tlsCertFile: /pki/tls.crt
tlsPrivateKeyFile: ../tls.key
tlsMinVersion: VersionTLS13
address: ::1
readOnlyPort: 10256
healthzPort: 0
containerRuntimeEndpoint: unix:///run/docker.sock
seccompDefault: true
allowedUnsafeSysctls: [kernel.msg*, net.core.somaxconn]
podLogsDir: logs
containerLogMaxSize: 5Mi
containerLogMaxFiles: 3
maxParallelImagePulls: 7
serializeImagePulls: false
imageGCHighThresholdPercent: 70
imageGCLowThresholdPercent: 60
imageMinimumGCAge: 10m
imageMaximumGCAge: 1h
clusterDNS: [10.96.0.10, FD00::0A]
clusterDomain: cluster.local
resolvConf: ''
maxPods: 20
podPidsLimit: 1000
systemReserved: {cpu: 500m, memory: 1Gi}
kubeReserved: {pid: '10'}
evictionHard: {memory.available: 5%}
logging: {verbosity: 4, format: json}
`,
  });
  const expected = {
    podManifestPath: path('manifests'),
    fileCheckFrequencyMs: 90_000,
    manifestUrl: 'http://h/pods',
    manifestUrlHeader: { Authorization: ['one', 'two'], 'X-A': [] },
    httpCheckFrequencyMs: 5000,
    clientCaFile: path('pki/ca.crt'),
    tlsCertFile: '/pki/tls.crt',
    tlsPrivateKeyFile: path('../tls.key'),
    tlsMinVersion: 'VersionTLS13',
    address: '::1',
    readOnlyPort: 10256,
    healthzPort: 0,
    containerRuntimeEndpoint: 'unix:///run/docker.sock',
    seccompDefault: true,
    allowedUnsafeSysctls: ['kernel.msg*', 'net.core.somaxconn'],
    podLogsDir: path('logs'),
    containerLogMaxBytes: 5 * 1024 ** 2,
    containerLogMaxFiles: 3,
    maxParallelImagePulls: 7,
    serializeImagePulls: false,
    imageGcHighThreshold: 70,
    imageGcLowThreshold: 60,
    minimumImageTtlMs: 600_000,
    imageMaximumGcAgeMs: 3_600_000,
    clusterDns: ['10.96.0.10', 'fd00::a'],
    clusterDomain: 'cluster.local',
    resolvConf: '',
    maxPods: 20,
    podMaxPids: 1000,
    systemReserved: { cpu: '500m', memory: '1Gi' },
    kubeReserved: { pid: '10' },
    evictionHard: { 'memory.available': '5%' },
    verbosity: 4,
    logFormat: 'json',
  };
  for (const [option, value] of Object.entries(expected))
    assert.deepEqual(options[option as keyof typeof options], value, option);
});

test('a key that is absent, null or a zero that Kubernetes takes for absence leaves the default', async () => {
  const { options } = await accepted({
    'config.yaml': `
staticPodPath: /m
staticPodURL: ''
fileCheckFrequency: 0s
address: ''
maxPods: 0
imageMinimumGCAge: 0s
containerLogMaxSize: ''
containerRuntimeEndpoint: ''
podLogsDir: ''
healthzPort: null
podPidsLimit: -5
logging: {format: ''}
authentication: {x509: {}}
`,
  });
  assert.deepEqual(
    [options.fileCheckFrequencyMs, options.address, options.maxPods, options.minimumImageTtlMs],
    [20_000, '127.0.0.1', 110, 120_000],
  );
  assert.deepEqual(
    [options.containerLogMaxBytes, options.containerRuntimeEndpoint, options.podLogsDir, options.healthzPort],
    [10 * 1024 ** 2, 'unix:///var/run/docker.sock', '/var/log/pods', 10248],
  );
  assert.deepEqual([options.podMaxPids, options.logFormat, options.clientCaFile], [0, 'text', undefined]);
});

test('the read-only port is off by default once there is a configuration file, as in the kubelet', async () => {
  const keys = 'staticPodPath: /m\naddress: 0.0.0.0';
  assert.equal((await accepted({ 'config.yaml': keys })).options.readOnlyPort, 0);
  const byDropIn = await accepted({ 'conf.d/a.conf': 'staticPodPath: /m' });
  assert.equal(byDropIn.options.readOnlyPort, 10255);
});

test('flags win, whole lists and maps of them too; DOCKER_HOST is only a default', async () => {
  const keys = `
staticPodPath: /m
maxPods: 20
clusterDNS: [10.0.0.1]
systemReserved: {cpu: '1'}
staticPodURL: http://h/
staticPodURLHeader: {A: [x]}
containerRuntimeEndpoint: /run/file.sock
`;
  const flags = [
    '--max-pods=5',
    '--cluster-dns=10.0.0.2',
    '--system-reserved=memory=1Gi',
    '--manifest-url-header=B:y',
  ];
  const env = { DOCKER_HOST: 'tcp://engine:2375' };
  const { options } = await accepted({ 'config.yaml': keys }, flags, { env });
  assert.equal(options.maxPods, 5);
  assert.deepEqual(options.clusterDns, ['10.0.0.2']);
  assert.deepEqual(options.systemReserved, { memory: '1Gi' });
  assert.deepEqual(options.manifestUrlHeader, { B: ['y'] });
  assert.equal(options.containerRuntimeEndpoint, 'unix:///run/file.sock');
});

test('JSON is read as well', async () => {
  const path = (await accepted({ 'config.yaml': 'staticPodPath: /m' })).path('config.json');
  const content = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    staticPodPath: '/j',
  };
  write(path, JSON.stringify(content));
  const { options } = await startWith([`--config=${path}`]);
  assert.equal(options?.podManifestPath, '/j');
});

test('a wrong value is refused with its file, line, column and key, and what would be right', async () => {
  for (const [keys, said] of [
    ['fileCheckFrequency: 20', /config\.yaml:3:1: fileCheckFrequency: a number is here.* 20s/],
    ['fileCheckFrequency: "20"', /config\.yaml:3:1: fileCheckFrequency: text is here.* duration with a unit/],
    ['maxPods: many', /:3:1: maxPods: text is here, and it must be a whole number/],
    ['maxPods: 1.5', /:3:1: maxPods: a number is here, and it must be a whole number/],
    ['maxPods: -1', /:3:1: maxPods: It is a whole number from 0/],
    ['seccompDefault: "true"', /:3:1: seccompDefault: text is here, and it must be true or false/],
    ['authentication:\n  x509: ca.crt', /:4:3: authentication\.x509: text is here, and it must be a map/],
    ['syncFrequency: soon', /:3:1: syncFrequency: text is here/],
    ['systemReserved: {cpu: 1}', /:3:1: systemReserved: .* in quotes/],
    ['systemReserved: {gpu: "1"}', /:3:1: systemReserved: Of 'gpu' nothing can be reserved/],
    ['evictionHard: {memory.available: "1Gi,pid.available<5"}', /:3:1: evictionHard: /],
    ['clusterDNS: ["10.0.0.1,10.0.0.2"]', /:3:1: clusterDNS: Each item/],
    ['clusterDNS: [dns.example]', /:3:1: clusterDNS: It must be an IP address/],
    ['healthzPort: 70000', /:3:1: healthzPort: A port/],
    ['tlsMinVersion: VersionTLS10', /:3:1: tlsMinVersion: /],
    ['logging:\n  verbosity: 99', /:4:3: logging\.verbosity: The level/],
    ['maxPods: [', /config\.yaml:\d+:\d+: /],
    ['- a', /config\.yaml:\d+:\d+: /],
  ] as const)
    assert.match(await refused({ 'config.yaml': keys }), said, keys);
  const unsafe = await refused({ 'config.yaml': 'systemReserved: {"\\e[2J": "1"}' });
  assert.ok(unsafe.includes("Of '\\x1b[2J' nothing"), unsafe);
  const both = await refused({ 'config.yaml': 'maxPods: x\nhealthzPort: y' });
  assert.match(both, /config\.yaml:3:1: maxPods[\s\S]*config\.yaml:4:1: healthzPort/);
});

test('what is wrong with keys together names the place of each', async () => {
  const percents = 'staticPodPath: /m\nimageGCLowThresholdPercent: 90';
  assert.match(
    await refused({ 'config.yaml': percents }),
    /--image-gc-low-threshold 90 must be less[\s\S]*config\.yaml:4:1: --image-gc-low-threshold is imageGCLowThresholdPercent/,
  );
  const open = await refused({ 'config.yaml': 'staticPodPath: /m\naddress: 0.0.0.0\nreadOnlyPort: 1' });
  assert.match(open, /no authentication[\s\S]*config\.yaml:4:1: --address is address of this file/);
  const pulls = 'staticPodPath: /m\nserializeImagePulls: true\nmaxParallelImagePulls: 3';
  assert.match(await refused({ 'config.yaml': pulls }), /cannot be more than 1[\s\S]*config\.yaml:5:1/);
  const byFlag = await accepted({ 'config.yaml': pulls }, ['--serialize-image-pulls=false']);
  assert.equal(byFlag.options.maxParallelImagePulls, 3);
  assert.match(await refused({ 'config.yaml': 'maxPods: 3' }), /no source of Pod manifests/);
});

test('the socket of a CRI runtime, which kubeadm writes, is told from that of a Docker Engine', async () => {
  const keys = 'staticPodPath: /m\ncontainerRuntimeEndpoint: unix:///var/run/containerd/containerd.sock';
  assert.match(
    await refused({ 'config.yaml': keys }),
    /CRI.*Docker Engine[\s\S]*config\.yaml:4:1: --container-runtime-endpoint is/,
  );
  const flag = ['--container-runtime-endpoint=unix:///run/docker.sock'];
  const { options } = await accepted({ 'config.yaml': keys }, flag);
  assert.equal(options.containerRuntimeEndpoint, 'unix:///run/docker.sock');
});

test('no secret is said', async () => {
  for (const keys of [
    'staticPodURL: https://me:hunter2@\nstaticPodPath: /m',
    'staticPodURL: 17002\nstaticPodPath: /m',
    'staticPodURL: http://h/\nstaticPodURLHeader: {Authorization: hunter2}',
    'staticPodURL: http://h/\nstaticPodURLHeader: {Authorization: ["hunter2\\u0001"]}',
    'staticPodURL: http://h/\nstaticPodURLHeader: {"bad name": [hunter2]}',
    'staticPodURL: http://h/\nstaticPodURLHeader: {A: [hunter2}',
    'staticPodURL: http://h/\nstaticPodURLHeader: {A: ["hunter2]}',
    'staticPodURL: http://h/\nstaticPodURLHeader:\n  A: hunter2\n  - b',
    'staticPodURL: http://h/\nstaticPodURLHeader: {A: [{hunter2: 1}]}',
    'staticPodURL: http://h/\nstaticPodURLHeader: {{hunter2: 1}: []}',
  ])
    assert.doesNotMatch(await refused({ 'config.yaml': keys }), /hunter2|17002/, keys);
});

test('a key that nobody knows is a warning that names the near one; so is one that stands there twice', async () => {
  const { config, options } = await accepted({
    'config.yaml': 'staticPodPath: /a\nmaxPod: 3\nlogging: {verbosty: 1}\nstaticPodPath: /b\nzzzzzzzzzz: 1',
  });
  const warnings = config.values.warnings.map((warning) => warning.replace(/^.*config\.yaml/, ''));
  assert.match(warnings.find((one) => one.startsWith(':4:1')) ?? '', /maxPod: .*no such key; maxPods is one/);
  assert.match(
    warnings.find((one) => one.startsWith(':5:')) ?? '',
    /logging\.verbosty: .*logging\.verbosity/,
  );
  assert.match(warnings.find((one) => one.startsWith(':6:1')) ?? '', /staticPodPath.* again/);
  assert.match(warnings.find((one) => one.startsWith(':7:1')) ?? '', /no such key$/);
  assert.equal(options.podManifestPath, '/b');
  assert.deepEqual(config.values.meaningless, []);
});

test('keys that mean nothing here are named once; those that say nothing are not', async () => {
  const { config } = await accepted({
    'config.yaml': `
staticPodPath: /m
cgroupDriver: systemd
syncFrequency: 0s
memorySwap: {}
healthzBindAddress: 127.0.0.1
authentication: {anonymous: {enabled: false}, webhook: {cacheTTL: 0s, enabled: true}, x509: {clientCAFile: /ca}}
logging: {flushFrequency: 0, options: {json: {infoBufferSize: '0'}}, verbosity: 0}
mergeDefaultEvictionSettings: true
`,
    'conf.d/1.conf': 'cgroupDriver: cgroupfs\nhealthzBindAddress: 0.0.0.0',
  });
  assert.deepEqual(config.values.meaningless.toSorted(), [
    'authentication.anonymous',
    'authentication.webhook',
    'cgroupDriver',
    'healthzBindAddress',
    'logging.options',
  ]);
  assert.deepEqual(config.values.warnings, []);
});

test('a file that is not there, not one, empty or of another kind is refused', async () => {
  const { path } = await accepted({ 'config.yaml': 'staticPodPath: /m' });
  const said = async (name: string, content?: string) => {
    if (content !== undefined) write(path(name), content);
    const { options, error } = await startWith([`--config=${join(path(name))}`]);
    assert.equal(options, undefined);
    return error;
  };
  assert.match(await said('gone.yaml'), /gone\.yaml: cannot read it: no such file/);
  assert.match(await said(''), /not a regular file/);
  assert.match(await said('empty.yaml', '\n \n'), /it is empty/);
  assert.match(await said('list.yaml', '- a'), /must be a map/);
  assert.match(await said('bytes.yaml', '\0\x01'), /bytes\.yaml/);
  assert.match(
    await said('pod.yaml', 'apiVersion: v1\nkind: Pod'),
    /pod\.yaml: it must say apiVersion: kubelet/,
  );
  assert.match(await said('none.yaml', 'staticPodPath: /m'), /it must say apiVersion/);
});
