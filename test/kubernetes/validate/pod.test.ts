// Rules about the Pod as a whole: metadata, volumes, network, scheduling, security, resources.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podErrors } from './pod-errors.ts';

function check(cases: Record<string, string[]>): void {
  for (const [spec, expected] of Object.entries(cases))
    assert.deepEqual(
      podErrors({ spec }),
      expected.map((error) => `spec.${error}`),
      spec,
    );
}

test('metadata', () => {
  const cases: Record<string, string[]> = {
    'labels: {a/b: c, "": d, e: f g}': [
      'labels: Invalid value',
      'labels: Invalid value',
      'labels: Invalid value',
    ],
    'annotations: {A/B: x}': [],
    'generateName: a-': [],
    'generateName: a_': ['generateName: Invalid value'],
    'generation: -1': ['generation: Invalid value'],
    'finalizers: [a/b, orphan, foregroundDeletion]': ['finalizers: Invalid value'],
    'ownerReferences: [{apiVersion: v1, kind: Event, name: a, uid: b}]': ['ownerReferences: Invalid value'],
    'ownerReferences: [{apiVersion: a/b/c, kind: A, name: a, uid: b, controller: true}, {apiVersion: v1, kind: A, name: a, uid: b, controller: true}]':
      ['ownerReferences.apiVersion: Invalid value', 'ownerReferences: Invalid value'],
    'managedFields: [{operation: x, fieldsType: q}]': [
      'managedFields[0].operation: Invalid value',
      'managedFields[0].fieldsType: Invalid value',
    ],
    'annotations: {controller.kubernetes.io/pod-deletion-cost: "01"}': [
      'annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value',
    ],
    'annotations: {container.apparmor.security.beta.kubernetes.io/x: q}': [
      'annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value',
      'annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value',
    ],
    'annotations: {seccomp.security.alpha.kubernetes.io/pod: x}': [
      'annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value',
    ],
  };
  for (const [metadata, expected] of Object.entries(cases))
    assert.deepEqual(
      podErrors({ metadata }),
      expected.map((error) => `metadata.${error}`),
      metadata,
    );
});

test('profiles in annotations and fields must agree', () => {
  const metadata = 'annotations: {container.apparmor.security.beta.kubernetes.io/a: localhost/x}';
  const container = (profile: string) =>
    podErrors({ metadata, container: `securityContext: {appArmorProfile: ${profile}}` });
  const field = 'spec.containers[0].securityContext.appArmorProfile';
  assert.deepEqual(container('{type: Localhost, localhostProfile: x}'), []);
  assert.deepEqual(container('{type: Localhost, localhostProfile: q}'), [
    `${field}.localhostProfile: Forbidden`,
  ]);
  assert.deepEqual(container('{type: Unconfined}'), [`${field}.type: Forbidden`]);
});

test('volumes: one source, and what it needs', () => {
  const v = (text: string, ...errors: string[]) => ({
    [`volumes: [{name: v, ${text}}]`]: errors.map((e) => `volumes[0].${e}`),
  });
  check({
    ...v('emptyDir: {}, hostPath: {path: /x}', 'hostPath: Forbidden'),
    ...v('emptyDir: {sizeLimit: -1}', 'emptyDir.sizeLimit: Forbidden'),
    ...v('hostPath: {}', 'hostPath.path: Required value'),
    ...v(
      'secret: {defaultMode: 0o1000, items: [{key: a, path: ..b}]}',
      'secret.secretName: Required value',
      'secret.defaultMode: Invalid value',
      'secret.items[0].path: Invalid value',
    ),
    ...v('downwardAPI: {items: [{path: a}]}', 'downwardAPI: Required value'),
    ...v(
      'downwardAPI: {items: [{path: a, resourceFieldRef: {resource: limits.cpu}}]}',
      'downwardAPI.resourceFieldRef.containerName: Required value',
    ),
    ...v('projected: {}'),
    ...v(
      'projected: {sources: [{downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.name}}]}, secret: {name: s, items: [{key: k, path: a}]}}]}',
      'projected: Invalid value',
      'projected.sources[0]: Forbidden',
    ),
    ...v(
      'gcePersistentDisk: {partition: 256}',
      'persistentDisk.pdName: Required value',
      'persistentDisk.partition: Invalid value',
    ),
    ...v('iscsi: {targetPortal: a, iqn: x, lun: 0}', 'iscsi.iqn: Invalid value'),
    ...v('iscsi: {targetPortal: a, iqn: "iqn.2001-04.com.example:a", lun: 1}'),
    ...v('fc: {targetWWNs: [a], wwids: [b]}', 'fc.targetWWNs: Invalid value', 'fc.lun: Required value'),
    ...v('nfs: {}', 'nfs.server: Required value', 'nfs.path: Required value', 'nfs.path: Invalid value'),
    ...v('quobyte: {registry: a, volume: b}', 'quobyte.registry: Invalid value'),
    ...v(
      'flexVolume: {driver: a, options: {x.k8s.io/y: z}}',
      'flexVolume.options[x.k8s.io/y]: Invalid value',
    ),
    ...v('azureDisk: {diskName: a, diskURI: b}', 'azureDisk.diskURI: Unsupported value'),
    ...v('csi: {driver: ""}', 'csi.driver: Required value'),
    ...v('storageos: {volumeName: A}', 'storageos.volumeName: Invalid value'),
    ...v('image: {pullPolicy: x}', 'image.pullPolicy: Unsupported value'),
    ...v('cephfs: {monitors: []}', 'cephfs.monitors: Required value'),
    ...v(
      'ephemeral: {volumeClaimTemplate: {metadata: {name: x}, spec: {accessModes: [x]}}}',
      'ephemeral.volumeClaimTemplate.metadata.name: Forbidden',
      'ephemeral.volumeClaimTemplate.spec.accessModes: Unsupported value',
      'ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
    ),
    'volumes: [{name: v}, {name: v}, {}]': [
      'volumes[1].name: Duplicate value',
      'volumes[2].name: Required value',
    ],
  });
});

test('a variable from a file: an emptyDir of the Pod, in whatever container', () => {
  const env = (volumeName: string) =>
    `env: [{name: A, valueFrom: {fileKeyRef: {volumeName: ${volumeName}, path: f, key: k}}}]`;
  const volumes = 'volumes: [{name: e, emptyDir: {}}, {name: h, hostPath: {path: /p}}]';
  check({
    [`${volumes}, initContainers: [{name: i, image: b, ${env('e')}}]`]: [],
    [`${volumes}, initContainers: [{name: i, image: b, ${env('h')}}]`]: [
      'initContainers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value',
    ],
    [`${volumes}, initContainers: [{name: i, image: b, ${env('x')}}]`]: [
      'initContainers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found',
    ],
  });
});

test('network', () => {
  check({
    'dnsPolicy: None, dnsConfig: {}': ['dnsConfig.nameservers: Required value'],
    'dnsConfig: {nameservers: [x, "::1", 010.1.1.1], searches: [., a_b.], options: [{}]}': [
      'dnsConfig.nameservers[0]: Invalid value',
      'dnsConfig.nameservers[2]: Invalid value',
      'dnsConfig.options[0]: Required value',
    ],
    'hostAliases: [{ip: 1.1.1.1, hostnames: [A]}]': ['hostAliases[0].hostnames[0]: Invalid value'],
    'hostnameOverride: a, hostNetwork: true': ['hostnameOverride: Forbidden'],
    'hostUsers: false, hostNetwork: true, hostPID: true': ['hostNetwork: Forbidden', 'HostPID: Forbidden'],
  });
  assert.deepEqual(podErrors({ spec: 'hostNetwork: true', container: 'ports: [{containerPort: 80}]' }), []);
});

test('scheduling', () => {
  check({
    'tolerations: [{}]': ['tolerations[0].operator: Invalid value'],
    'tolerations: [{key: a, operator: x, effect: q, tolerationSeconds: 1}]': [
      'tolerations[0].effect: Invalid value',
      'tolerations[0].operator: Unsupported value',
      'tolerations[0].effect: Unsupported value',
    ],
    'schedulingGates: [{}]': [
      'schedulingGates[0]: Invalid value',
      'schedulingGates[0]: Invalid value',
      'nodeName: Forbidden',
    ],
    'readinessGates: [{conditionType: "a b"}]': ['readinessGates[0].conditionType: Invalid value'],
    'topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway, minDomains: 0, matchLabelKeys: [a]}, {maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}]':
      [
        'topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value',
        'topologySpreadConstraints[0].minDomains: Invalid value',
        'topologySpreadConstraints[0].minDomains: Invalid value',
        'topologySpreadConstraints[0].matchLabelKeys: Forbidden',
      ],
    'affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, preference: {matchExpressions: [{key: a, operator: Gt}]}}]}}':
      [
        'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value',
        'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values: Required value',
      ],
    'affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchExpressions: [{key: a, operator: In}]}}]}}':
      [
        'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions[0].values: Required value',
        'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value',
        'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value',
        'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value',
      ],
    'priorityClassName: A, runtimeClassName: "", preemptionPolicy: ""': [
      'priorityClassName: Invalid value',
      'runtimeClassName: Invalid value',
      'preemptionPolicy: Required value',
    ],
  });
});

test('security of the Pod, and what its operating system rules out', () => {
  check({
    'securityContext: {fsGroup: -1, fsGroupChangePolicy: x, supplementalGroupsPolicy: q}': [
      'securityContext.fsGroup: Invalid value',
      'securityContext.fsGroupChangePolicy: Unsupported value',
      'securityContext.supplementalGroupsPolicy: Unsupported value',
    ],
    'securityContext: {sysctls: [{name: net.a, value: b}, {name: net/a, value: b}, {name: net.a, value: c}]}':
      ['securityContext.sysctls[2].name: Duplicate value'],
    'hostNetwork: true, securityContext: {sysctls: [{name: net/a, value: b}]}': [
      'securityContext.sysctls[0].name: Invalid value',
    ],
    'hostIPC: true, securityContext: {sysctls: [{name: kernel.shmmax, value: "1"}]}': [
      'securityContext.sysctls[0].name: Invalid value',
    ],
    'os: {name: x}': ['os: Unsupported value'],
    'os: {name: windows}, hostPID: true, securityContext: {runAsUser: 1}': [
      'hostPID: Forbidden',
      'securityContext.runAsUser: Forbidden',
    ],
    'os: {name: linux}, securityContext: {windowsOptions: {}}': ['securityContext.windowsOptions: Forbidden'],
    'securityContext: {windowsOptions: {hostProcess: true}}': ['hostNetwork: Invalid value'],
  });
});

test('resources of the Pod: its containers must fit into them', () => {
  check({
    'resources: {limits: {cpu: 1}, claims: [{name: a}]}': [
      'resources.claims: Forbidden',
      'resources.claims[0]: Not found',
    ],
  });
  check({
    'resources: {limits: {example.com/x: 1}}': ['resources.limits[example.com/x]: Unsupported value'],
  });
  check({ 'overhead: {cpu: -1}': ['overhead.limits[cpu]: Invalid value'] });
  assert.deepEqual(
    podErrors({
      spec: 'resources: {limits: {cpu: 1}, requests: {cpu: 1}}',
      container: 'resources: {limits: {cpu: 2}}',
    }),
    [
      'spec.resources.requests[cpu]: Invalid value',
      'spec.resources.containers[0][cpu].limits: Invalid value',
    ],
  );
});
