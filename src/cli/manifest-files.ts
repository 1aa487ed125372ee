// The manifests that a person names: files, directories of them (read as the directory source reads them), standard
// input as `-`, pipes (as bash makes them of `<(helm template …)`). Arguments in, one answer a file out, in order; a file that cannot be read holds up no other.
import { createReadStream, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { codeOf, explainFile } from '../sources/directory/explain.ts';
import { type ListedFile, list } from '../sources/directory/list.ts';
import { type FsPath, manifestBytesMax, presence, readManifestFile } from '../sources/directory/read-file.ts';

export type ManifestFile = {
  /** As it was named. */
  file: string;
  /** The absolute path; what no path leads to has a name. */
  origin: string;
} & (
  | { kind: 'read'; bytes: Uint8Array }
  | { kind: 'failed'; reason: string }
  /** In a directory, and nothing that monopod would run. */
  | { kind: 'ignored'; reason: string }
);

const STDIN = '<stdin>';
const triesMax = 3;

/** Each file once, however often it is named. */
export async function* manifestFiles(
  names: readonly string[],
  stdin: AsyncIterable<Uint8Array>,
): AsyncGenerator<ManifestFile> {
  const seen = new Set<string>();
  for (const name of new Set(names)) {
    if (name === '-') {
      yield await readStream(STDIN, stdin);
      continue;
    }
    if (statsOf(name)?.isFIFO()) {
      yield await readStream(name, createReadStream(name));
      continue;
    }
    for (const file of isDirectory(name) ? inDirectory(name) : [named(name)]) {
      if (file === undefined || seen.has(file.origin)) continue;
      seen.add(file.origin);
      yield file;
    }
  }
}

/** What a program writes until it ends. */
async function readStream(file: string, stream: AsyncIterable<Uint8Array>): Promise<ManifestFile> {
  const where = { file, origin: file };
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > manifestBytesMax)
        return { ...where, kind: 'failed', reason: 'more than the 10 MiB of a manifest' };
    }
  } catch (error) {
    return { ...where, kind: 'failed', reason: explainFile(codeOf(error)) };
  }
  return { ...where, kind: 'read', bytes: Buffer.concat(chunks) };
}

/** Undefined of what is not there, or may not be asked. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

export const isDirectory = (path: string): boolean => statsOf(path)?.isDirectory() === true;

function* inDirectory(path: string): Generator<ManifestFile | undefined> {
  const listing = list(path, { file: false, everRead: false });
  if (listing.kind === 'unreadable')
    yield { file: path, origin: resolve(path), kind: 'failed', reason: listing.message };
  else for (const file of listing.files) yield listed(file);
}

/** Undefined for what has gone meanwhile. */
function listed({ origin: file, path, class: named }: ListedFile): ManifestFile | undefined {
  const where = { file, origin: resolve(file) };
  if (named.kind === 'hidden') return undefined;
  if (named.kind === 'ignored') return { ...where, ...named };
  const read = readPatiently(path);
  if (read.kind === 'gone') return undefined;
  return read.kind === 'special' ? { ...where, kind: 'ignored', reason: read.reason } : { ...where, ...read };
}

function named(file: string): ManifestFile {
  const where = { file, origin: resolve(file) };
  const read = readPatiently(file);
  if (read.kind === 'read') return { ...where, ...read };
  if (read.kind === 'gone') return { ...where, kind: 'failed', reason: 'there is no such file' };
  const hint = read.kind === 'special' ? '; to judge what a program writes, give - and pipe it in' : '';
  return { ...where, kind: 'failed', reason: read.reason + hint };
}

type Read =
  | { kind: 'read'; bytes: Uint8Array }
  | { kind: 'failed'; reason: string }
  | { kind: 'special'; reason: string }
  | { kind: 'gone' };

/** What changes under our hands is read again, a few times. */
function readPatiently(path: FsPath): Read {
  const seen = presence(path);
  if (seen.kind === 'gone') return seen;
  if (seen.kind === 'failed') return { kind: 'failed', reason: explainFile(seen.code) };
  for (let tries = 0; tries < triesMax; tries++) {
    const read = readManifestFile(path);
    if (read.kind !== 'changing') return read;
  }
  return { kind: 'failed', reason: 'it changes again and again while it is read' };
}
