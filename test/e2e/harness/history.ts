// What the engine saw happen to the containers of one Pod, oldest first, in the words of its manifest.
import type { TestNode } from './node.ts';

export type Happened = {
  what: 'create' | 'start' | 'kill' | 'die' | 'destroy';
  /** Container name in the Pod; `POD` for the sandbox. */
  name: string;
  id: string;
  timeMs: number;
  /** Of a death. */
  exitCode?: string;
  /** Of a kill, as a number. */
  signal?: string;
};

const actions = new Set(['create', 'start', 'kill', 'die', 'destroy']);

export async function historyOf(node: TestNode, podName: string): Promise<Happened[]> {
  const events = await node.events();
  return events.flatMap(({ action, id, timeMs, attributes }): Happened[] => {
    if (!actions.has(action) || attributes['io.kubernetes.pod.name'] !== `${podName}-${node.name}`) return [];
    const { exitCode, signal } = attributes;
    const name = attributes['io.kubernetes.container.name'] ?? '';
    const ended = action === 'die' && exitCode !== undefined && { exitCode };
    const killed = action === 'kill' && signal !== undefined && { signal };
    return [{ what: action as Happened['what'], name, id, timeMs, ...ended, ...killed }];
  });
}

/** What ran and how it ended, a line each: `start main`, `kill main 15`, `die main 0`. */
export const told = (history: Happened[], what: Happened['what'][] = ['start', 'die']): string[] =>
  history
    .filter((one) => what.includes(one.what))
    .map((one) => [one.what, one.name, one.exitCode ?? one.signal].filter(Boolean).join(' '));

/** The times of one kind of event of one container, in ms. */
export const timesOf = (history: Happened[], what: Happened['what'], name: string): number[] =>
  history.filter((one) => one.what === what && one.name === name).map(({ timeMs }) => timeMs);

/** How often a container of that name was created; each time it would have run again. */
export const createdTimes = (history: Happened[], name: string): number =>
  timesOf(history, 'create', name).length;

/** When a container ended by the engine's record of it; its event follows later on a busy machine. */
export async function endedMs(node: TestNode, containerId = ''): Promise<number> {
  const found = await node.docker.inspect(containerId.replace('docker://', ''));
  if (!found || found.State.Running) throw new Error(`${containerId} has not ended, or is gone`);
  return Date.parse(found.State.FinishedAt);
}
