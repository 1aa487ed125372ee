// One source of manifests of whichever kind: its data in, SourceUpdates out. Made and owned by a source thread.
import type { Clock } from '../clock.ts';
import type { Decoder } from './decoding.ts';
import { DirectorySource } from './directory/directory-source.ts';
import type { SourceChild, SourceData } from './service.ts';
import type { SourceUpdate } from './update.ts';
import { UrlSource } from './url/url-source.ts';

export type Source = SourceChild & {
  /** Resolves when the first update has been posted. */
  start(): Promise<void>;
};

export type SourceTools = {
  clock: Clock;
  decoder: Decoder;
  post(update: SourceUpdate): void;
};

export function makeSource(data: SourceData, tools: SourceTools): Source {
  switch (data.kind) {
    case 'directory':
      return new DirectorySource({ ...data, ...tools });
    case 'url':
      return new UrlSource({ ...data, ...tools, env: process.env });
  }
}
