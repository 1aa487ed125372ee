// Which sources the options name, and which of them a Pod of the run before came from. Pure.
import { dirname, join, resolve } from 'node:path';
import type { RunOptions } from '../config/options.ts';
import type { StaticPod } from '../manifest/static-pod.ts';
import { type SourceData, sourceIdOf } from './service.ts';
import { isOfUrl } from './url/public-url.ts';

type WithoutLastGood<Data> = Data extends SourceData ? Omit<Data, 'lastGood'> : never;
export type ConfiguredSource = WithoutLastGood<SourceData>;

export function configuredSources(options: RunOptions): ConfiguredSource[] {
  const { nodeName, podManifestPath: path, manifestUrl: url } = options;
  const sources: ConfiguredSource[] = [];
  if (path)
    sources.push({
      kind: 'directory',
      nodeName,
      path,
      fileCheckFrequencyMs: options.fileCheckFrequencyMs,
    });
  if (url)
    sources.push({
      kind: 'url',
      nodeName,
      url,
      headers: options.manifestUrlHeader,
      checkFrequencyMs: options.httpCheckFrequencyMs,
      files: {
        ca: options.manifestUrlCaFile,
        cert: options.manifestUrlClientCertFile,
        key: options.manifestUrlClientKeyFile,
      },
    });
  if (options.manifestPushPort !== 0)
    sources.push({ kind: 'push', nodeName, directory: pushedDirectory(options.rootDir) });
  return sources;
}

export const pushedDirectory = (rootDir: string): string => join(rootDir, 'pushed');

/** Its id; undefined for a Pod of a source that is no longer configured. */
export function ownerOf(staticPod: StaticPod, sources: ConfiguredSource[]): string | undefined {
  const owner = sources.find((source) => owns(source, staticPod));
  return owner && sourceIdOf(owner);
}

function owns(source: ConfiguredSource, { source: word, origin }: StaticPod): boolean {
  switch (source.kind) {
    case 'directory':
      return word === 'file' && isOfPath(origin, source.path);
    case 'url':
      return word === 'http' && isOfUrl(origin, source.url);
    case 'push':
      return word === 'api';
  }
}

/** What another directory gave is not this one's, though it may still lie there. */
function isOfPath(origin: string, path: string): boolean {
  const here = resolve(path);
  return origin === here || dirname(origin) === here;
}
