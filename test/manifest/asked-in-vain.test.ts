// What a manifest asks for and does not get is said, with its place; what it leaves to defaults, or writes as Kubernetes
// itself would, is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import { severityOf } from '../../src/manifest/static-pod.ts';

const where = { origin: '/m/x.yaml', source: 'file', nodeName: 'node-1', seenAtMs: 0 } as const;

function saidOf(text: string): string[] {
  const verdict = decodeManifest(Buffer.from(text), where);
  assert.ok(verdict.accepted, JSON.stringify(verdict.errors));
  return verdict.warnings.map((warning) => {
    const { line, column, field, type } = warning;
    return `${line}:${column} ${severityOf(warning)} ${field} ${type}`;
  });
}

const plain = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: a, image: busybox}
`;

test('a plain Pod is told nothing, though defaults are filled in', () => {
  assert.deepEqual(saidOf(plain), []);
});

test('what is not supported is a warning, what has no meaning on one node a note, in the order of the file', () => {
  const text = `apiVersion: v1
kind: Pod
metadata:
  name: web
  uid: abc
  finalizers: [example.com/x]
spec:
  nodeName: elsewhere
  hostUsers: false
  runtimeClassName: gvisor
  tolerations:
  - operator: Exists
  affinity:
    podAntiAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
    nodeAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
      - {weight: 1, preference: {matchExpressions: [{key: a, operator: Exists}]}}
  securityContext:
    supplementalGroupsPolicy: Strict
  volumes:
  - name: data
    nfs: {server: nas, path: /}
  - {name: disk, emptyDir: {sizeLimit: 1Gi}}
  - {name: memory, emptyDir: {sizeLimit: 1Mi, medium: Memory}}
  containers:
  - name: a
    image: busybox
    resizePolicy:
    - {resourceName: cpu, restartPolicy: NotRequired}
    resources:
      requests: {cpu: 1m}
      limits: {cpu: 1, example.com/gpu: 1, ephemeral-storage: 1Gi}
`;
  const note = 'No meaning on one node';
  assert.deepEqual(saidOf(text), [
    '5:3 warning metadata.uid Not supported',
    `6:3 note metadata.finalizers ${note}`,
    `8:3 note spec.nodeName ${note}`,
    '9:3 warning spec.hostUsers Not supported',
    '10:3 warning spec.runtimeClassName Not supported',
    `11:3 note spec.tolerations ${note}`,
    `14:5 note spec.affinity.podAntiAffinity ${note}`,
    `18:7 note spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution ${note}`,
    '21:5 warning spec.securityContext.supplementalGroupsPolicy Not supported',
    '24:5 warning spec.volumes[0].nfs Not supported',
    '25:18 warning spec.volumes[1].emptyDir Not supported',
    `30:5 note spec.containers[0].resizePolicy ${note}`,
    '34:24 warning spec.containers[0].resources.limits[example.com/gpu] Not supported',
    '34:44 warning spec.containers[0].resources.limits[ephemeral-storage] Not supported',
  ]);
});

test('what says nothing, and what Kubernetes writes of itself, is passed over', () => {
  const text = `apiVersion: v1
kind: Pod
metadata: {name: web, creationTimestamp: null, resourceVersion: "", ownerReferences: []}
spec:
  schedulerName: default-scheduler
  preemptionPolicy: PreemptLowerPriority
  enableServiceLinks: true
  automountServiceAccountToken: false
  hostUsers: true
  tolerations: []
  affinity: {podAffinity: {}}
  securityContext: {supplementalGroupsPolicy: Merge}
  containers:
  - {name: a, image: busybox, resources: {limits: {cpu: 1}, claims: []}}
status: {}
`;
  assert.deepEqual(saidOf(text), []);
});

test('what is refused has its error, and no warning besides', () => {
  const verdict = decodeManifest(
    Buffer.from(`${plain}  volumes: [{name: c, configMap: {name: c}}]\n  serviceAccountName: me\n`),
    where,
  );
  assert.equal(verdict.accepted, false);
  assert.deepEqual(verdict.warnings, []);
});
