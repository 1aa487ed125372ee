// Names that every JavaScript object has are names like any other, wherever a manifest may write one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';

const where = { origin: '/m/x.yaml', source: 'file', nodeName: 'node-1', seenAtMs: 0 } as const;
const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

const pod = (parts: { container?: string; spec?: string; metadata?: string }) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a${parts.metadata ?? ''}}\nspec:\n  containers: [{name: a, image: b${parts.container ?? ''}}]\n${parts.spec ?? ''}`;
const decode = (text: string) => decodeManifest(Buffer.from(text), where);

/** Places where a person's own word stands; each with a name that nobody has heard of. */
const places = (name: string): Record<string, string> => ({
  request: pod({ container: `, resources: {requests: {${name}: 1}}` }),
  limit: pod({ container: `, resources: {limits: {${name}: 1}}` }),
  'request under a Pod limit': pod({
    container: `, resources: {requests: {${name}: 1}}`,
    spec: '  resources: {limits: {cpu: 1}}\n',
  }),
  'limit under a Pod request': pod({
    container: `, resources: {limits: {${name}: 1}}`,
    spec: '  resources: {requests: {cpu: 1}}\n',
  }),
  'of the init containers': pod({
    spec: `  resources: {requests: {cpu: 1}}\n  initContainers: [{name: i, image: b, restartPolicy: Always, resources: {requests: {${name}: 1}}}]\n`,
  }),
  'request of the Pod': pod({ spec: `  resources: {requests: {${name}: 1}}\n` }),
  'limit of the Pod': pod({ spec: `  resources: {limits: {${name}: 1}}\n` }),
  overhead: pod({ spec: `  overhead: {${name}: 1}\n` }),
  label: pod({ metadata: `, labels: {${name}: x}` }),
  annotation: pod({ metadata: `, annotations: {${name}: x}` }),
  selector: pod({ spec: `  nodeSelector: {${name}: x}\n` }),
  field: pod({
    container: `, ${name}: {polluted: yes}`,
    spec: `  ${name}: {polluted: yes}\n`,
    metadata: `, ${name}: {polluted: yes}`,
  }),
  'merged field': pod({ spec: `  <<: {${name}: {polluted: yes}}\n` }),
  'field in JSON': `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","${name}":{"polluted":true}},"spec":{"${name}":{"polluted":true},"containers":[{"name":"a","image":"b","${name}":{"polluted":true}}]}}`,
  policies: pod({
    container: `, imagePullPolicy: ${name}, terminationMessagePolicy: ${name}, resizePolicy: [{resourceName: ${name}, restartPolicy: ${name}}]`,
    spec: `  restartPolicy: ${name}\n  dnsPolicy: ${name}\n  priorityClassName: ${name}\n  preemptionPolicy: ${name}\n`,
  }),
  'stop signal': pod({ container: ', lifecycle: {stopSignal: SIGTERM}', spec: `  os: {name: ${name}}\n` }),
  reference: pod({
    container: `, env: [{name: x, valueFrom: {fieldRef: {fieldPath: ${name}}}}, {name: y, valueFrom: {resourceFieldRef: {resource: ${name}}}}]`,
  }),
  volume: pod({
    container: `, volumeMounts: [{name: ${name}, mountPath: /x}]`,
    spec: `  volumes: [{name: ${name}, emptyDir: {medium: ${name}}}, {name: x, ${name}: {}}]\n`,
  }),
  security: pod({
    container: `, securityContext: {capabilities: {add: [${name}]}, seccompProfile: {type: ${name}}}`,
    spec: `  securityContext: {seccompProfile: {type: ${name}}, sysctls: [{name: ${name}, value: x}]}\n`,
  }),
  scheduling: pod({
    spec: `  tolerations: [{key: ${name}, operator: ${name}, effect: ${name}}]\n  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: ${name}, operator: ${name}, values: [a]}]}]}}}\n`,
  }),
  quantity: pod({ container: `, resources: {limits: {cpu: ${name}, memory: 1${name}}}` }),
  tag: pod({ container: `, workingDir: !!${name} x` }),
  kind: `apiVersion: v1\nkind: ${name}\n`,
  version: `apiVersion: ${name}\nkind: Pod\n`,
});

test('a name that every object has is judged as any name of its kind', () => {
  for (const name of names)
    for (const [place, text] of Object.entries(places(name))) {
      const verdict = decode(text);
      const ordinary = decode(places(/^[a-z]+$/.test(name) ? 'unheardof' : camelOf(name))[place] ?? '');
      assert.equal(verdict.accepted, ordinary.accepted, `${name} as ${place}`);
      const said = ({ errors }: typeof verdict) => errors.map(({ stage, type }) => `${stage} ${type}`);
      assert.deepEqual(said(verdict), said(ordinary), `${name} as ${place}`);
    }
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

/** Of the same grammar: Kubernetes takes neither `__` nor capitals everywhere. */
const camelOf = (name: string): string => (name.startsWith('__') ? '__unheardOf__' : 'unheardOf');

test('a label and an annotation of such a name are there', () => {
  for (const name of ['constructor', 'toString', 'valueOf']) {
    const verdict = decode(pod({ metadata: `, labels: {${name}: x}, annotations: {${name}: z}` }));
    assert.ok(verdict.accepted, JSON.stringify(verdict.errors));
    const { labels = {}, annotations = {} } = verdict.staticPod.pod.metadata ?? {};
    assert.deepEqual([labels[name], annotations[name], Object.keys(labels)], ['x', 'z', [name]]);
  }
});
