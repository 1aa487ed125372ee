// What main and the logs thread say to each other: main opens a log and takes it piece by piece, so a slow reader fills
// no memory. Closing the port ends the reader.
import type { MessagePort } from 'node:worker_threads';
import { serve } from '../actors/call.ts';
import { fail, messageOf, ok, type Result } from '../errors.ts';
import { ContainerLog } from './container-log.ts';
import type { LogOptions } from './log-entries.ts';

/** Served by the thread. */
export type LogsThread = {
  /** Serves LogPieces on `port`, which is handed over (`transfer`). LogUnavailable. */
  open(path: string, options: LogOptions, port: MessagePort): Promise<Result<undefined>>;
};

export type LogPieces = {
  /** Undefined at the end. One call at a time. */
  next(): Promise<Uint8Array | undefined>;
  /** Nothing more is written: who follows comes to the end. */
  containerEnded(): void;
};

export function serveLogs(): LogsThread {
  return {
    async open(path, options, port) {
      try {
        const log = await ContainerLog.open(path, options);
        const pieces: LogPieces = {
          next: () => log.next(),
          containerEnded: () => log.containerEnded(),
        };
        port.once('close', () => log.close());
        serve(port, pieces);
        return ok(undefined);
      } catch (error) {
        port.close();
        return fail('LogUnavailable', `cannot read the log: ${messageOf(error)}`);
      }
    },
  };
}
