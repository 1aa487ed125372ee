// Which sources the options name, and which of them a Pod of the run before came from. Pure.
import type { RunOptions } from '../config/options.ts';
import type { StaticPod } from '../manifest/static-pod.ts';
import { type SourceData, sourceIdOf } from './service.ts';

export type ConfiguredSource = Omit<SourceData, 'lastGood'>;

export function configuredSources(options: RunOptions): ConfiguredSource[] {
  const { nodeName, podManifestPath: path, fileCheckFrequencyMs } = options;
  return [{ kind: 'directory', nodeName, path, fileCheckFrequencyMs }];
}

const kindOf = { file: 'directory', http: 'url', api: 'push' } as const;

/** Its id; undefined for a Pod of a source that is no longer configured. */
export function ownerOf({ source }: StaticPod, sources: ConfiguredSource[]): string | undefined {
  const owner = sources.find(({ kind }) => kind === kindOf[source]);
  return owner && sourceIdOf(owner);
}
