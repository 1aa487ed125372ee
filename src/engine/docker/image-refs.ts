// Image id -> how a Pod's status names the image: `docker.io/library/busybox@sha256:…` where it came from a registry
// (a CRI runtime's ImageRef), else the id. Each image is asked about once, and no container waits for it.
import type { ImageStatus } from '../engine.ts';

type Ask = (name: string) => Promise<ImageStatus | undefined>;

export class ImageRefs {
  readonly #refs = new Map<string, string>();
  readonly #asked = new Map<string, Promise<unknown>>();
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  learn({ id, ref }: ImageStatus): void {
    this.#refs.set(id, ref);
  }

  /** The id while nothing better is known; asks then, for the next time. */
  of(id: string): string {
    const ref = this.#refs.get(id);
    if (ref === undefined) void this.prime([id]);
    return ref ?? id;
  }

  /** Asks about images, by id or name, that were not asked about yet. */
  async prime(names: Iterable<string>): Promise<void> {
    await Promise.all([...new Set(names)].map((name) => this.#once(name)));
  }

  #once(name: string): Promise<unknown> {
    if (this.#refs.has(name)) return Promise.resolve();
    const known = this.#asked.get(name);
    if (known) return known;
    const asking = this.#ask(name).then((status) => {
      if (status) this.learn(status);
      // Not here yet, or the engine is away: asked again when it is next of interest.
      else this.#asked.delete(name);
    });
    this.#asked.set(name, asking);
    return asking;
  }
}
