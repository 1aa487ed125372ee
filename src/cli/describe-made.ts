// What `kubectl describe` leaves to whoever logs in to the node: a Pod's sandbox, processes, and files of logs. Pure.
import type { ContainerStatus, Pod } from '../kubernetes/pod.ts';
import type { PodMade } from '../server/node-view.ts';
import { humanDuration } from './age.ts';
import { localTime, type Row } from './described-rows.ts';

/** The sandboxes of the version that runs, and what is left of those before. */
export function describeSandbox(pod: Pod, made: PodMade | undefined): Row[] {
  if (!made) return [];
  const { logDirectory, containers, trouble } = made;
  const sandboxes = containers
    .filter(({ kind, uid }) => kind === 'sandbox' && uid === pod.metadata?.uid)
    .map(({ id, state, pid }) => `${id} (${state}${pid === undefined ? '' : `, PID ${pid}`})`);
  const others = containers.filter(({ uid }) => uid !== pod.metadata?.uid);
  return [
    { name: 'Log Directory', value: logDirectory },
    { name: 'Sandbox', value: trouble ? `<unknown>: ${trouble}` : sandboxes },
    ...(others.length > 0
      ? [
          {
            name: 'Of Other Versions',
            value: others.map(({ name, id, state }) => `${name} ${id} (${state})`),
          },
        ]
      : []),
  ];
}

/** Of the attempt that the status speaks of, and of those before it that the engine still has. */
export function describeAttempts(
  name: string,
  status: ContainerStatus | undefined,
  made: PodMade | undefined,
  uid: string | undefined,
): Row[] {
  const attempts = (made?.containers ?? []).filter(
    (one) => one.kind === 'container' && one.name === name && one.uid === uid,
  );
  const current = attempts.find(({ id }) => status?.containerID?.endsWith(id));
  const before = attempts.filter((one) => one !== current);
  return [
    ...(current?.pid === undefined ? [] : [{ name: 'PID', value: String(current.pid) }]),
    ...(current?.log === undefined ? [] : [{ name: 'Log', value: current.log }]),
    ...(before.length > 0
      ? [
          {
            name: 'Other Attempts',
            value: before.map(({ id, state, exitCode, log }) => attempt(id, state, exitCode, log)),
          },
        ]
      : []),
  ];
}

const attempt = (id: string, state: string, exitCode: number | undefined, log = ''): string =>
  `${id} (${state}${state === 'exited' && exitCode !== undefined ? ` ${exitCode}` : ''}) ${log}`.trimEnd();

/** The end of the kubelet's back-off: it counts from the end of the attempt before. */
export function nextTry({ state, lastState }: ContainerStatus, nowMs: number): Row[] {
  const message = state?.waiting?.message ?? '';
  const [, h = 0, m = 0, s = 0] =
    /^back-off (?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)? restarting/.exec(message) ?? [];
  const delayMs = ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000;
  const endedMs = Date.parse(lastState?.terminated?.finishedAt ?? '');
  if (delayMs === 0 || Number.isNaN(endedMs)) return [];
  const atMs = endedMs + delayMs;
  const left = atMs > nowMs ? `in ${humanDuration(atMs - nowMs)}` : 'now';
  return [{ name: 'Next Try', value: `${localTime(atMs)} (${left})` }];
}
