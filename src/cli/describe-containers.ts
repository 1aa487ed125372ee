// The containers of a Pod as `kubectl describe pod` tells of them: what was asked for and what became of it. Pure.
import type { Container, ContainerState, ContainerStatus, Pod } from '../kubernetes/pod.ts';
import type { PodMade } from '../server/node-view.ts';
import { environment } from './describe-environment.ts';
import { describeAttempts, nextTry } from './describe-made.ts';
import { describeProbe } from './describe-probe.ts';
import { ifAny, localTime, type Row } from './described-rows.ts';

/** `made`: what the engine has of it, if it was asked. */
type Known = { pod: Pod; made: PodMade | undefined; nowMs: number };

export const describeContainers = (
  containers: Container[],
  statuses: ContainerStatus[] | undefined,
  known: Known,
): Row[] =>
  containers.map((container) => ({
    name: container.name,
    below: describeContainer(
      container,
      statuses?.find(({ name }) => name === container.name),
      known,
    ),
  }));

function describeContainer(
  container: Container,
  status: ContainerStatus | undefined,
  { pod, made, nowMs }: Known,
): Row[] {
  const { image, command = [], args = [], resources, restartPolicy } = container;
  const { livenessProbe, readinessProbe, startupProbe } = container;
  return [
    { name: 'Container ID', value: status?.containerID ?? '' },
    ...describeAttempts(container.name, status, made, pod.metadata?.uid),
    { name: 'Image', value: image ?? '' },
    { name: 'Image ID', value: status?.imageID ?? '' },
    ...ports(container),
    // Whatever else it may be, an init container with it is a sidecar.
    ...ifAny('Restart Policy', restartPolicy),
    ...words('Command', command),
    ...words('Args', args),
    ...(status?.state ? [describeState('State', status.state)] : []),
    ...(status ? nextTry(status, nowMs) : []),
    ...(isAny(status?.lastState) ? [describeState('Last State', status?.lastState ?? {})] : []),
    { name: 'Ready', value: status?.ready ? 'True' : 'False' },
    { name: 'Restart Count', value: String(status?.restartCount ?? 0) },
    ...quantities('Limits', resources?.limits),
    ...quantities('Requests', resources?.requests),
    ...ifAny('Liveness', livenessProbe && describeProbe(livenessProbe)),
    ...ifAny('Readiness', readinessProbe && describeProbe(readinessProbe)),
    ...ifAny('Startup', startupProbe && describeProbe(startupProbe)),
    ...environment(container, pod),
    ...mounts(container),
  ];
}

const isAny = (state: ContainerState | undefined) => state !== undefined && Object.keys(state).length > 0;

function ports({ ports: all = [] }: Container): Row[] {
  const s = all.length > 1 ? 's' : '';
  const list = (texts: string[]) => texts.join(', ') || '<none>';
  const inside = all.map(
    ({ name, containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}${name ? ` (${name})` : ''}`,
  );
  const outside = all.map(
    ({ name, hostIP, hostPort = 0, protocol = 'TCP' }) =>
      `${hostIP ? `${hostIP}:` : ''}${hostPort}/${protocol}${name ? ` (${name})` : ''}`,
  );
  return [
    { name: `Port${s}`, value: list(inside) },
    { name: `Host Port${s}`, value: list(outside) },
  ];
}

/** One beneath the other; a script is shown by its lines. */
const words = (name: string, each: string[]): Row[] =>
  each.length === 0 ? [] : [{ name, below: each.flatMap((word) => word.split('\n')) }];

const quantities = (name: string, map: { [resource: string]: string } | undefined): Row[] =>
  Object.keys(map ?? {}).length === 0
    ? []
    : [
        {
          name,
          below: Object.entries(map ?? {})
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([resource, value]) => ({ name: resource, value })),
        },
      ];

function describeState(name: string, { waiting, running, terminated }: ContainerState): Row {
  if (running)
    return { name, value: 'Running', below: [{ name: 'Started', value: localTime(running.startedAt) }] };
  if (terminated) {
    const { reason, message, exitCode, signal, startedAt, finishedAt } = terminated;
    return {
      name,
      value: 'Terminated',
      below: [
        ...ifAny('Reason', reason),
        ...ifAny('Message', message),
        { name: 'Exit Code', value: String(exitCode) },
        ...ifAny('Signal', signal || undefined),
        { name: 'Started', value: localTime(startedAt) },
        { name: 'Finished', value: localTime(finishedAt) },
      ],
    };
  }
  // What kubectl leaves to the events, which nobody keeps here: why it waits.
  const below = [...ifAny('Reason', waiting?.reason), ...ifAny('Message', waiting?.message)];
  return { name, value: 'Waiting', below };
}

function mounts({ volumeMounts = [], volumeDevices = [] }: Container): Row[] {
  const each = volumeMounts
    .toSorted((a, b) => (a.mountPath < b.mountPath ? -1 : 1))
    .map(({ mountPath, name, readOnly, subPath, subPathExpr }) => {
      const path = subPath ?? subPathExpr;
      return `${mountPath} from ${name} (${readOnly ? 'ro' : 'rw'}${path ? `,path="${path}"` : ''})`;
    });
  const devices = volumeDevices.map(({ devicePath, name }) => `${devicePath} from ${name}`);
  return [
    each.length > 0 ? { name: 'Mounts', below: each } : { name: 'Mounts', value: '<none>' },
    ...(devices.length > 0 ? [{ name: 'Devices', below: devices }] : []),
  ] satisfies Row[];
}
