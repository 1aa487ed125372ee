// A container's life as the engine saw it: its events in the engine's own time.
import type { ContainerEvent } from '../../setup/docker-api.ts';
import type { TestNode } from './node.ts';

export type Life = {
  id: string;
  name: string;
  uid: string;
  startedMs: number;
  /** By number: `15`, `9`. */
  signals: { signal: string; timeMs: number }[];
  /** Commands begun in it besides its own: hooks and probes. */
  execsMs: number[];
  /** And ended. */
  execsEndedMs: number[];
  /** Infinity while it lives. */
  diedMs: number;
  exitCode?: number;
};

/** Of all containers of the Pod that were started, sandboxes left out, in the order of their starts. */
export async function livesOf(node: TestNode, podName: string): Promise<Life[]> {
  const events = (await node.events()).filter(
    ({ attributes }) =>
      attributes['io.kubernetes.pod.name'] === `${podName}-${node.name}` &&
      attributes['io.kubernetes.container.name'] !== 'POD',
  );
  const lives = [...Map.groupBy(events, ({ id }) => id)].flatMap(([id, own]) => lifeOf(id, own) ?? []);
  return lives.sort((a, b) => a.startedMs - b.startedMs);
}

/** Of the one container of that name. */
export async function lifeIn(node: TestNode, podName: string, name = 'main'): Promise<Life> {
  const [life, ...others] = (await livesOf(node, podName)).filter((one) => one.name === name);
  if (!life || others.length > 0)
    throw new Error(`${others.length + (life ? 1 : 0)} containers ${podName}/${name} have run`);
  return life;
}

function lifeOf(id: string, events: ContainerEvent[]): Life | undefined {
  const times = (action: string) =>
    events.filter((event) => event.action.startsWith(action)).map(({ timeMs }) => timeMs);
  const [startedMs] = times('start');
  if (startedMs === undefined) return undefined;
  const { attributes } = events[0] as ContainerEvent;
  const died = events.find(({ action }) => action === 'die');
  return {
    id,
    name: attributes['io.kubernetes.container.name'] ?? '',
    uid: attributes['io.kubernetes.pod.uid'] ?? '',
    startedMs,
    signals: events
      .filter(({ action }) => action === 'kill')
      .map((kill) => ({ signal: kill.attributes.signal ?? '', timeMs: kill.timeMs })),
    execsMs: times('exec_start'),
    execsEndedMs: times('exec_die'),
    diedMs: died?.timeMs ?? Number.POSITIVE_INFINITY,
    ...(died && { exitCode: Number(died.attributes.exitCode) }),
  };
}

export const signalsOf = ({ signals }: Life): string[] => signals.map(({ signal }) => signal);

/** When the signal was sent first. */
export function signalMs(life: Life, signal: '15' | '9'): number {
  const sent = life.signals.find((one) => one.signal === signal);
  if (!sent) throw new Error(`no signal ${signal} to ${life.name}, but ${signalsOf(life)}`);
  return sent.timeMs;
}
