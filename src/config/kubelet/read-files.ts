// Reads the configuration file and its drop-ins: paths in, documents with positions out, or what is wrong where.
import { constants } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemReason } from '../startup-error.ts';
import type { ConfigFile, ConfigMap, ConfigReader } from './document.ts';
import { apiVersion, kind } from './schema.ts';

/** Absolute; one of both at least. */
export type ConfigPaths = { file?: string; directory?: string };

export type FilesRead = {
  /** Undefined without --config. */
  base?: ConfigFile;
  dropIns: ConfigFile[];
  errors: string[];
  /** Where a change of these files would show. */
  places: Watched[];
};

/** An entry of a directory, or any of it; the directory's path is without links. */
export type Watched = { directory: string; name?: string };

const bytesMax = 1024 * 1024;
const dropInsMax = 1000;
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK;

export async function readConfigFiles(paths: ConfigPaths, reader: ConfigReader): Promise<FilesRead> {
  const read: FilesRead = { dropIns: [], errors: [], places: [] };
  const take = async (path: string) => {
    const outcome = await readOne(path, reader);
    if (typeof outcome !== 'string') return outcome;
    read.errors.push(outcome);
    return undefined;
  };
  if (paths.file !== undefined) {
    read.places.push(...(await placesOf(paths.file)));
    const base = await take(paths.file);
    if (base) read.base = base;
  }
  if (paths.directory !== undefined) {
    const found: Found = { files: [], directories: [] };
    try {
      await walk(await realpath(paths.directory), found);
    } catch (error) {
      read.errors.push(`${paths.directory}: cannot read it: ${systemReason(error)}`);
    }
    read.places.push(...(await placesOf(paths.directory)));
    read.places.push(...found.directories.map((directory) => ({ directory })));
    if (found.files.length > dropInsMax)
      read.errors.push(`${paths.directory}: it has more than ${dropInsMax} drop-ins`);
    else
      for (const path of found.files) {
        read.places.push(...(await placesOf(path)));
        const dropIn = await take(path);
        if (dropIn) read.dropIns.push(dropIn);
      }
  }
  return read;
}

type Found = { files: string[]; directories: string[] };

/** filepath.WalkDir: by name, what is in a directory in the directory's place; links to directories are no directories. */
async function walk(directory: string, found: Found): Promise<void> {
  found.directories.push(directory);
  const entries = (await readdir(directory)).toSorted((a, b) => (a < b ? -1 : 1));
  for (const name of entries) {
    const path = join(directory, name);
    const isDirectory = (await lstat(path).catch(() => undefined))?.isDirectory();
    if (isDirectory) await walk(path, found);
    else if (name.endsWith('.conf')) found.files.push(path);
  }
}

/** Where it is, and where what it is a link to is: of links in between (as in a mounted ConfigMap), any may change. */
async function placesOf(path: string): Promise<Watched[]> {
  const directory = await realpath(dirname(path)).catch(() => dirname(path));
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || real === join(directory, basename(path)))
    return [{ directory, name: basename(path) }];
  return [{ directory }, { directory: dirname(real) }];
}

/** An error is its text. */
async function readOne(path: string, reader: ConfigReader): Promise<ConfigFile | string> {
  const bytes = await contentOf(path);
  if (typeof bytes === 'string') return `${path}: ${bytes}`;
  if (bytes.every((byte) => byte <= 0x20)) return `${path}: it is empty`;
  const outcome = reader.read(bytes);
  if (!outcome.ok) {
    const { line, column, message } = outcome;
    return `${path}${line === undefined ? '' : `:${line}:${column}`}: ${message}`;
  }
  const { document } = outcome;
  const root = document.value;
  if (!(root instanceof Map)) return `${path}:1:1: this is no KubeletConfiguration: it must be a map of keys`;
  return wrongKind(path, root) ?? { file: path, document, root };
}

/** O_NONBLOCK: a named pipe without a writer would never open. */
async function contentOf(path: string): Promise<Buffer | string> {
  try {
    const handle = await open(path, openFlags);
    try {
      const about = await handle.stat();
      if (!about.isFile()) return 'it is not a regular file';
      if (about.size > bytesMax) return 'it is larger than 1 MiB';
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    return `cannot read it: ${systemReason(error)}`;
  }
}

function wrongKind(path: string, root: ConfigMap): string | undefined {
  const isRight = root.get('apiVersion') === apiVersion && root.get('kind') === kind;
  return isRight ? undefined : `${path}: it must say apiVersion: ${apiVersion} and kind: ${kind}`;
}
