// One source of manifests of whichever kind: its data in, SourceUpdates out. Made and owned by a source thread.
import type { Clock } from '../clock.ts';
import type { Decoder } from './decoding.ts';
import { DirectorySource } from './directory/directory-source.ts';
import type { PushCalls } from './push/calls.ts';
import { PushSource } from './push/push-source.ts';
import type { SourceChild, SourceData } from './service.ts';
import type { SourceUpdate } from './update.ts';
import { UrlSource } from './url/url-source.ts';

export type Source = SourceChild & {
  /** Resolves when the first update has been posted. */
  start(): Promise<void>;
  /** What this kind of source answers besides. */
  calls?: PushCalls;
};

export type SourceTools = {
  clock: Clock;
  decoder: Decoder;
  /** Resolves when main has taken it in. */
  post(update: SourceUpdate): void | Promise<void>;
};

export function makeSource(data: SourceData, tools: SourceTools): Source {
  switch (data.kind) {
    case 'directory':
      return new DirectorySource({ ...data, ...tools });
    case 'url':
      return new UrlSource({ ...data, ...tools, env: process.env });
    case 'push':
      return new PushSource({ ...data, ...tools });
  }
}
