// Defaults of one volume (SetDefaults_Volume and those of each volume source). Changes the volume it is given.
import type { V1DownwardAPIVolumeFile, V1Volume } from './generated/shapes.ts';
import { defaultPullPolicy } from './image-name.ts';

/** 0644 */
const fileMode = 420;

export function setVolumeDefaults(volume: V1Volume): void {
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {};
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference ?? '');
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.secret) volume.secret.defaultMode ??= fileMode;
  if (volume.configMap) volume.configMap.defaultMode ??= fileMode;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= fileMode;
    setFieldRefDefaults(volume.downwardAPI.items);
  }
  setProjectedDefaults(volume);
  setNetworkVolumeDefaults(volume);
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim) claim.volumeMode ??= 'Filesystem';
}

function setFieldRefDefaults(items: V1DownwardAPIVolumeFile[] = []): void {
  for (const { fieldRef } of items) if (fieldRef) fieldRef.apiVersion ||= 'v1';
}

function setProjectedDefaults({ projected }: V1Volume): void {
  if (!projected) return;
  projected.defaultMode ??= fileMode;
  for (const { downwardAPI, serviceAccountToken } of projected.sources ?? []) {
    setFieldRefDefaults(downwardAPI?.items);
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
  }
}

function setNetworkVolumeDefaults({ iscsi, rbd, azureDisk, scaleIO }: V1Volume): void {
  if (iscsi) iscsi.iscsiInterface ||= 'default';
  if (rbd) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.fsType ??= 'ext4';
    azureDisk.kind ??= 'Shared';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}
