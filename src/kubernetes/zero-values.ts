// What the OpenAPI metadata does not say and Go's types do: where a zero is a value of its own (a pointer field), and
// which optional fields are written though absent (a struct field, or one without `omitempty`).

const named = (groups: Record<string, string>): ReadonlySet<string> =>
  new Set(
    Object.entries(groups).flatMap(([model, fields]) =>
      fields.split(' ').map((field) => `${model}.${field}`),
    ),
  );

/** Pointers to scalars: `false`, `0` and `""` written down differ from nothing written. */
export const KEPT_AT_ZERO = named({
  V1ObjectMeta: 'deletionGracePeriodSeconds',
  V1ManagedFieldsEntry: 'fieldsV1',
  V1OwnerReference: 'blockOwnerDeletion controller',
  V1PodSpec:
    'activeDeadlineSeconds automountServiceAccountToken enableServiceLinks hostUsers hostnameOverride preemptionPolicy priority runtimeClassName setHostnameAsFQDN shareProcessNamespace terminationGracePeriodSeconds',
  V1Container: 'restartPolicy',
  V1EphemeralContainer: 'restartPolicy',
  V1Lifecycle: 'stopSignal',
  V1Probe: 'terminationGracePeriodSeconds',
  V1GRPCAction: 'service',
  V1SecurityContext:
    'allowPrivilegeEscalation privileged procMount readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser',
  V1PodSecurityContext:
    'fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser seLinuxChangePolicy supplementalGroupsPolicy',
  V1WindowsSecurityContextOptions: 'gmsaCredentialSpec gmsaCredentialSpecName hostProcess runAsUserName',
  V1SeccompProfile: 'localhostProfile',
  V1AppArmorProfile: 'localhostProfile',
  V1VolumeMount: 'mountPropagation recursiveReadOnly',
  V1HostPathVolumeSource: 'type',
  V1EmptyDirVolumeSource: 'sizeLimit',
  V1Toleration: 'tolerationSeconds',
  V1TopologySpreadConstraint: 'minDomains nodeAffinityPolicy nodeTaintsPolicy',
  V1PodDNSConfigOption: 'value',
  V1KeyToPath: 'mode',
  V1DownwardAPIVolumeFile: 'mode',
  V1DownwardAPIVolumeSource: 'defaultMode',
  V1ConfigMapVolumeSource: 'defaultMode optional',
  V1SecretVolumeSource: 'defaultMode optional',
  V1ProjectedVolumeSource: 'defaultMode',
  V1ConfigMapProjection: 'optional',
  V1SecretProjection: 'optional',
  V1ServiceAccountTokenProjection: 'expirationSeconds',
  V1ClusterTrustBundleProjection: 'name optional signerName',
  V1PodCertificateProjection: 'maxExpirationSeconds',
  V1ConfigMapKeySelector: 'optional',
  V1SecretKeySelector: 'optional',
  V1FileKeySelector: 'optional',
  V1ConfigMapEnvSource: 'optional',
  V1SecretEnvSource: 'optional',
  V1AzureDiskVolumeSource: 'cachingMode fsType kind readOnly',
  V1CSIVolumeSource: 'fsType readOnly',
  V1FCVolumeSource: 'lun',
  V1ISCSIVolumeSource: 'initiatorName',
  V1PersistentVolumeClaimSpec: 'storageClassName volumeAttributesClassName volumeMode',
  V1TypedLocalObjectReference: 'apiGroup',
  V1TypedObjectReference: 'apiGroup namespace',
  V1PodResourceClaim: 'resourceClaimName resourceClaimTemplateName',
  V1PodResourceClaimStatus: 'resourceClaimName',
  V1PodSchedulingGroup: 'podGroupName',
  V1ContainerStatus: 'started stopSignal',
  V1VolumeMountStatus: 'recursiveReadOnly',
  V1LinuxContainerUser: 'gid uid',
});

/** Optional, and yet in the JSON of every object of the model. */
export const WRITTEN_ALWAYS = named({
  V1Pod: 'metadata spec status',
  V1Container: 'resources',
  V1EphemeralContainer: 'resources',
  V1ResourceFieldSelector: 'divisor',
  V1PersistentVolumeClaimTemplate: 'metadata',
  V1PersistentVolumeClaimSpec: 'resources',
  V1ProjectedVolumeSource: 'sources',
  V1ContainerStatus: 'lastState state',
});

/** Required, and yet no struct in the Go types. */
export const POINTERS_WRITTEN_ALWAYS = named({ V1ScaleIOVolumeSource: 'secretRef' });
