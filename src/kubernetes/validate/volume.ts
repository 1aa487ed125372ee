// Volumes of a Pod (ValidateVolumes, validateVolumeSource): one source each, and what that source must say.
import type { FieldPath } from '../field-path.ts';
import type { V1ObjectMeta, V1Volume } from '../generated/shapes.ts';
import { validateClaimTemplate } from './claim-template.ts';
import type { Volumes } from './mount.ts';
import { isDNS1123Label, isDNS1123Subdomain } from './names.ts';
import { validateProjected } from './projected-volume.ts';
import { RuleErrors } from './rule-errors.ts';
import type { SourceKind, SourceRule } from './source-rule.ts';
import { localSources } from './volume-local.ts';
import { networkSources } from './volume-network.ts';

/** In the order in which Kubernetes looks at them: the first one found is the volume's, more are forbidden. */
const sourceRules: Record<SourceKind, SourceRule> = {
  emptyDir: localSources.emptyDir,
  hostPath: localSources.hostPath,
  gitRepo: localSources.gitRepo,
  gcePersistentDisk: networkSources.gcePersistentDisk,
  awsElasticBlockStore: networkSources.awsElasticBlockStore,
  secret: localSources.secret,
  nfs: networkSources.nfs,
  iscsi: networkSources.iscsi,
  glusterfs: networkSources.glusterfs,
  flocker: networkSources.flocker,
  persistentVolumeClaim: networkSources.persistentVolumeClaim,
  rbd: networkSources.rbd,
  cinder: networkSources.cinder,
  cephfs: networkSources.cephfs,
  quobyte: networkSources.quobyte,
  downwardAPI: localSources.downwardAPI,
  fc: networkSources.fc,
  flexVolume: networkSources.flexVolume,
  configMap: localSources.configMap,
  azureFile: networkSources.azureFile,
  vsphereVolume: networkSources.vsphereVolume,
  photonPersistentDisk: networkSources.photonPersistentDisk,
  portworxVolume: networkSources.portworxVolume,
  azureDisk: networkSources.azureDisk,
  storageos: networkSources.storageos,
  projected: validateProjected,
  scaleIO: networkSources.scaleIO,
  csi: networkSources.csi,
  ephemeral: validateClaimTemplate,
  image: localSources.image,
};
const sourceKinds = Object.keys(sourceRules) as SourceKind[];

/** Where Kubernetes writes a source by another name than the manifest. */
const namesInErrors: Partial<Record<SourceKind, string>> = { gcePersistentDisk: 'persistentDisk' };
const namesWhenForbidden: Partial<Record<SourceKind, string>> = {
  cephfs: 'cephFS',
  downwardAPI: 'downwarAPI',
};

/** Answers with the volumes that are valid: the ones that can be mounted. */
export function validateVolumes(
  volumes: V1Volume[],
  meta: V1ObjectMeta,
  path: FieldPath,
  errors: RuleErrors,
): Volumes {
  const valid = new Map<string, V1Volume>();
  const created = new Set(
    volumes.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${meta.name}-${name}`),
  );
  for (const [index, volume] of volumes.entries()) {
    const own = new RuleErrors();
    const at = path.index(index);
    validateSource(volume, meta, at, own);
    if (volume.name === '') own.required(at.child('name'));
    else own.invalidFor(isDNS1123Label(volume.name), at.child('name'), volume.name);
    if (valid.has(volume.name)) own.duplicate(at.child('name'), volume.name, 'another volume has this name');
    if (own.list.length === 0) valid.set(volume.name, volume);
    else errors.list.push(...own.list);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && created.has(claim))
      errors.invalid(
        at.child('persistentVolumeClaim', 'claimName'),
        claim,
        'must not be a claim that is created for an ephemeral volume of this Pod',
      );
  }
  return valid;
}

function validateSource(volume: V1Volume, meta: V1ObjectMeta, path: FieldPath, errors: RuleErrors): void {
  let first: SourceKind | undefined;
  for (const kind of sourceKinds) {
    if (volume[kind] === undefined) continue;
    if (first === undefined) {
      sourceRules[kind](volume, path.child(namesInErrors[kind] ?? kind), errors);
      if (kind === 'ephemeral') validateClaimName(volume, meta, path, errors);
    } else
      errors.forbidden(
        path.child(namesWhenForbidden[kind] ?? kind),
        `there is ${first} already: one volume source only`,
        path.child(kind),
      );
    if (kind === 'iscsi') validateTargetName(volume, path, errors);
    first ??= kind;
  }
  if (first === undefined) errors.required(path, 'must have one volume source');
}

/** Of a claim that is made for the volume: what it will be called. */
function validateClaimName(
  { name }: V1Volume,
  meta: V1ObjectMeta,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (name === '') return;
  const claim = `${meta.name}-${name}`;
  const problems = isDNS1123Subdomain(claim).map((problem) => `the claim's name, ${claim}, ${problem}`);
  errors.invalidFor(problems, path.child('name'), name);
}

function validateTargetName({ name, iscsi }: V1Volume, path: FieldPath, errors: RuleErrors): void {
  if (iscsi?.initiatorName === undefined || Buffer.byteLength(`${name}:${iscsi.targetPortal}`) <= 64) return;
  errors.invalid(path.child('name'), name, 'must be under 64 characters together with iscsi.targetPortal');
}
