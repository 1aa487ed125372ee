// One connection to the engine's event stream: opened from a point in time on, filtered to our labels, its end told.
import type { Readable } from 'node:stream';
import { messageOf } from '../../errors.ts';
import type { Answer, EngineCalls } from './calls.ts';
import type { DockerClient } from './connect.ts';
import { labelFilter, type Owner } from './container-name.ts';
import { JsonLines } from './json-lines.ts';

export type ContainerEvent = {
  action: 'start' | 'die' | 'oom' | 'destroy' | 'exec_die';
  /** The container's. */
  id: string;
  execId?: string;
  labels: Record<string, string>;
  timeMs: number;
};

export type EventStream = {
  /** Why it ended. */
  ended: Promise<string>;
  close(reason: string): void;
};

const actions: ContainerEvent['action'][] = ['start', 'die', 'oom', 'destroy', 'exec_die'];

/** `sinceMs`: events from then on are repeated first, as far back as the engine remembers them. */
export async function openEventStream(
  docker: DockerClient,
  calls: EngineCalls,
  owner: Owner,
  sinceMs: number,
  timeoutMs: number,
  take: (event: ContainerEvent) => void,
): Promise<Answer<EventStream>> {
  const filters = { type: ['container'], event: actions, label: labelFilter(owner) };
  const since = (sinceMs / 1000).toFixed(3);
  const opened = await calls.attempt(
    (abortSignal) => docker.getEvents({ since, filters, abortSignal }),
    timeoutMs,
  );
  return opened.ok ? { ok: true, value: follow(opened.value as Readable, take) } : opened;
}

function follow(stream: Readable, take: (event: ContainerEvent) => void): EventStream {
  const lines = new JsonLines((value) => {
    const event = eventOf(value);
    if (event) take(event);
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const close = (reason: string) => {
    end(reason);
    stream.destroy();
  };
  stream.on('data', (chunk: Buffer) => {
    try {
      lines.push(chunk);
    } catch (error) {
      close(`the event stream is broken: ${messageOf(error)}`);
    }
  });
  stream.on('error', (error) => end(`the event stream broke: ${messageOf(error)}`));
  stream.on('end', () => end('the event stream ended'));
  stream.on('close', () => end('the event stream was closed'));
  return { ended, close };
}

type RawEvent = {
  Action?: string;
  Actor?: { ID?: string; Attributes?: Record<string, string> };
  time?: number;
  timeNano?: number;
};

function eventOf(value: unknown): ContainerEvent | undefined {
  const { Action, Actor, time = 0, timeNano } = (value ?? {}) as RawEvent;
  const action = actions.find((known) => known === Action);
  if (!action || !Actor?.ID) return undefined;
  // Nanoseconds since the epoch are past 2^53: exact to a quarter of a microsecond, enough for milliseconds.
  const timeMs = Math.floor(timeNano !== undefined ? timeNano / 1e6 : time * 1000);
  const labels = Actor.Attributes ?? {};
  return { action, id: Actor.ID, labels, timeMs, ...(labels.execID && { execId: labels.execID }) };
}
