// What the source knows of each file it has looked at: enough to tell whether it changed without reading it, and which
// other paths decide what it leads to.
import { dirname } from 'node:path';
import type { FsPath } from './read-file.ts';

export type KnownFile = {
  path: FsPath;
  /** Of the entry itself; empty when it could not be asked. */
  inode: string;
  /** As `presence` gives it; empty: to be read again at the next look, whatever it is then. */
  signature: string;
  /** Of the bytes that were judged; undefined when none were. */
  hash?: string;
  /** Physical paths of the links on the way, and of where they lead. */
  leads: string[];
  /** How often in a row the decoder failed at these bytes. */
  decoderFailures: number;
};

export class KnownFiles {
  readonly #files = new Map<string, KnownFile>();
  readonly #dependants = new Map<string, Set<string>>();

  get(origin: string): KnownFile | undefined {
    return this.#files.get(origin);
  }

  has(origin: string): boolean {
    return this.#files.has(origin);
  }

  origins(): IterableIterator<string> {
    return this.#files.keys();
  }

  set(origin: string, file: KnownFile): void {
    this.delete(origin);
    this.#files.set(origin, file);
    for (const lead of file.leads) {
      const dependants = this.#dependants.get(lead) ?? new Set();
      this.#dependants.set(lead, dependants.add(origin));
    }
  }

  delete(origin: string): void {
    const leads = this.#files.get(origin)?.leads ?? [];
    for (const lead of leads) {
      const dependants = this.#dependants.get(lead);
      dependants?.delete(origin);
      if (dependants?.size === 0) this.#dependants.delete(lead);
    }
    this.#files.delete(origin);
  }

  /** The files whose content a change at this physical path may change. */
  dependants(path: string): string[] {
    return [...(this.#dependants.get(path) ?? [])];
  }

  /** Where a change of what links lead to would show. */
  leadDirectories(): Set<string> {
    return new Set(Array.from(this.#dependants.keys(), dirname));
  }
}
