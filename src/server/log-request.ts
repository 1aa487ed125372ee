// A request for a container's log -> what to read, or the answer that the kubelet would give (getContainerLogs,
// validateContainerLogStatus). Pure.
import { fixedTime, type LogOptions } from '../host/log-entries.ts';
import type { Pod } from '../kubernetes/pod.ts';

export type Refused = { status: number; message: string };

export type Query = Record<string, string | undefined>;

const undecodable: Refused = { status: 400, message: '{"message": "Unable to decode query."}' };
const invalid: Refused = { status: 422, message: '{"message": "Invalid request."}' };

const isOn = (text: string | undefined) => text !== undefined && !/^(false|0)$/i.test(text);

/** v1.PodLogOptions from a query, and ValidatePodLogOptions. `nowMs` is what `sinceSeconds` counts from. */
export function logOptions(query: Query, nowMs: number): LogOptions | Refused {
  const { sinceTime } = query;
  const numbers = [query.tailLines, query.sinceSeconds, query.limitBytes];
  if (numbers.some((text) => text && !/^[+-]?\d+$/.test(text))) return undecodable;
  const [tailLines, sinceSeconds, limitBytes] = numbers.map((text) => (text ? Number(text) : undefined));
  const since = sinceTime ? utc(sinceTime) : undefined;
  if (sinceTime && since === undefined) return undecodable;
  if ((tailLines ?? 0) < 0 || (sinceSeconds ?? 1) < 1 || (limitBytes ?? 1) < 1) return invalid;
  if (since !== undefined && sinceSeconds !== undefined) return invalid;
  const from = since ?? (sinceSeconds === undefined ? undefined : before(nowMs, sinceSeconds));
  return {
    follow: isOn(query.follow),
    timestamps: isOn(query.timestamps),
    ...(tailLines !== undefined && { tailLines }),
    ...(from !== undefined && { since: from }),
    ...(limitBytes !== undefined && { limitBytes }),
  };
}

const before = (nowMs: number, seconds: number): string =>
  fixedTime(new Date(Math.max(0, nowMs - seconds * 1000)).toISOString());

/** RFC 3339 with any offset, as the log has its times. The fraction is kept to the last digit. */
function utc(time: string): string | undefined {
  const [, second, fraction = '', offset] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i.exec(time) ?? [];
  const ms = second === undefined ? Number.NaN : Date.parse(`${second}${offset}`);
  if (Number.isNaN(ms)) return undefined;
  return fixedTime(`${new Date(ms).toISOString().slice(0, 19)}.${fraction}Z`);
}

const statusesOf = ({ status }: Pod) => [
  ...(status?.containerStatuses ?? []),
  ...(status?.initContainerStatuses ?? []),
];

export const hasContainer = ({ spec }: Pod, name: string): boolean =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some((container) => container.name === name);

/** The engine's id of the attempt whose log is asked for. */
export function logContainerId(pod: Pod, container: string, previous: boolean): string | Refused {
  const refused = (message: string): Refused => ({ status: 400, message });
  const named = `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata?.name)}`;
  const found = statusesOf(pod).find(({ name }) => name === container);
  if (!found) return refused(`${named} is not available`);
  const last = found.lastState?.terminated?.containerID;
  const { running, terminated, waiting } = found.state ?? {};
  if (previous) return last ? bare(last) : refused(`previous terminated ${named} not found`);
  if (running && found.containerID) return bare(found.containerID);
  if (terminated?.containerID) return bare(terminated.containerID);
  if (last) return bare(last);
  if (terminated || found.lastState?.terminated) return refused(`${named} is terminated`);
  return refused(
    `${named} is waiting to start${waiting ? `: ${whyWaiting(waiting.reason)}` : ' - no logs yet'}`,
  );
}

function whyWaiting(reason = ''): string {
  if (reason === 'ErrImagePull') return "image can't be pulled";
  if (reason === 'ImagePullBackOff') return 'trying and failing to pull image';
  return reason;
}

/** `docker://<id>` without its scheme. */
const bare = (containerId: string): string => containerId.replace(/^.*:\/\//, '');

export const runsContainer = (pod: Pod, id: string): boolean =>
  statusesOf(pod).some(({ state, containerID }) => state?.running && containerID && bare(containerID) === id);
