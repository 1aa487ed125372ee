// A static Pod may not refer to objects of an API server (podutil.HasAPIObjectReference): nobody would be there to ask.
// Pod -> its references. Pure.
import { FieldPath } from '../kubernetes/field-path.ts';
import type { V1Container, V1Volume } from '../kubernetes/generated/shapes.ts';
import type { Pod } from '../kubernetes/pod.ts';

export type ApiReference = { at: FieldPath; message: string };

/** What a static Pod can have instead. */
const asValue = ': give the value itself, or read it from a file (fileKeyRef)';
const asEnv = ': give the values themselves, in env';
const asFiles = ': put the files on the node, and mount them with hostPath';
const asDirectory = ': a directory of the node can be mounted, with hostPath';
const asScratch = ': use emptyDir, or a directory of the node with hostPath';
const asLogin = ': the logins of the node are used (as docker login writes them)';

/** A reference without a name asks for nothing. */
type Refer = (at: FieldPath, resource: string, name: unknown, instead?: string) => void;

export function apiReferences(pod: Pod): ApiReference[] {
  const found: ApiReference[] = [];
  const path = FieldPath.root.child('spec');
  const refer: Refer = (at, resource, name, instead = '') => {
    if (name) found.push({ at, message: `static Pods may not reference ${resource}${instead}` });
  };
  const spec = pod.spec ?? { containers: [] };
  const account = spec.serviceAccountName ? 'serviceAccountName' : 'serviceAccount';
  refer(path.child(account), 'serviceaccounts', spec[account], ': leave it out');
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries())
    refer(path.child('imagePullSecrets').index(index), 'secrets', name, asLogin);
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [index, container] of (spec[kind] ?? []).entries())
      referFromContainer(container, path.child(kind).index(index), refer);
  refer(path.child('resourceClaims'), 'resourceclaims', spec.resourceClaims?.length);
  for (const [index, volume] of (spec.volumes ?? []).entries())
    referFromVolume(volume, path.child('volumes').index(index), refer);
  return found;
}

function referFromContainer(container: V1Container, path: FieldPath, refer: Refer): void {
  for (const [index, { secretRef, configMapRef }] of (container.envFrom ?? []).entries()) {
    const at = path.child('envFrom').index(index);
    refer(at.child('secretRef'), 'secrets', secretRef?.name, asEnv);
    refer(at.child('configMapRef'), 'configmaps', configMapRef?.name, asEnv);
  }
  for (const [index, { valueFrom }] of (container.env ?? []).entries()) {
    if (!valueFrom) continue;
    const at = path.child('env').index(index).child('valueFrom');
    refer(at.child('secretKeyRef'), 'secrets', valueFrom.secretKeyRef?.name, asValue);
    refer(at.child('configMapKeyRef'), 'configmaps', valueFrom.configMapKeyRef?.name, asValue);
  }
}

/** Volume sources that are, or whose driver would ask for, an object of the API. */
const volumeResources = {
  configMap: 'configmaps (via configmap volumes)',
  secret: 'secrets (via secret volumes)',
  csi: 'csidrivers (via CSI volumes)',
  glusterfs: 'endpoints (via glusterFS volumes)',
  persistentVolumeClaim: 'persistentvolumeclaims',
  ephemeral: 'persistentvolumeclaims (via ephemeral volumes)',
  azureFile: 'secrets (via azureFile volumes)',
} as const;
/** Volume sources that may name a secret. */
const secretSources = ['cephfs', 'cinder', 'flexVolume', 'rbd', 'scaleIO', 'iscsi', 'storageos'] as const;
const projectedResources = {
  configMap: 'configmaps (via projected volumes)',
  secret: 'secrets (via projected volumes)',
  serviceAccountToken: 'serviceaccounts (via projected volumes)',
  clusterTrustBundle: 'clustertrustbundles',
  podCertificate: 'podcertificates',
} as const;

const insteadOf: Partial<Record<string, string>> = {
  configMap: asFiles,
  secret: asFiles,
  csi: asDirectory,
  glusterfs: asDirectory,
  persistentVolumeClaim: asDirectory,
  ephemeral: asScratch,
  azureFile: asDirectory,
  serviceAccountToken: ': it has no service account',
  clusterTrustBundle: asFiles,
  podCertificate: asFiles,
};

const keysOf = <Table extends object>(table: Table) => Object.keys(table) as (keyof Table & string)[];

function referFromVolume(volume: V1Volume, path: FieldPath, refer: Refer): void {
  for (const source of keysOf(volumeResources))
    refer(path.child(source), volumeResources[source], volume[source], insteadOf[source]);
  for (const source of secretSources)
    refer(path.child(source, 'secretRef'), 'secrets', volume[source]?.secretRef?.name);
  for (const [index, projection] of (volume.projected?.sources ?? []).entries()) {
    const at = path.child('projected', 'sources').index(index);
    for (const source of keysOf(projectedResources))
      refer(at.child(source), projectedResources[source], projection[source], insteadOf[source]);
    refer(at, 'an unknown source', Object.keys(projection).length === 0);
  }
}
