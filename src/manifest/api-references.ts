// A static Pod may not refer to objects of an API server (podutil.HasAPIObjectReference): nobody would be there to ask.
// Pod -> the first such reference in each place. Pure.
import { FieldPath } from '../kubernetes/field-path.ts';
import type { V1Container, V1Volume } from '../kubernetes/generated/shapes.ts';
import type { Pod } from '../kubernetes/pod.ts';

export type ApiReference = { at: FieldPath; resource: string };

export function apiReferences(pod: Pod): ApiReference[] {
  const found: ApiReference[] = [];
  const spec = FieldPath.root.child('spec');
  const refer: Refer = (at, resource, name) => {
    if (name) found.push({ at, resource });
  };
  const accounts = pod.spec?.serviceAccountName ? 'serviceAccountName' : 'serviceAccount';
  refer(spec.child(accounts), 'serviceaccounts', pod.spec?.serviceAccountName || pod.spec?.serviceAccount);
  for (const [index, { name }] of (pod.spec?.imagePullSecrets ?? []).entries())
    refer(spec.child('imagePullSecrets').index(index), 'secrets', name);
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [index, container] of (pod.spec?.[kind] ?? []).entries())
      referFromContainer(container, spec.child(kind).index(index), refer);
  refer(spec.child('resourceClaims'), 'resourceclaims', pod.spec?.resourceClaims?.length);
  for (const [index, volume] of (pod.spec?.volumes ?? []).entries())
    referFromVolume(volume, spec.child('volumes').index(index), refer);
  return found;
}

/** A reference without a name asks for nothing. */
type Refer = (at: FieldPath, resource: string, name: unknown) => void;

function referFromContainer(container: V1Container, path: FieldPath, refer: Refer): void {
  for (const [index, source] of (container.envFrom ?? []).entries()) {
    const at = path.child('envFrom').index(index);
    if (source.secretRef) refer(at.child('secretRef'), 'secrets', source.secretRef.name);
    if (source.configMapRef) refer(at.child('configMapRef'), 'configmaps', source.configMapRef.name);
  }
  for (const [index, { valueFrom }] of (container.env ?? []).entries()) {
    const at = path.child('env').index(index).child('valueFrom');
    if (valueFrom?.secretKeyRef) refer(at.child('secretKeyRef'), 'secrets', valueFrom.secretKeyRef.name);
    if (valueFrom?.configMapKeyRef)
      refer(at.child('configMapKeyRef'), 'configmaps', valueFrom.configMapKeyRef.name);
  }
}

/** Volume sources that name an object, or whose driver does. */
const volumeResources: Partial<Record<keyof V1Volume, string>> = {
  secret: 'secrets',
  configMap: 'configmaps',
  persistentVolumeClaim: 'persistentvolumeclaims',
  ephemeral: 'persistentvolumeclaims',
  csi: 'csidrivers',
  glusterfs: 'endpoints',
};
const projectedResources = {
  serviceAccountToken: 'serviceaccounts',
  secret: 'secrets',
  configMap: 'configmaps',
  clusterTrustBundle: 'clustertrustbundles',
  podCertificate: 'podcertificates',
} as const;

function referFromVolume(volume: V1Volume, path: FieldPath, refer: Refer): void {
  for (const [source, resource] of Object.entries(volumeResources))
    refer(path.child(source), resource, volume[source as keyof V1Volume]);
  for (const [index, projection] of (volume.projected?.sources ?? []).entries())
    for (const [source, resource] of Object.entries(projectedResources))
      refer(
        path.child('projected', 'sources').index(index).child(source),
        resource,
        projection[source as keyof typeof projectedResources],
      );
}
