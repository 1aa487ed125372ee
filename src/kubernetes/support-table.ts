// The support table, by area: every field of a Pod manifest is supported, has no meaning on one node, or is not
// supported, and then why and what happens instead. A test fails when a field is missing. Data only; shape: support-shape.ts.
import type { DocumentValue } from './decode.ts';
import type { Area, ModelSupport, Vain } from './support-shape.ts';

const refusedObject = 'a static Pod may not refer to objects of an API server: the manifest is refused';
const noScheduler = 'there is no scheduler: the Pod runs here';
const otherSystem = 'for Windows nodes: ignored';
const noDriver = 'there is no driver for it: the Pod waits in ContainerCreating with FailedMount';

const profile: ModelSupport = { supported: 'localhostProfile type' };

/** `nvidia.com/gpu`; Kubernetes' own names have no domain, or its own. */
const isExtended = (key: string): boolean => key.includes('/') && !/(^|\.)kubernetes\.io\//.test(key);

const extendedResources: Vain = {
  kind: 'Not supported',
  why: 'there are no device plugins: no device is given',
  whenKey: isExtended,
  which: 'extended resources, as example.com/device',
};

const isSet = (value: DocumentValue | undefined): boolean =>
  value !== undefined && value !== null && value !== '';

/** What is not measured once the Pod runs, or what the engine has no word for. */
const unenforcedLimits: Vain = {
  kind: 'Not supported',
  why: 'ephemeral storage and huge pages count at admission and are not enforced after it; of devices none is given',
  whenKey: (key) => key === 'ephemeral-storage' || key.startsWith('hugepages-') || isExtended(key),
  which: 'ephemeral-storage, hugepages-…, extended resources',
};

export const supportTable: Area[] = [
  {
    title: 'Pod',
    models: {
      V1Pod: {
        supported: 'apiVersion kind metadata spec',
        noMeaning: {
          status:
            'the node writes it; of what the manifest has only conditions of others stay, for readiness gates',
        },
      },
      V1ObjectMeta: {
        supported: 'annotations labels name namespace',
        noMeaning: {
          'creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generation managedFields ownerReferences resourceVersion selfLink':
            'for an API server: kept in /pods, without effect',
          generateName: 'a static Pod has the name that is written',
        },
        notSupported: { uid: 'the UID is made of the manifest, so that an edit makes another Pod: ignored' },
      },
      V1PodSpec: {
        supported:
          'activeDeadlineSeconds containers initContainers os readinessGates restartPolicy terminationGracePeriodSeconds',
        refused: {
          ephemeralContainers: 'they cannot be written in a manifest, only added to a Pod that runs: refused',
          'serviceAccount serviceAccountName': refusedObject,
        },
        noMeaning: {
          automountServiceAccountToken: 'static Pods have no service account',
        },
        notSupported: {
          runtimeClassName:
            "no API server tells what runtime a class is: the engine's default runtime is used",
        },
      },
      V1PodOS: { supported: 'name' },
      V1PodReadinessGate: { supported: 'conditionType' },
    },
  },
  {
    title: 'Admission and scheduling',
    models: {
      V1PodSpec: {
        supported: 'affinity nodeSelector overhead priority priorityClassName',
        noMeaning: {
          nodeName: 'there is one node, and it writes its own name',
          'preemptionPolicy schedulerName schedulingGates schedulingGroup topologySpreadConstraints':
            noScheduler,
          tolerations: 'this node has no taints',
        },
        byDefault: { preemptionPolicy: 'PreemptLowerPriority', schedulerName: 'default-scheduler' },
      },
      V1Affinity: {
        supported: 'nodeAffinity',
        noMeaning: { 'podAffinity podAntiAffinity': 'there is one node: no other to prefer or to avoid' },
      },
      V1NodeAffinity: {
        supported: 'requiredDuringSchedulingIgnoredDuringExecution',
        noMeaning: { preferredDuringSchedulingIgnoredDuringExecution: 'there is one node to prefer' },
      },
      V1NodeSelector: { supported: 'nodeSelectorTerms' },
      V1NodeSelectorTerm: { supported: 'matchExpressions matchFields' },
      V1NodeSelectorRequirement: { supported: 'key operator values' },
    },
  },
  {
    title: 'Containers',
    models: {
      V1Container: {
        supported:
          'args command image imagePullPolicy name restartPolicy restartPolicyRules stdin stdinOnce terminationMessagePath terminationMessagePolicy tty workingDir',
      },
      V1ContainerRestartRule: { supported: 'action exitCodes' },
      V1ContainerRestartRuleOnExitCodes: { supported: 'operator values' },
      V1PodSpec: { refused: { imagePullSecrets: refusedObject } },
    },
  },
  {
    title: 'Probes and hooks',
    models: {
      V1Container: { supported: 'lifecycle livenessProbe readinessProbe startupProbe' },
      V1Lifecycle: { supported: 'postStart preStop stopSignal' },
      V1LifecycleHandler: {
        supported: 'exec httpGet sleep',
        notSupported: { tcpSocket: "Kubernetes' own nodes do not run it either: the hook fails" },
      },
      V1ExecAction: { supported: 'command' },
      V1HTTPGetAction: { supported: 'host httpHeaders path port scheme' },
      V1HTTPHeader: { supported: 'name value' },
      V1SleepAction: { supported: 'seconds' },
      V1TCPSocketAction: { supported: 'host port' },
      V1GRPCAction: { supported: 'port service' },
      V1Probe: {
        supported:
          'exec failureThreshold grpc httpGet initialDelaySeconds periodSeconds successThreshold tcpSocket terminationGracePeriodSeconds timeoutSeconds',
      },
    },
  },
  {
    title: 'Environment',
    models: {
      V1Container: { supported: 'env', refused: { envFrom: refusedObject } },
      V1PodSpec: {
        noMeaning: { enableServiceLinks: 'there are no Services' },
        byDefault: { enableServiceLinks: true },
      },
      V1EnvVar: { supported: 'name value valueFrom' },
      V1EnvVarSource: {
        supported: 'fieldRef fileKeyRef resourceFieldRef',
        refused: { 'configMapKeyRef secretKeyRef': refusedObject },
      },
      V1ObjectFieldSelector: { supported: 'apiVersion fieldPath' },
      V1FileKeySelector: { supported: 'key optional path volumeName' },
      V1ResourceFieldSelector: { supported: 'containerName divisor resource' },
    },
  },
  {
    title: 'Volumes',
    models: {
      V1PodSpec: { supported: 'volumes' },
      V1Volume: {
        supported: 'downwardAPI emptyDir hostPath name projected',
        inPart: {
          emptyDir: {
            kind: 'Not supported',
            why: 'its sizeLimit is not enforced: what it takes up on disk is not measured',
            when: (value) =>
              value instanceof Map && isSet(value.get('sizeLimit')) && !isSet(value.get('medium')),
            which: 'sizeLimit without medium Memory',
          },
        },
        notSupported: {
          'awsElasticBlockStore azureDisk cephfs cinder fc flexVolume flocker gcePersistentDisk iscsi nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume':
            noDriver,
          image:
            'no image is mounted (engines before Docker 28 cannot): the Pod waits in ContainerCreating with FailedMount',
          gitRepo: 'Kubernetes has given it up: the Pod waits in ContainerCreating with FailedMount',
        },
        refused: {
          'azureFile configMap csi ephemeral glusterfs persistentVolumeClaim secret': refusedObject,
        },
      },
      V1DownwardAPIVolumeSource: { supported: 'defaultMode items' },
      V1DownwardAPIVolumeFile: { supported: 'fieldRef mode path resourceFieldRef' },
      V1EmptyDirVolumeSource: { supported: 'medium sizeLimit' },
      V1HostPathVolumeSource: { supported: 'path type' },
      V1ProjectedVolumeSource: { supported: 'defaultMode sources' },
      V1VolumeProjection: {
        supported: 'downwardAPI',
        refused: {
          'clusterTrustBundle configMap podCertificate secret serviceAccountToken': refusedObject,
        },
      },
      V1DownwardAPIProjection: { supported: 'items' },
      V1Container: {
        supported: 'volumeMounts',
        notSupported: { volumeDevices: 'they need a PersistentVolumeClaim: none is made' },
      },
      V1VolumeMount: {
        supported: 'mountPath mountPropagation name readOnly recursiveReadOnly subPath subPathExpr',
      },
    },
  },
  {
    title: 'Network and namespaces',
    models: {
      V1PodSpec: {
        supported:
          'dnsConfig dnsPolicy hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride setHostnameAsFQDN shareProcessNamespace subdomain',
        inPart: {
          hostUsers: {
            kind: 'Not supported',
            why: 'the engine maps user IDs for all or none: the Pod waits with FailedCreatePodSandBox',
            when: (value) => value === false,
            which: 'false',
          },
        },
      },
      V1Container: { supported: 'ports' },
      V1PodDNSConfig: { supported: 'nameservers options searches' },
      V1PodDNSConfigOption: { supported: 'name value' },
      V1HostAlias: { supported: 'hostnames ip' },
      V1ContainerPort: { supported: 'containerPort hostIP hostPort name protocol' },
    },
  },
  {
    title: 'Security',
    models: {
      V1PodSpec: { supported: 'securityContext' },
      V1Container: { supported: 'securityContext' },
      V1PodSecurityContext: {
        supported:
          'appArmorProfile fsGroup runAsGroup runAsNonRoot runAsUser seLinuxOptions seccompProfile supplementalGroups supplementalGroupsPolicy sysctls',
        noMeaning: {
          fsGroupChangePolicy: 'only volumes that outlive their Pod have files whose group could be changed',
          seLinuxChangePolicy: 'the engine labels volumes, by its own way, or not at all',
          windowsOptions: otherSystem,
        },
        inPart: {
          supplementalGroupsPolicy: {
            kind: 'Not supported',
            why: 'the engine always adds the groups that the image gives the user: the Pod is not admitted',
            when: (value) => value === 'Strict',
            which: 'Strict',
          },
        },
      },
      V1SecurityContext: {
        supported:
          'allowPrivilegeEscalation appArmorProfile capabilities privileged procMount readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seLinuxOptions seccompProfile',
        noMeaning: { windowsOptions: otherSystem },
        inPart: {
          procMount: {
            kind: 'Not supported',
            why: 'it goes with `hostUsers: false` only, which is not supported: the Pod waits with FailedCreatePodSandBox',
            when: (value) => value === 'Unmasked',
            which: 'Unmasked',
          },
        },
      },
      V1AppArmorProfile: profile,
      V1SeccompProfile: profile,
      V1Capabilities: { supported: 'add drop' },
      V1SELinuxOptions: { supported: 'level role type user' },
      V1Sysctl: { supported: 'name value' },
    },
  },
  {
    title: 'Resources',
    models: {
      V1PodSpec: { supported: 'resources', refused: { resourceClaims: refusedObject } },
      V1Container: {
        supported: 'resources',
        noMeaning: { resizePolicy: 'another manifest is another Pod: nothing is resized while it runs' },
      },
      V1ResourceRequirements: {
        supported: 'limits requests',
        notSupported: { claims: 'they need a ResourceClaim, an object of an API server: ignored' },
        inPart: {
          limits: unenforcedLimits,
          requests: extendedResources,
        },
      },
    },
  },
];
