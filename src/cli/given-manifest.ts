// A manifest that a person named -> what is to be foreseen of: its bytes, and where a source of the running monopod knows it.
import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { ManifestRecord } from '../server/node-view.ts';
import type { Given } from './foresee.ts';
import { unread } from './judge-manifests.ts';
import type { ManifestFile } from './manifest-files.ts';

/** `directories`: absolute paths of those that are compared as a whole. */
export function givenManifest(
  file: Exclude<ManifestFile, { kind: 'ignored' }>,
  records: ManifestRecord[],
  directories: string[],
): Given {
  const origin = originOf(file.origin, records);
  return {
    file: file.file,
    bytes: file.kind === 'read' ? file.bytes : new Uint8Array(),
    ...(file.kind === 'failed' && { unread: unread(file.reason) }),
    ...(origin !== undefined && { origin }),
    ofDirectory: directories.includes(dirname(file.origin)),
  };
}

/** The path by which a source knows this file, if it lies where one reads. */
function originOf(path: string, records: ManifestRecord[]): string | undefined {
  if (!isAbsolute(path)) return undefined;
  if (records.some(({ origin }) => origin === path)) return path;
  for (const id of new Set(records.map(({ sourceId }) => sourceId))) {
    if (!id.startsWith('file:')) continue;
    const source = id.slice('file:'.length);
    const there = real(source);
    if (there === undefined) continue;
    if (there === real(path)) return source;
    if (there === real(dirname(path))) return join(source, basename(path));
  }
  return undefined;
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
