// The record of images that monopod itself has pulled: only these may be removed again, for the engine is shared with
// others. A file under the root directory, written when an image comes or goes. Engine thread.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** `names`: by which it was pulled, `busybox:latest`. */
export type PulledImage = { id: string; names: string[]; pulledAtMs: number };

const version = 1;

export class PulledImages {
  readonly #path: string;
  readonly #images: Map<string, PulledImage>;

  constructor(path: string) {
    this.#path = path;
    this.#images = new Map(read(path).map((image) => [image.id, image]));
  }

  all(): PulledImage[] {
    return [...this.#images.values()];
  }

  /** Throws if it cannot be written. */
  add(id: string, name: string, nowMs: number): void {
    const { names = [], pulledAtMs = nowMs } = this.#images.get(id) ?? {};
    this.#images.set(id, { id, names: [...new Set([...names, name])], pulledAtMs });
    this.#write();
  }

  remove(ids: string[]): void {
    const before = this.#images.size;
    for (const id of ids) this.#images.delete(id);
    if (this.#images.size !== before) this.#write();
  }

  #write(): void {
    const beside = `${this.#path}.new`;
    writeFileSync(beside, JSON.stringify({ version, images: this.all() }), { mode: 0o600 });
    renameSync(beside, this.#path);
  }
}

/** Nothing for a file that is damaged: an image that is not known to be ours stays. */
function read(path: string): PulledImage[] {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8'));
    return record?.version === version && Array.isArray(record.images) ? record.images.filter(isImage) : [];
  } catch {
    return [];
  }
}

const isImage = (value: Partial<PulledImage> | null): value is PulledImage =>
  typeof value?.id === 'string' && Array.isArray(value.names) && typeof value.pulledAtMs === 'number';
