// Typed calls between threads over one MessagePort, by Comlink. Adds what Comlink lacks: a call to a thread that is
// gone rejects instead of hanging, and the trace context travels with the call.

import type { MessagePort } from 'node:worker_threads';
import { context } from '@opentelemetry/api';
import * as Comlink from 'comlink';
import { extract, inject, type TraceCarrier } from '../telemetry/carrier.ts';

/**
 * Comlink's view of a port through Node's own `on`: with DOM-style listeners Node makes a MessageEvent of each message,
 * and for that loads all of undici into each thread (4.2 MB, measured).
 */
function endpointOf(port: MessagePort): Comlink.Endpoint {
  type Listener = Parameters<Comlink.Endpoint['addEventListener']>[1];
  const listeners = new Map<Listener, (data: unknown) => void>();
  return {
    postMessage: (message, transferables = []) =>
      port.postMessage(message, transferables as unknown as MessagePort[]),
    addEventListener(_type, listener) {
      const onMessage = (data: unknown) => {
        const event = { data } as MessageEvent;
        if ('handleEvent' in listener) listener.handleEvent(event);
        else listener(event);
      };
      listeners.set(listener, onMessage);
      port.on('message', onMessage);
    },
    removeEventListener(_type, listener) {
      const onMessage = listeners.get(listener);
      if (onMessage) port.off('message', onMessage);
      listeners.delete(listener);
    },
  };
}

/** Marks an argument's ports as handed over rather than copied. */
export const transfer = Comlink.transfer as <T>(value: T, transferables: MessagePort[]) => T;

/** The far side of an API: every method answers with a promise. */
export type Remote<Api> = {
  [Method in keyof Api]: Api[Method] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

/** What a pending or later call rejects with when the thread on the other side has ended. */
export class ThreadGoneError extends Error {
  override readonly name = 'ThreadGoneError';
}

type Invoke = { invoke(method: string, carrier: TraceCarrier, ...args: unknown[]): Promise<unknown> };

/** Answers calls that arrive on `port` with `api`, each in the caller's trace context. */
export function serve<Api extends object>(port: MessagePort, api: Api): void {
  const invoke: Invoke['invoke'] = async (method, carrier, ...args) => {
    const handler = (api as Record<string, unknown>)[method];
    if (typeof handler !== 'function') throw new Error(`no such call: ${method}`);
    return context.with(extract(carrier), () => handler.apply(api, args));
  };
  Comlink.expose({ invoke }, endpointOf(port));
}

export type Connection<Api> = {
  remote: Remote<Api>;
  /** Rejects all pending and later calls with a ThreadGoneError. */
  close(reason: string): void;
};

/** The caller's side. Holds the port; whoever learns that the other thread has ended must `close`. */
export function connect<Api extends object>(port: MessagePort): Connection<Api> {
  const far = Comlink.wrap<Invoke>(endpointOf(port));
  const pending = new Set<(reason: Error) => void>();
  let gone: ThreadGoneError | undefined;
  const call = (method: string, args: unknown[]): Promise<unknown> => {
    if (gone) return Promise.reject(gone);
    return new Promise((resolve, reject) => {
      pending.add(reject);
      far
        .invoke(method, inject(), ...args)
        .then(resolve, reject)
        .finally(() => pending.delete(reject));
    });
  };
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  const remote = new Proxy({} as Remote<Api>, {
    get(_target, method) {
      // A promise resolving to a remote must not take it for a thenable.
      if (typeof method !== 'string' || method === 'then') return undefined;
      const known = methods.get(method) ?? ((...args: unknown[]) => call(method, args));
      methods.set(method, known);
      return known;
    },
  });
  return {
    remote,
    close(reason) {
      gone ??= new ThreadGoneError(reason);
      for (const reject of pending) reject(gone);
      pending.clear();
      port.close();
    },
  };
}
