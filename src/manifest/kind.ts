// Is the document a v1 Pod at all? The kubelet's codec refuses a kind it does not know (decode) and its decoder one that
// it knows but that is no Pod (validate). Pure.
import type { DocumentMap, DocumentValue } from '../kubernetes/decode.ts';
import { nearName } from '../kubernetes/near-name.ts';
import type { FieldError } from './static-pod.ts';

/** The kinds of v1 besides Pod: known to the codec, and no manifest for a node. */
const otherKinds = new Set(
  'APIGroup APIGroupList APIResourceList APIVersions Binding ComponentStatus ComponentStatusList ConfigMap ConfigMapList Endpoints EndpointsList Event EventList LimitRange LimitRangeList List Namespace NamespaceList Node NodeList NodeProxyOptions PersistentVolume PersistentVolumeClaim PersistentVolumeClaimList PersistentVolumeList PodAttachOptions PodExecOptions PodList PodLogOptions PodPortForwardOptions PodProxyOptions PodStatusResult PodTemplate PodTemplateList RangeAllocation ReplicationController ReplicationControllerList ResourceQuota ResourceQuotaList Secret SecretList SerializedReference Service ServiceAccount ServiceAccountList ServiceList ServiceProxyOptions Status WatchEvent'.split(
    ' ',
  ),
);

type KindProblem = { error: FieldError; steps: string[] };

const problem = (
  field: string,
  type: FieldError['type'],
  message: string,
  stage: FieldError['stage'] = 'decode',
): KindProblem => ({ error: { stage, field, type, message }, steps: field === '' ? [] : [field] });

/** By its own word. */
export const isPodList = (document: DocumentValue): document is DocumentMap =>
  document instanceof Map && document.get('apiVersion') === 'v1' && document.get('kind') === 'PodList';

export function kindProblem(document: DocumentValue): KindProblem | undefined {
  if (document === null) return problem('', 'Required value', 'the manifest is empty: it must be a v1 Pod');
  if (!(document instanceof Map))
    return problem('', 'Type error', 'a manifest must be a map with apiVersion, kind, metadata and spec');
  const apiVersion = document.get('apiVersion');
  const kind = document.get('kind');
  for (const [field, value] of Object.entries({ apiVersion, kind })) {
    const right = field === 'kind' ? 'Pod' : 'v1';
    if (value === undefined || value === null || value === '')
      return problem(field, 'Required value', `must be given: ${right}`);
    if (typeof value !== 'string') return problem(field, 'Type error', `must be a string: ${right}`);
  }
  if (apiVersion === 'v1' && kind === 'Pod') return undefined;
  if (apiVersion !== 'v1')
    return problem(
      'apiVersion',
      'Unsupported value',
      `${JSON.stringify(apiVersion)}: a Pod is of version "v1"${notThat(kind)}`,
    );
  const known = otherKinds.has(String(kind));
  const meant = nearName(String(kind), ['Pod']) ? '. Did you mean "Pod"?' : '';
  return problem(
    'kind',
    'Unsupported value',
    `${JSON.stringify(kind)}: only "Pod" can be run here${meant}${templateOf(kind)}`,
    known ? 'validate' : 'decode',
  );
}

/** Kinds whose Pod someone may well want to run here. */
const templated = /^(Deployment|DaemonSet|StatefulSet|ReplicaSet|ReplicationController|Job)$/;

const templateOf = (kind: unknown): string =>
  templated.test(String(kind))
    ? ': its spec.template is one, once it has apiVersion: v1, kind: Pod and a metadata.name'
    : '';

const notThat = (kind: unknown): string =>
  kind === 'Pod'
    ? ''
    : `, and only a Pod can be run here, no ${String(kind).slice(0, 64)}${templateOf(kind)}`;
