// What main and a source thread say to each other, and what the thread is told when it starts.
import type { StaticPod } from '../manifest/static-pod.ts';
import type { SourceUpdate } from './update.ts';
import { publicUrl } from './url/public-url.ts';

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

export type UrlSourceData = CommonData & {
  kind: 'url';
  /** May hold a user and password: `publicUrl` is what is told of it. */
  url: string;
  /** Secret: sent to that host alone. */
  headers: Record<string, string[]>;
  checkFrequencyMs: number;
  /** Read anew for each fetch. */
  files: TlsFiles;
};

/** Absolute paths of PEM files. */
export type TlsFiles = { ca?: string; cert?: string; key?: string };

export type PushSourceData = CommonData & {
  kind: 'push';
  /** Absolute path of a directory of our own, under the root directory. */
  directory: string;
};

export type SourceData = DirectorySourceData | UrlSourceData | PushSourceData;

/** Names a source everywhere (updates, records, metrics, logs), as a person would: `file:/m`, `https://h/pods`, `push`. */
export function sourceIdOf(
  data:
    | Pick<DirectorySourceData, 'kind' | 'path'>
    | Pick<UrlSourceData, 'kind' | 'url'>
    | Pick<PushSourceData, 'kind'>,
): string {
  switch (data.kind) {
    case 'directory':
      return `file:${data.path}`;
    case 'url':
      return publicUrl(data.url);
    case 'push':
      return 'push';
  }
}
