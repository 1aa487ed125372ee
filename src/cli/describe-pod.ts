// A Pod as `kubectl describe pod` tells of it, with what only monopod knows: its manifests, and its last change. Pure.
import type { V1Toleration } from '../kubernetes/generated/shapes.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { qosClassOf } from '../kubernetes/qos.ts';
import { problemLine } from '../manifest/render-verdict.ts';
import { severityOf } from '../manifest/static-pod.ts';
import type { ManifestRecord, PodMade } from '../server/node-view.ts';
import type { SpanRecord } from '../telemetry/span-record.ts';
import { ageOf, humanDuration } from './age.ts';
import { changeSteps } from './describe-change.ts';
import { describeContainers } from './describe-containers.ts';
import { describeSandbox } from './describe-made.ts';
import { describeVolumes } from './describe-volumes.ts';
import { describedText, ifAny, localTime, pairs, type Row } from './described-rows.ts';
import { isSource, whatRuns } from './manifest-description.ts';

/** `manifests`: those that claim its name. `isThere`: it runs, or did; else it is what its manifest says. */
export type Described = {
  pod: Pod;
  isThere: boolean;
  manifests: ManifestRecord[];
  spans: SpanRecord[];
  made?: PodMade;
};

/** Ends in a newline. */
export const podDescription = ({ pod, isThere, manifests, spans, made }: Described, nowMs: number): string =>
  describedText([
    ...identity(pod),
    ...manifests.map((record) => manifest(record, nowMs)),
    ...standing(pod, isThere, nowMs),
    ...describeSandbox(pod, made),
    ...containers(pod, made, nowMs),
    ...conditions(pod, nowMs),
    section('Volumes', describeVolumes(pod.spec?.volumes ?? [])),
    ...placement(pod),
    section('Last change', changeSteps(spans, keyOf(pod))),
  ]);

export const keyOf = ({ metadata }: Pod): string => `${metadata?.namespace}/${metadata?.name}`;

const section = (name: string, below: Row[]): Row =>
  below.length > 0 ? { name, below } : { name, value: '<none>' };

function identity({ metadata, spec, status }: Pod): Row[] {
  const address = status?.hostIP ? `/${status.hostIP}` : '';
  return [
    { name: 'Name', value: metadata?.name ?? '' },
    { name: 'Namespace', value: metadata?.namespace ?? '' },
    ...ifAny('UID', metadata?.uid),
    { name: 'Priority', value: String(spec?.priority ?? 0) },
    ...ifAny('Priority Class Name', spec?.priorityClassName),
    ...ifAny('Runtime Class Name', spec?.runtimeClassName),
    { name: 'Node', value: spec?.nodeName ? `${spec.nodeName}${address}` : '<none>' },
    ...(status?.startTime ? [{ name: 'Start Time', value: localTime(status.startTime) }] : []),
    { name: 'Labels', value: pairs(metadata?.labels, '=') },
    { name: 'Annotations', value: pairs(metadata?.annotations, ': ') },
  ];
}

function manifest(record: ManifestRecord, nowMs: number): Row {
  const { origin, sourceId, state, sinceMs, reason, errors, warnings } = record;
  const problems = [
    ...errors.map((error) => problemLine(origin, error, 'error')),
    ...warnings.map((warning) => problemLine(origin, warning, severityOf(warning))),
  ];
  return {
    name: isSource(record) ? 'Manifests of' : 'Manifest',
    value: origin,
    below: [
      { name: 'Source', value: sourceId },
      { name: 'State', value: `${state} since ${localTime(sinceMs)} (${humanDuration(nowMs - sinceMs)})` },
      ...ifAny('Reason', reason),
      ...(state === 'running' || isSource(record)
        ? []
        : [{ name: 'Runs instead', value: whatRuns(record, nowMs) }]),
      ...problems,
    ],
  };
}

function standing({ metadata, status }: Pod, isThere: boolean, nowMs: number): Row[] {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {};
  // The time by which it is to be gone: what it takes longer is told.
  const overMs = nowMs - Date.parse(deletionTimestamp ?? '');
  const lasts = overMs > 0 ? ` (lasts ${humanDuration(overMs)})` : '';
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const phase = deletionTimestamp && !isOver ? `Terminating${lasts}` : (status?.phase ?? 'Unknown');
  const ips = status?.podIPs ?? [];
  return [
    { name: 'Status', value: isThere ? phase : '<none>' },
    ...ifAny('Termination Grace Period', deletionTimestamp && `${deletionGracePeriodSeconds ?? 30}s`),
    ...ifAny('Reason', status?.reason),
    ...ifAny('Message', status?.message),
    { name: 'IP', value: status?.podIP ?? '' },
    ips.length > 0
      ? { name: 'IPs', below: ips.map(({ ip = '' }) => ({ name: 'IP', value: ip })) }
      : { name: 'IPs', value: '<none>' },
  ];
}

function containers(pod: Pod, made: PodMade | undefined, nowMs: number): Row[] {
  const { spec, status } = pod;
  const known = { pod, made, nowMs };
  const init = describeContainers(spec?.initContainers ?? [], status?.initContainerStatuses, known);
  return [
    ...(init.length > 0 ? [{ name: 'Init Containers', below: init }] : []),
    {
      name: 'Containers',
      below: describeContainers(spec?.containers ?? [], status?.containerStatuses, known),
    },
  ];
}

/** With since when, and the reason of one that does not hold: no event tells of it. */
function conditions({ status }: Pod, nowMs: number): Row[] {
  const all = status?.conditions ?? [];
  if (all.length === 0) return [];
  const width = Math.max(...all.map(({ type }) => type.length)) + 2;
  const rows = all.map(({ type, status: holds, lastTransitionTime, reason, message }) => {
    const why = holds === 'True' ? '' : [reason, message].filter(Boolean).join(': ');
    const since = lastTransitionTime ? ageOf(lastTransitionTime, nowMs) : '';
    return `${type.padEnd(width)}${holds.padEnd(8)}${since.padEnd(7)}${why}`;
  });
  return [{ name: 'Conditions', below: [`${'Type'.padEnd(width)}Status  Since`, ...rows] }];
}

const placement = (pod: Pod): Row[] => [
  { name: 'QoS Class', value: pod.status?.qosClass ?? qosClassOf(pod) },
  { name: 'Node-Selectors', value: pairs(pod.spec?.nodeSelector, '=') },
  { name: 'Tolerations', value: (pod.spec?.tolerations ?? []).map(toleration) },
];

function toleration({ key = '', operator, value, effect, tolerationSeconds }: V1Toleration): string {
  const what = `${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}`;
  const how = operator === 'Exists' ? ' op=Exists' : '';
  return `${what}${how}${tolerationSeconds === undefined ? '' : ` for ${tolerationSeconds}s`}`.trimStart();
}
