// Verdicts beyond pods.jsonl: where each error stands, what it says, what is only warned of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import type { FieldError, Verdict } from '../../src/manifest/static-pod.ts';

const where = {
  origin: '/m/x.yaml',
  source: 'file',
  nodeName: 'node-1',
  seenAtMs: Date.UTC(2024, 0, 2, 3, 4, 5),
} as const;
const decode = (text: string): Verdict => decodeManifest(Buffer.from(text), where);
const shown = (errors: FieldError[]) =>
  errors.map(({ line, column, field, type, message }) => `${line}:${column} ${field} ${type}: ${message}`);

const web = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx
`;

test('an accepted manifest is a static Pod of this node', () => {
  const verdict = decode(web);
  assert.ok(verdict.accepted);
  const { key, uid, origin, source, pod } = verdict.staticPod;
  assert.deepEqual(
    { key, origin, source },
    { key: 'default/web-node-1', origin: '/m/x.yaml', source: 'file' },
  );
  assert.match(uid, /^[0-9a-f]{32}$/);
  assert.deepEqual(pod.metadata, {
    name: 'web-node-1',
    namespace: 'default',
    uid,
    annotations: {
      'kubernetes.io/config.hash': uid,
      'kubernetes.io/config.seen': '2024-01-02T03:04:05Z',
      'kubernetes.io/config.source': 'file',
    },
  });
  assert.equal(pod.spec?.nodeName, 'node-1');
  assert.deepEqual(pod.spec?.tolerations, [{ operator: 'Exists', effect: 'NoExecute' }]);
  assert.deepEqual(pod.status, { phase: 'Pending' });
});

test('errors stand at the value at fault, or at its nearest parent that is written', () => {
  const text = `${web}    ports:
    - containerPort: 80
      hostPort: 99999
    - {}
    volumeMounts:
    - {name: v, mountPath: /m}
  volumes:
  - name: v
    hostPath: {path: /a/../b}
`;
  assert.deepEqual(shown(decode(text).errors), [
    '17:22 spec.volumes[0].hostPath.path Invalid value: "/a/../b": must not contain \'..\'',
    '11:17 spec.containers[0].ports[0].hostPort Invalid value: 99999: must be between 1 and 65535, inclusive',
    '12:7 spec.containers[0].ports[1].containerPort Required value: must be between 1 and 65535, inclusive',
    '14:14 spec.containers[0].volumeMounts[0].name Not found: "v": the volume of this name has errors of its own',
  ]);
});

test('an error about a map or a list stands at its key, where that has a line of its own; what is to be done is told', () => {
  const text = `${web}  dnsPolicy: None
  securityContext:
    seccompProfile: {}
  volumes:
  - name: v
    emptyDir: {}
    hostPath:
      path: /x
`;
  assert.deepEqual(shown(decode(text).errors), [
    '15:5 spec.volumes[0].hostPath Forbidden: there is emptyDir already: one volume source only',
    '11:21 spec.securityContext.seccompProfile.type Required value: must be one of Localhost, RuntimeDefault, Unconfined',
    '9:14 spec.dnsConfig Required value: must be given when `dnsPolicy` is None',
  ]);
  const claim = `${web}  volumes:\n  - name: v\n    persistentVolumeClaim:\n      claimName: c\n`;
  assert.deepEqual(shown(decode(claim).errors), [
    '11:5 spec.volumes[0].persistentVolumeClaim Forbidden: static Pods may not reference persistentvolumeclaims: a directory of the node can be mounted, with hostPath',
  ]);
  const json = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},\n"spec":\n{"containers":[]}}';
  assert.deepEqual(shown(decode(json).errors), [
    '3:15 spec.containers Required value: a Pod needs at least one container',
  ]);
});

test('where Kubernetes leaves an index out, the place is exact all the same', () => {
  const text = `${web}    volumeMounts:
    - {name: v, mountPath: /m}
    - {name: v, mountPath: /n, subPath: ../x}
  volumes: [{name: v}]
`;
  assert.deepEqual(shown(decode(text).errors), [
    '11:41 spec.containers[0].volumeMounts.subPath Invalid value: "../x": must not contain \'..\'',
  ]);
});

test('a value that a default brought in stands where it came from', () => {
  const [, request] = decode(`${web}    resources:\n      limits: {cpu: -1}\n`).errors;
  assert.deepEqual([request?.field, request?.line], ['spec.containers[0].resources.requests[cpu]', 10]);
});

test('through aliases and merges, an error stands where its value is written', () => {
  const text = `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - &c {name: a, image: b, stdin: true, ports: [{containerPort: 99999}]}
  - <<: *c
    name: d
`;
  assert.deepEqual(
    decode(text).errors.map(({ field, line, column }) => `${line}:${column} ${field}`),
    ['6:65 spec.containers[0].ports[0].containerPort', '6:65 spec.containers[1].ports[0].containerPort'],
  );
});

test('wrong types say what would be right, and repeat no value where a text belongs', () => {
  const text = `${web}    env:\n    - {name: A, value: 1234}\n    - {name: B, value: yes}\n    stdin: "true"\n    command: ls\n`;
  assert.deepEqual(shown(decode(text).errors), [
    '10:24 spec.containers[0].env[0].value Type error: must be a string, is a number: put it in quotes',
    '11:24 spec.containers[0].env[1].value Type error: must be a string, is a boolean (as true, yes and on are): put it in quotes',
    '12:12 spec.containers[0].stdin Type error: must be true or false, is a string: leave out the quotes',
    '13:14 spec.containers[0].command Type error: must be a list of strings, is a string: a list is written as ["a", "b"]',
  ]);
});

test('unknown fields are warned of at their key, with the name that was meant', () => {
  const verdict = decode(`${web}    imagePullPolciy: Never\n  hostnetwork: true\nxyzzy: 1\n`);
  assert.ok(verdict.accepted);
  assert.deepEqual(shown(verdict.warnings), [
    '9:5 spec.containers[0].imagePullPolciy Unknown field: no such field: it does nothing. Did you mean "imagePullPolicy"?',
    '10:3 spec.hostnetwork Unknown field: no such field: it does nothing. Did you mean "hostNetwork"?',
    '11:1 xyzzy Unknown field: no such field: it does nothing',
  ]);
});

test('duplicate keys and further documents are warned of', () => {
  const verdict = decode(`${web}    image: busybox\n---\n${web}`);
  assert.ok(verdict.accepted);
  assert.equal(verdict.staticPod.pod.spec?.containers[0]?.image, 'busybox');
  assert.deepEqual(
    verdict.warnings.map(({ line, message }) => `${line} ${message}`),
    [
      '9 the key "image" is here again: the last one counts',
      '11 another document begins here: only the first of a file counts',
    ],
  );
});

test('kind and apiVersion are found in any case, and a warning says how they are written', () => {
  const verdict = decode(web.replace('kind:', 'Kind:').replace('apiVersion: v1', 'ApiVersion: /v1'));
  assert.ok(verdict.accepted, JSON.stringify(verdict.errors));
  assert.equal(verdict.staticPod.pod.kind, 'Pod');
  assert.equal(verdict.staticPod.pod.apiVersion, 'v1');
  assert.deepEqual(shown(verdict.warnings), [
    '1:1 ApiVersion Unknown field: is taken for "apiVersion", which it should be',
    '2:1 Kind Unknown field: is taken for "kind", which it should be',
  ]);
});

test('what is no Pod says so', () => {
  const cases: Record<string, string> = {
    '': 'undefined:undefined  Required value: the manifest is empty: it must be a v1 Pod',
    '- a': '1:1  Type error: a manifest must be a map with apiVersion, kind, metadata and spec',
    'apiVersion: v1\nkind: pod':
      '2:7 kind Unsupported value: "pod": only "Pod" can be run here. Did you mean "Pod"?',
    'apiVersion: apps/v1\nkind: Deployment':
      '1:13 apiVersion Unsupported value: "apps/v1": a Pod is of version "v1", and only a Pod can be run here, no Deployment: its spec.template is one, once it has apiVersion: v1, kind: Pod and a metadata.name',
    'kind: Pod': '1:1 apiVersion Required value: must be given: v1',
    'apiVersion: v1\nkind: 1': '2:7 kind Type error: must be a string: Pod',
    'a: [': '1:4  Syntax error: this "[" is never closed',
  };
  for (const [text, expected] of Object.entries(cases)) {
    const { errors } = decode(text);
    assert.equal(
      shown(errors)[0]?.replace(/^1:1 {2}Required/, 'undefined:undefined  Required'),
      expected,
      text,
    );
    assert.equal(errors[0]?.stage, 'decode');
  }
  assert.equal(decode('apiVersion: v1\nkind: Node').errors[0]?.stage, 'validate');
});

test('a static Pod refers to no object of the API, in whatever way', () => {
  const container = (text: string) => decode(`${web}    ${text}\n`).errors;
  const spec = (text: string) => decode(`${web}  ${text}\n`).errors;
  const fields = (errors: FieldError[]) =>
    errors.map(({ stage, field, line }) => `${stage} ${field} ${line}`);
  assert.deepEqual(fields(container('envFrom: [{secretRef: {name: s}}]')), [
    'static spec.containers[0].envFrom[0].secretRef 9',
  ]);
  assert.deepEqual(fields(container('env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: k}}}]')), [
    'static spec.containers[0].env[0].valueFrom.configMapKeyRef 9',
  ]);
  assert.deepEqual(fields(spec('serviceAccount: x')), ['static spec.serviceAccount 9']);
  assert.deepEqual(fields(spec('imagePullSecrets: [{name: x}]')), ['static spec.imagePullSecrets[0] 9']);
  assert.deepEqual(fields(spec('resourceClaims: [{name: a, resourceClaimName: b}]')), [
    'static spec.resourceClaims 9',
  ]);
  for (const volume of [
    'secret: {secretName: s}',
    'configMap: {name: c}',
    'persistentVolumeClaim: {claimName: c}',
    'csi: {driver: d}',
    'azureFile: {secretName: s, shareName: t}',
    'rbd: {monitors: [m], image: i, secretRef: {name: s}}',
    'projected: {sources: [{configMap: {name: c}}]}',
    'projected: {sources: [{}]}',
  ])
    assert.deepEqual(
      spec(`volumes: [{name: v, ${volume}}]`).map(({ stage }) => stage),
      ['static'],
      volume,
    );
  assert.deepEqual(spec('volumes: [{name: v, rbd: {monitors: [m], image: i}}]'), []);
});

test('a manifest with very many errors is answered with the first of them', () => {
  const { errors } = decode(web + '  - {}\n'.repeat(500));
  assert.equal(errors.length, 100);
  assert.match(errors.at(-1)?.message ?? '', /and \d+ more like these/);
});

test('what the API lets pass and no engine can run is warned of', () => {
  const verdict = decode(web.replace('nginx', '"Team/Busy box"'));
  assert.ok(verdict.accepted);
  assert.deepEqual(shown(verdict.warnings), [
    '8:12 spec.containers[0].image Invalid value: an image name has no blank in it: the container will wait with InvalidImageName',
  ]);
  for (const image of ['localhost:5000/a/b', 'Reg.Example/a:T', 'busybox:1.36', `a@sha256:${'0'.repeat(64)}`])
    assert.deepEqual(decode(web.replace('nginx', `"${image}"`)).warnings, [], image);
  assert.match(shown(decode(web.replace('nginx', 'Nginx:1')).warnings).join(), /no upper case letter/);
  assert.match(shown(decode(web.replace('nginx', 'https://a.b/c')).warnings).join(), /as a URL does/);
});

test('a port that is named and not there is warned of; a number may be written as a text', () => {
  const probes = (port: string) =>
    `${web}    ports: [{containerPort: 80, name: web}]
    readinessProbe: {httpGet: {path: /, port: ${port}}}
    lifecycle: {preStop: {httpGet: {path: /, port: ${port}}}}
`;
  assert.deepEqual(shown(decode(probes('http')).warnings), [
    '10:47 spec.containers[0].readinessProbe.httpGet.port Invalid value: no port of the container has the name "http": the probe will fail',
    '11:52 spec.containers[0].lifecycle.preStop.httpGet.port Invalid value: no port of the container has the name "http": the hook will fail',
  ]);
  for (const port of ['web', '80']) assert.deepEqual(decode(probes(port)).warnings, []);
});

test('a command that is one word with blanks is warned of', () => {
  const told = 'this is taken for the name of a program, blanks and all: each word needs an item of its own';
  const text = `${web}    command:
    - sh
      - -c
    args: ["a b"]
    livenessProbe: {exec: {command: ["cat /tmp/x"]}}
    readinessProbe: {exec: {command: [cat, "/tmp/x y"]}}
`;
  assert.deepEqual(shown(decode(text).warnings), [
    `10:7 spec.containers[0].command[0] Invalid value: ${told}`,
    `13:38 spec.containers[0].livenessProbe.exec.command[0] Invalid value: ${told}`,
  ]);
});

test('what should be a map of fields says which, and how lists are written', () => {
  const text = `${web}    ports: [8080]
    env: {A: b}
    livenessProbe: {exec: ls}
    securityContext: {runAsUser: "5"}
`;
  assert.deepEqual(shown(decode(text).errors), [
    '9:13 spec.containers[0].ports[0] Type error: must be a map of fields (containerPort, …), is the number 8080',
    '10:10 spec.containers[0].env Type error: must be a list of maps, is a map: each item begins with "- "',
    '11:27 spec.containers[0].livenessProbe.exec Type error: must be a map of fields (command), is a string',
    '12:34 spec.containers[0].securityContext.runAsUser Type error: must be a whole number (int64), is a string: leave out the quotes',
  ]);
});

test('a value that stands for nothing written is said to be none', () => {
  assert.deepEqual(shown(decode(`${web}    livenessProbe: {httpGet: {path: /}}\n`).errors), [
    '9:30 spec.containers[0].livenessProbe.httpGet.port Invalid value: 0: must be between 1 and 65535, inclusive (it is not given)',
  ]);
  assert.doesNotMatch(
    shown(decode(`${web}    livenessProbe: {httpGet: {path: /, port: 0}}\n`).errors).join(),
    /not given/,
  );
});

test('an amount with a wrong unit is shown', () => {
  assert.deepEqual(shown(decode(`${web}    resources: {limits: {memory: 64mb}}\n`).errors), [
    '9:34 spec.containers[0].resources.limits[memory] Type error: must be a quantity (as 100m, 0.5, 64Mi or 1Gi), is "64mb"',
  ]);
});
