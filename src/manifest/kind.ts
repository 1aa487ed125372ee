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

/** schema.ParseGroupVersion takes the empty group for the one of v1. */
const isV1 = (apiVersion: DocumentValue | undefined) => apiVersion === 'v1' || apiVersion === '/v1';

/** By its own word. */
export const isPodList = (document: DocumentValue): document is DocumentMap =>
  document instanceof Map &&
  isV1(said('apiVersion', document).value) &&
  said('kind', document).value === 'PodList';

/** What a document says of itself: SimpleMetaFactory.Interpret finds both in any case, unlike all other fields. */
const sayings = { apiVersion: /^apiVersion$/iu, kind: /^kind$/iu };

/** The field that stands for apiVersion or kind. */
export const meantBy = (name: string): string | undefined =>
  Object.entries(sayings).find(([, spelling]) => spelling.test(name))?.[0];

/** Of several spellings the last counts that is not null, in the order of a YAML manifest's keys in Go: sorted. */
function said(field: keyof typeof sayings, document: DocumentMap): { name: string; value?: DocumentValue } {
  const names = [...document.keys()].filter(
    (name) => name.length === field.length && sayings[field].test(name),
  );
  let last: { name: string; value?: DocumentValue } = { name: names[0] ?? field };
  for (const name of names.sort()) {
    const value = document.get(name);
    if (value === null || value === undefined) continue;
    last = { name, value };
    if (typeof value !== 'string') break;
  }
  return last;
}

export function kindProblem(document: DocumentValue): KindProblem | undefined {
  if (document === null) return problem('', 'Required value', 'the manifest is empty: it must be a v1 Pod');
  if (!(document instanceof Map))
    return problem('', 'Type error', 'a manifest must be a map with apiVersion, kind, metadata and spec');
  const apiVersion = said('apiVersion', document);
  const kind = said('kind', document);
  for (const [field, { name, value }] of Object.entries({ apiVersion, kind })) {
    const right = field === 'kind' ? 'Pod' : 'v1';
    if (value === undefined || value === '')
      return problem(name, 'Required value', `must be given: ${right}`);
    if (typeof value !== 'string') return problem(name, 'Type error', `must be a string: ${right}`);
  }
  if (isV1(apiVersion.value) && kind.value === 'Pod') return undefined;
  return otherKind(apiVersion, kind);
}

type Said = ReturnType<typeof said>;

function otherKind(apiVersion: Said, { name, value: kind }: Said): KindProblem {
  if (!isV1(apiVersion.value))
    return problem(
      apiVersion.name,
      'Unsupported value',
      `${JSON.stringify(apiVersion.value)}: a Pod is of version "v1"${notThat(kind)}`,
    );
  const known = otherKinds.has(String(kind));
  const meant = nearName(String(kind), ['Pod']) ? '. Did you mean "Pod"?' : '';
  return problem(
    name,
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
