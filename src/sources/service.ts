// What main and a source thread say to each other, and what the thread is told when it starts.
import type { StaticPod } from '../manifest/static-pod.ts';
import type { SourceUpdate } from './update.ts';

/** Served by main. An update that fails here ends the source thread: main starts it again with what it has. */
export type SourceParent = { update(update: SourceUpdate): void };

/** Served by the source thread, whatever its kind. */
export type SourceChild = {
  /** Compares everything now. Resolves when what was found has been judged and sent. */
  rescan(): Promise<void>;
  /** Ends watching, timers and decoding; nothing is sent after it. */
  stop(): Promise<void>;
};

/** What every source is told. */
type CommonData = {
  nodeName: string;
  /** The last good set of the run before, or of the thread before. */
  lastGood: StaticPod[];
};

export type DirectorySourceData = CommonData & {
  kind: 'directory';
  /** Absolute path of a directory or of one file. */
  path: string;
  fileCheckFrequencyMs: number;
};

export type SourceData = DirectorySourceData;

/** Names a source everywhere: in updates, records, logs. */
export const sourceIdOf = (data: Pick<DirectorySourceData, 'kind' | 'path'>): string => `file:${data.path}`;
