// Rules about one container: names, ports, environment, mounts, handlers, restart rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podErrors } from './pod-errors.ts';

const c = 'spec.containers[0]';

function check(cases: Record<string, string[]>): void {
  for (const [container, expected] of Object.entries(cases))
    assert.deepEqual(
      podErrors({ container }),
      expected.map((error) => `${c}.${error}`),
      container,
    );
}

test('ports', () => {
  check({
    'ports: [{containerPort: 80, name: web, protocol: SCTP}]': [],
    'ports: [{}]': ['ports[0].containerPort: Required value'],
    'ports: [{containerPort: -1}]': ['ports[0].containerPort: Invalid value'],
    'ports: [{containerPort: 1, name: A}]': ['ports[0].name: Invalid value', 'ports[0].name: Invalid value'],
    'ports: [{containerPort: 1, name: a--b}]': ['ports[0].name: Invalid value'],
    'ports: [{containerPort: 1, hostPort: 9}, {containerPort: 2, hostPort: 9, protocol: UDP}]': [],
    'ports: [{containerPort: 1, hostPort: 9}, {containerPort: 2, hostPort: 9, hostIP: 1.1.1.1}]': [],
    'ports: [{containerPort: 1, hostPort: 9}, {containerPort: 2, hostPort: 9}]': [
      'ports[1].hostPort: Duplicate value',
    ],
  });
});

test('environment', () => {
  check({
    'env: [{name: 1a}, {name: a.b-c, value: x}]': [],
    'env: [{name: a=b}]': ['env[0].name: Invalid value'],
    'env: [{name: A, valueFrom: {}}]': ['env[0].valueFrom: Invalid value'],
    'env: [{name: A, valueFrom: {fieldRef: {}}}]': ['env[0].valueFrom.fieldRef.fieldPath: Required value'],
    'env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}]': [],
    'env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.host}}}]': [],
    'env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.labels[\'x/y\']"}}}]': [],
    'env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.labels[\'x y\']"}}}]': [
      'env[0].valueFrom.fieldRef: Invalid value',
    ],
    'env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.name[\'x\']"}}}]': [
      'env[0].valueFrom.fieldRef.fieldPath: Invalid value',
    ],
    'env: [{name: A, valueFrom: {fieldRef: {apiVersion: v2, fieldPath: metadata.name}}}]': [
      'env[0].valueFrom.fieldRef.fieldPath: Invalid value',
    ],
    'env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.phase}}}]': [
      'env[0].valueFrom.fieldRef.fieldPath: Unsupported value',
    ],
    'env: [{name: A, valueFrom: {resourceFieldRef: {resource: requests.memory, divisor: 1Mi}}}]': [],
    'env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.hugepages-2Mi, divisor: 1m}}}]': [
      'env[0].valueFrom.resourceFieldRef.divisor: Invalid value',
    ],
    'env: [{name: A, valueFrom: {resourceFieldRef: {resource: x}}}]': [
      'env[0].valueFrom.resourceFieldRef.resource: Unsupported value',
    ],
    'env: [{name: A, valueFrom: {secretKeyRef: {key: k}}}]': [
      'env[0].valueFrom.secretKeyRef.name: Invalid value',
    ],
    'env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: ../x, key: k}}}]': [
      'env[0].valueFrom.fileKeyRef.path: Invalid value',
      'env[0].valueFrom.fileKeyRef.volumeName: Not found',
    ],
    'env: [{name: A, valueFrom: {fileKeyRef: {path: x, key: k}}}]': [
      'env[0].valueFrom.fileKeyRef.volumeName: Required value',
      'env[0].valueFrom.fileKeyRef.volumeName: Not found',
    ],
    'envFrom: [{prefix: "a=", configMapRef: {name: c}}]': ['envFrom[0].prefix: Invalid value'],
    'envFrom: [{configMapRef: {}}]': ['envFrom[0].configMapRef.name: Required value'],
    'envFrom: [{configMapRef: {name: c}, secretRef: {name: s}}]': ['envFrom: Invalid value'],
  });
});

test('mounts and devices: Kubernetes leaves the index out of some fields', () => {
  const volumes = 'volumes: [{name: v, emptyDir: {}}]';
  const cases: Record<string, string[]> = {
    'volumeMounts: [{name: v, mountPath: /m, subPathExpr: $(A)}]': [],
    'volumeMounts: [{name: w, mountPath: ""}]': [
      'volumeMounts[0].name: Not found',
      'volumeMounts[0].mountPath: Required value',
    ],
    'volumeMounts: [{name: v, mountPath: /m, subPath: a/../b}]': ['volumeMounts.subPath: Invalid value'],
    'volumeMounts: [{name: v, mountPath: /m, mountPropagation: x}]': [
      'volumeMounts.mountPropagation: Unsupported value',
    ],
    'volumeMounts: [{name: v, mountPath: /m, mountPropagation: Bidirectional}], securityContext: {privileged: true}':
      [],
    'volumeMounts: [{name: v, mountPath: /m, readOnly: true, recursiveReadOnly: Enabled, mountPropagation: HostToContainer}]':
      ['volumeMounts.recursiveReadOnly: Forbidden'],
    'volumeMounts: [{name: v, mountPath: /m, recursiveReadOnly: x}]': [
      'volumeMounts.recursiveReadOnly: Unsupported value',
    ],
    'volumeDevices: [{name: v, devicePath: /d}]': ['volumeDevices[0].name: Invalid value'],
    'volumeDevices: [{name: w, devicePath: /../d}]': [
      'volumeDevices[0].name: Not found',
      'volumeDevices[0].devicePath: Invalid value',
    ],
  };
  for (const [container, expected] of Object.entries(cases))
    assert.deepEqual(
      podErrors({ container, spec: volumes }),
      expected.map((error) => `${c}.${error}`),
      container,
    );
});

test('probes and hooks', () => {
  check({
    'livenessProbe: {exec: {}}': ['livenessProbe.exec.command: Required value'],
    'livenessProbe: {httpGet: {}}': ['livenessProbe.httpGet.port: Invalid value'],
    'livenessProbe: {httpGet: {port: 80, scheme: x, httpHeaders: [{name: "a b", value: c}]}}': [
      'livenessProbe.httpGet.scheme: Unsupported value',
      'livenessProbe.httpGet.httpHeaders: Invalid value',
    ],
    'livenessProbe: {tcpSocket: {port: "80"}}': ['livenessProbe.tcpSocket.port: Invalid value'],
    'livenessProbe: {grpc: {port: 80}, terminationGracePeriodSeconds: 0}': [
      'livenessProbe.terminationGracePeriodSeconds: Invalid value',
    ],
    'readinessProbe: {exec: {command: [a]}, successThreshold: 2}': [],
    'startupProbe: {exec: {command: [a]}, successThreshold: 2, failureThreshold: -1}': [
      'startupProbe.failureThreshold: Invalid value',
      'startupProbe.successThreshold: Invalid value',
    ],
    'lifecycle: {}': [],
    'lifecycle: {preStop: {sleep: {seconds: 0}}}': [],
    'lifecycle: {preStop: {sleep: {seconds: 31}}}': ['lifecycle.preStop.sleep: Invalid value'],
    'lifecycle: {postStart: {exec: {command: [a]}, httpGet: {port: 1}, tcpSocket: {port: 1}}}': [
      'lifecycle.postStart.httpGet: Forbidden',
      'lifecycle.postStart.tcpSocket: Forbidden',
    ],
    'lifecycle: {stopSignal: SIGUSR1}': ['lifecycle.stopSignal: Forbidden'],
  });
  assert.deepEqual(
    podErrors({ container: 'lifecycle: {stopSignal: SIGUSR1}', spec: 'os: {name: linux}' }),
    [],
  );
});

test('restart and resize rules', () => {
  const rule = '{action: Restart, exitCodes: {operator: In, values: [42]}}';
  check({
    [`restartPolicy: Never, restartPolicyRules: [${rule}]`]: [],
    [`restartPolicyRules: [${rule}]`]: ['restartPolicy: Required value'],
    'restartPolicy: x': ['restartPolicy: Unsupported value'],
    'restartPolicy: Never, restartPolicyRules: [{action: x}]': [
      'restartPolicyRules[0].action: Unsupported value',
      'restartPolicyRules[0].exitCodes: Required value',
    ],
    [`restartPolicy: Never, restartPolicyRules: [${Array(21).fill(rule).join()}]`]: [
      'restartPolicyRules: Too many',
    ],
    'resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]': [],
    'resizePolicy: [{resourceName: x, restartPolicy: ""}]': [
      'resizePolicy: Unsupported value',
      'resizePolicy: Required value',
    ],
  });
});

test('init containers: sidecars may have handlers, others not; ephemeral containers have no place here', () => {
  const init = (container: string) =>
    podErrors({ spec: `initContainers: [{name: i, image: b, ${container}}]` });
  assert.deepEqual(init('restartPolicy: Always, startupProbe: {exec: {command: [a]}}'), []);
  assert.deepEqual(init('startupProbe: {exec: {command: [a]}}, readinessProbe: {}'), [
    'spec.initContainers[0].readinessProbe: Forbidden',
    'spec.initContainers[0].startupProbe: Forbidden',
  ]);
  assert.deepEqual(
    podErrors({ spec: 'initContainers: [{name: a, image: " b"}, {name: i, image: b}, {name: i, image: b}]' }),
    [
      'spec.initContainers[0].name: Duplicate value',
      'spec.initContainers[2].name: Duplicate value',
      'spec.initContainers[0].image: Invalid value',
    ],
  );
  assert.deepEqual(
    podErrors({
      spec: 'ephemeralContainers: [{name: a, image: b, targetContainerName: x, ports: [{containerPort: 1}]}]',
    }),
    [
      'spec.ephemeralContainers[0].name: Duplicate value',
      'spec.ephemeralContainers[0].targetContainerName: Not found',
      'spec.ephemeralContainers[0].ports: Forbidden',
      'spec.ephemeralContainers: Forbidden',
    ],
  );
});

test('resources', () => {
  check({
    'resources: {limits: {cpu: 1}, requests: {cpu: 2}}': ['resources.requests: Invalid value'],
    'resources: {requests: {example.com/gpu: 1}}': ['resources.limits: Required value'],
    'resources: {limits: {example.com/gpu: 2}, requests: {example.com/gpu: 1}}': [
      'resources.requests: Invalid value',
    ],
    'resources: {requests: {hugepages-2Mi: 3Mi, cpu: 1}, limits: {hugepages-2Mi: 4Mi}}': [
      'resources.requests: Invalid value',
      'resources.requests[hugepages-2Mi]: Invalid value',
    ],
    'resources: {limits: {hugepages-2Mi: 4Mi}}': ['resources: Forbidden'],
    'resources: {requests: {kubernetes.io/x: 1}}': [],
    'resources: {requests: {x/y/z: 1}}': [
      'resources.requests[x/y/z]: Invalid value',
      'resources.requests[x/y/z]: Invalid value',
      'resources.limits: Required value',
    ],
    'resources: {claims: [{name: x}, {name: ""}]}': [
      'resources.claims[0]: Not found',
      'resources.claims[1]: Required value',
    ],
  });
});

test('security contexts', () => {
  check({
    'securityContext: {privileged: true}': [],
    'securityContext: {runAsUser: -1, runAsGroup: 4294967296}': [
      'securityContext.runAsUser: Invalid value',
      'securityContext.runAsGroup: Invalid value',
    ],
    'securityContext: {privileged: true, allowPrivilegeEscalation: false}': [
      'securityContext: Invalid value',
    ],
    'securityContext: {procMount: Unmasked}': ['securityContext.procMount: Invalid value'],
    'securityContext: {seccompProfile: {}}': ['securityContext.seccompProfile.type: Required value'],
    'securityContext: {seccompProfile: {type: Localhost}}': [
      'securityContext.seccompProfile.localhostProfile: Required value',
    ],
    'securityContext: {seccompProfile: {type: Unconfined, localhostProfile: x}}': [
      'securityContext.seccompProfile.localhostProfile: Invalid value',
    ],
    'securityContext: {appArmorProfile: {type: Localhost, localhostProfile: " x"}}': [
      'securityContext.appArmorProfile.localhostProfile: Invalid value',
    ],
    'securityContext: {windowsOptions: {runAsUserName: "a/b", gmsaCredentialSpec: ""}}': [
      'securityContext.windowsOptions.gmsaCredentialSpec: Invalid value',
      'securityContext.windowsOptions.runAsUserName: Invalid value',
    ],
  });
});
