// Verdicts reasoned from the sources of Kubernetes 1.36, by the function that gives them: one case or two per rule,
// beside what pods.jsonl and the other tables have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podErrors, type Written } from './pod-errors.ts';

const c = 'spec.containers[0]';
const i = 'spec.initContainers[0]';
const invalid = (field: string) => `${field}: Invalid value`;
const required = (field: string) => `${field}: Required value`;
const forbidden = (field: string) => `${field}: Forbidden`;
const unsupported = (field: string) => `${field}: Unsupported value`;
const duplicate = (field: string) => `${field}: Duplicate value`;
const notFound = (field: string) => `${field}: Not found`;

type Case = [written: Written, errors: string[]];

function rules(group: Record<string, Case[]>): void {
  for (const [name, cases] of Object.entries(group))
    test(name, () => {
      for (const [written, expected] of cases)
        assert.deepEqual(podErrors(written), expected, JSON.stringify(written));
    });
}

const spec = (text: string, ...errors: string[]): Case => [{ spec: text }, errors];
const container = (text: string, ...errors: string[]): Case => [{ container: text }, errors];
const metadata = (text: string, ...errors: string[]): Case => [{ metadata: text }, errors];

rules({
  ValidateObjectMetaAccessor: [
    metadata('labels: {app: ""}'),
    metadata('labels: {app: a-}', invalid('metadata.labels')),
    metadata(`labels: {app: ${'x'.repeat(63)}}`),
    metadata(`labels: {app: ${'x'.repeat(64)}}`, invalid('metadata.labels')),
    metadata(`labels: {${'x'.repeat(63)}: a, e.f/${'y'.repeat(63)}: b}`),
    metadata(`labels: {${'x'.repeat(64)}: a}`, invalid('metadata.labels')),
    metadata('labels: {E.f/g: a}', invalid('metadata.labels')),
    metadata('labels: {/g: a}', invalid('metadata.labels')),
    metadata('annotations: {"a b": c}', invalid('metadata.annotations')),
    metadata('annotations: {a: "ü "}'),
    metadata(
      'finalizers: [""]',
      invalid('metadata.finalizers'),
      invalid('metadata.finalizers'),
      invalid('metadata.finalizers[0]'),
    ),
    metadata(
      'ownerReferences: [{apiVersion: v1, kind: A, name: "", uid: ""}]',
      invalid('metadata.ownerReferences.name'),
      invalid('metadata.ownerReferences.uid'),
    ),
  ],
  ValidatePodSpecificAnnotations: [
    metadata('annotations: {scheduler.alpha.kubernetes.io/tolerations: "null"}'),
    metadata('annotations: {controller.kubernetes.io/pod-deletion-cost: "-01"}'),
    metadata(
      'annotations: {controller.kubernetes.io/pod-deletion-cost: "2147483648"}',
      invalid('metadata.annotations[controller.kubernetes.io/pod-deletion-cost]'),
    ),
    metadata('annotations: {container.seccomp.security.alpha.kubernetes.io/a: localhost/x}'),
    metadata(
      'annotations: {container.seccomp.security.alpha.kubernetes.io/a: localhost//x}',
      invalid('metadata.annotations.container.seccomp.security.alpha.kubernetes.io/a'),
    ),
  ],
  ValidatePodSpec: [
    spec('activeDeadlineSeconds: 0', invalid('spec.activeDeadlineSeconds')),
    spec('activeDeadlineSeconds: 2147483647'),
    spec('activeDeadlineSeconds: 2147483648', invalid('spec.activeDeadlineSeconds')),
    spec('restartPolicy: always', unsupported('spec.restartPolicy')),
    spec('dnsPolicy: ClusterFirstWithHostNet'),
    spec('serviceAccountName: A', invalid('spec.serviceAccountName')),
    spec('nodeName: A', invalid('spec.nodeName')),
    spec('hostname: a.b', invalid('spec.hostname')),
    spec('subdomain: A', invalid('spec.subdomain')),
    spec('priorityClassName: A', invalid('spec.priorityClassName')),
    spec('runtimeClassName: A_b', invalid('spec.runtimeClassName')),
    spec('preemptionPolicy: never', unsupported('spec.preemptionPolicy')),
    spec('preemptionPolicy: ""', required('spec.preemptionPolicy')),
    spec('overhead: {cpu: -1}', invalid('spec.overhead.limits[cpu]')),
    spec('overhead: {hugepages-2Mi: 2Mi}', forbidden('spec.overhead')),
    spec('overhead: {hugepages-2Mi: 3Mi, cpu: 1}', invalid('spec.overhead.limits[hugepages-2Mi]')),
    spec('os: {name: ""}', required('spec.os.name')),
    spec('os: {name: plan9}', unsupported('spec.os')),
  ],
  'ValidatePodSpec: a name for the host': [
    spec('hostnameOverride: a.b'),
    spec('hostnameOverride: A', invalid('spec.hostnameOverride')),
    spec('hostnameOverride: a, setHostnameAsFQDN: true', forbidden('spec.hostnameOverride')),
    spec('hostnameOverride: a, hostNetwork: true', forbidden('spec.hostnameOverride')),
  ],
  validatePodDNSConfig: [
    spec('dnsPolicy: None', required('spec.dnsConfig')),
    spec('dnsPolicy: None, dnsConfig: {}', required('spec.dnsConfig.nameservers')),
    spec('dnsConfig: {nameservers: [1.1.1.1, "::1"]}'),
    spec('dnsConfig: {nameservers: [010.1.1.1]}', invalid('spec.dnsConfig.nameservers[0]')),
    spec('dnsConfig: {nameservers: ["::ffff:1.2.3.4"]}', invalid('spec.dnsConfig.nameservers[0]')),
    spec(
      'dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]}',
      invalid('spec.dnsConfig.nameservers'),
    ),
    spec('dnsConfig: {searches: [_tcp.a, a_b, ".", a.b.]}'),
    spec(
      'dnsConfig: {searches: [-a, A]}',
      invalid('spec.dnsConfig.searches[0]'),
      invalid('spec.dnsConfig.searches[1]'),
    ),
    spec('dnsConfig: {options: [{value: a}]}', required('spec.dnsConfig.options[0]')),
  ],
  ValidateHostAliases: [
    spec('hostAliases: [{ip: 1.1.1.1, hostnames: [a, a.b]}]'),
    spec('hostAliases: [{ip: 1.1.1.01, hostnames: [a]}]', invalid('spec.hostAliases[0].ip')),
    spec('hostAliases: [{ip: 1.1.1.1, hostnames: [A]}]', invalid('spec.hostAliases[0].hostnames[0]')),
  ],
  'validateHostUsers, validatePodHostNetworkDeps': [
    spec('hostUsers: false'),
    spec('hostUsers: false, hostPID: true', forbidden('spec.HostPID')),
    spec('hostUsers: false, hostIPC: true', forbidden('spec.HostIPC')),
    spec('hostUsers: false, hostNetwork: true', forbidden('spec.hostNetwork')),
    [
      {
        spec: 'hostUsers: false, volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]',
        container: 'volumeDevices: [{name: v, devicePath: /d}]',
      },
      [forbidden(`${c}.volumeDevices`)],
    ],
    [
      { spec: 'hostNetwork: true', container: 'ports: [{containerPort: 80, hostPort: 81}]' },
      [invalid(`${c}.ports[0].hostPort`)],
    ],
  ],
  ValidatePodSecurityContext: [
    spec('securityContext: {seLinuxChangePolicy: Recursive}'),
    spec(
      'securityContext: {seLinuxChangePolicy: MountOption}',
      unsupported('spec.securityContext.seLinuxChangePolicy'),
    ),
    spec('securityContext: {supplementalGroupsPolicy: Strict}'),
    spec(
      'securityContext: {supplementalGroupsPolicy: strict}',
      unsupported('spec.securityContext.supplementalGroupsPolicy'),
    ),
    spec(
      'securityContext: {fsGroupChangePolicy: Never}',
      unsupported('spec.securityContext.fsGroupChangePolicy'),
    ),
    spec(
      'securityContext: {supplementalGroups: [0, -1]}',
      invalid('spec.securityContext.supplementalGroups[1]'),
    ),
    spec('securityContext: {runAsUser: 2147483648}', invalid('spec.securityContext.runAsUser')),
    spec(
      'securityContext: {seccompProfile: {type: Localhost}}',
      required('spec.securityContext.seccompProfile.localhostProfile'),
    ),
    spec(
      'securityContext: {sysctls: [{name: kernel.shmmax, value: "1"}, {name: kernel.shmmax, value: "2"}, {name: ""}]}',
      duplicate('spec.securityContext.sysctls[1].name'),
      required('spec.securityContext.sysctls[2].name'),
    ),
    spec(
      'hostNetwork: true, securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: "1"}]}',
      invalid('spec.securityContext.sysctls[0].name'),
    ),
  ],
  ValidateTolerations: [
    spec('tolerations: [{key: a, operator: Exists}, {operator: Exists}]'),
    spec('tolerations: [{key: a, operator: Exists, value: b}]', invalid('spec.tolerations[0].operator')),
    spec('tolerations: [{key: a, operator: Lt, value: "1"}]', unsupported('spec.tolerations[0].operator')),
    spec('tolerations: [{value: b}]', invalid('spec.tolerations[0].operator')),
    spec('tolerations: [{key: a, tolerationSeconds: 1}]', invalid('spec.tolerations[0].effect')),
    spec('tolerations: [{key: a, effect: noexecute}]', unsupported('spec.tolerations[0].effect')),
    spec('tolerations: [{key: a b, operator: Exists}]', invalid('spec.tolerations[0].key')),
  ],
  validateTopologySpreadConstraints: [
    spec('topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: ScheduleAnyway}]'),
    spec(
      'topologySpreadConstraints: [{maxSkew: 0, topologyKey: "", whenUnsatisfiable: ""}]',
      invalid('spec.topologySpreadConstraints[0].maxSkew'),
      required('spec.topologySpreadConstraints[0].topologyKey'),
      unsupported('spec.topologySpreadConstraints[0].whenUnsatisfiable'),
    ),
    spec(
      'topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: ScheduleAnyway, minDomains: 1}]',
      invalid('spec.topologySpreadConstraints[0].minDomains'),
    ),
    spec(
      'topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 2, topologyKey: z, whenUnsatisfiable: DoNotSchedule}]',
      duplicate('spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}'),
    ),
  ],
  validateSchedulingGroup: [
    spec('schedulingGroup: {podGroupName: a}'),
    spec('schedulingGroup: {podGroupName: A}', invalid('spec.schedulingGroup.podGroupName')),
    spec('schedulingGroup: {}', invalid('spec.schedulingGroup.podGroupName')),
  ],
  validatePodResources: [
    spec('resources: {limits: {cpu: 1, memory: 1Gi}}'),
    spec('resources: {requests: {cpu: 2}, limits: {cpu: 1}}', invalid('spec.resources.requests')),
    spec(
      'resources: {limits: {ephemeral-storage: 1Gi}}',
      unsupported('spec.resources.limits[ephemeral-storage]'),
    ),
    [
      { spec: 'resources: {requests: {cpu: 1}}', container: 'resources: {requests: {cpu: 2}}' },
      [invalid('spec.resources.requests[cpu]')],
    ],
    [
      {
        spec: 'resources: {limits: {cpu: 1}}',
        container: 'resources: {limits: {cpu: 2}, requests: {cpu: 1}}',
      },
      [invalid('spec.resources.containers[0][cpu].limits')],
    ],
    [{ spec: 'os: {name: windows}, resources: {limits: {cpu: 1}}' }, [forbidden('spec.resources')]],
  ],
  validateInitContainers: [
    spec('initContainers: [{name: a, image: b}]', duplicate(`${i}.name`)),
    spec(
      'initContainers: [{name: i, image: b, lifecycle: {preStop: {sleep: {seconds: 1}}}}]',
      forbidden(`${i}.lifecycle`),
    ),
    spec(
      'initContainers: [{name: i, image: b, restartPolicy: Always, livenessProbe: {exec: {command: [a]}}}]',
    ),
    spec(
      'initContainers: [{name: i, image: b, resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]}]',
      invalid(`${i}.resizePolicy[0].restartPolicy`),
    ),
    spec(
      'initContainers: [{name: i, image: b, restartPolicy: Always, resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]}]',
    ),
  ],
  validateResizePolicy: [
    container('resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]'),
    container(
      'resizePolicy: [{resourceName: disk, restartPolicy: Always}]',
      unsupported(`${c}.resizePolicy`),
      unsupported(`${c}.resizePolicy`),
    ),
    [
      {
        spec: 'restartPolicy: Never',
        container: 'resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]',
      },
      [invalid(`${c}.resizePolicy`)],
    ],
  ],
  validateContainerRestartPolicy: [
    container(
      'restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]',
      required(`${c}.restartPolicy`),
    ),
    container(
      'restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [1]}}]',
    ),
    container(
      'restartPolicy: Never, restartPolicyRules: [{action: Stop, exitCodes: {operator: Is, values: []}}, {action: Restart}]',
      unsupported(`${c}.restartPolicyRules[0].action`),
      unsupported(`${c}.restartPolicyRules[0].exitCodes.operator`),
      required(`${c}.restartPolicyRules[1].exitCodes`),
    ),
  ],
  validateStopSignal: [
    [{ spec: 'os: {name: linux}', container: 'lifecycle: {stopSignal: SIGUSR1}' }, []],
    [{ container: 'lifecycle: {stopSignal: SIGUSR1}' }, [forbidden(`${c}.lifecycle.stopSignal`)]],
    [
      { spec: 'os: {name: linux}', container: 'lifecycle: {stopSignal: USR1}' },
      [unsupported(`${c}.lifecycle.stopSignal`)],
    ],
    [
      { spec: 'os: {name: windows}', container: 'lifecycle: {stopSignal: SIGUSR1}' },
      [unsupported(`${c}.lifecycle.stopSignal`)],
    ],
  ],
  validateFileKeyRefVolumes: [
    [
      {
        spec: 'volumes: [{name: v, emptyDir: {}}]',
        container: 'env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: a, key: K}}}]',
      },
      [],
    ],
    container(
      'env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: a, key: K}}}]',
      notFound(`${c}.env[0].valueFrom.fileKeyRef.volumeName`),
    ),
  ],
  ValidateVolumes: [
    spec('volumes: [{name: v}, {name: v}]', duplicate('spec.volumes[1].name')),
    spec('volumes: [{name: v, emptyDir: {}, hostPath: {path: /}}]', forbidden('spec.volumes[0].hostPath')),
    spec('volumes: [{name: v, emptyDir: {sizeLimit: -1}}]', forbidden('spec.volumes[0].emptyDir.sizeLimit')),
    spec('volumes: [{name: v, emptyDir: {medium: HugePages-2Mi}}]'),
    spec('volumes: [{name: v, secret: {}}]', required('spec.volumes[0].secret.secretName')),
    spec(
      'volumes: [{name: v, secret: {secretName: s, defaultMode: 0o1000}}]',
      invalid('spec.volumes[0].secret.defaultMode'),
    ),
    spec(
      'volumes: [{name: v, configMap: {name: m, items: [{key: "", path: ../a}]}}]',
      required('spec.volumes[0].configMap.items[0].key'),
      invalid('spec.volumes[0].configMap.items[0].path'),
    ),
    spec('volumes: [{name: v, hostPath: {path: ""}}]', required('spec.volumes[0].hostPath.path')),
    spec('volumes: [{name: v, projected: {sources: []}}]'),
    spec('volumes: [{name: v, image: {pullPolicy: Never}}]'),
    spec(
      'volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}, {name: w, persistentVolumeClaim: {claimName: p-v}}]',
      invalid('spec.volumes[1].persistentVolumeClaim.claimName'),
    ),
  ],
});
