// A real directory, a source on it, and what main would know of it from the updates it was sent.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import type { StaticPod } from '../../../src/manifest/static-pod.ts';
import type { Decoder } from '../../../src/sources/decoding.ts';
import { DirectorySource } from '../../../src/sources/directory/directory-source.ts';
import type { ManifestEntry, SourceUpdate } from '../../../src/sources/update.ts';
import { ToyDecoder } from '../toy-decoder.ts';

/** A directory of its own for a test, gone after it. */
export function temporary(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'monopod-source-'));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Main's table of one source. */
export class Table {
  readonly updates: SourceUpdate[] = [];
  readonly entries = new Map<string, ManifestEntry>();
  unreadable: string | undefined;
  readonly #waiting = new Set<() => void>();

  take(update: SourceUpdate): void {
    this.updates.push(update);
    if (update.full) this.entries.clear();
    for (const origin of update.removed) this.entries.delete(origin);
    for (const entry of update.changed) this.entries.set(entry.origin, entry);
    this.unreadable = update.unreadable?.message;
    for (const check of [...this.#waiting]) check();
  }

  /** Resolves when it holds, at once or after some update. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!holds()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  state(origin: string): string | undefined {
    return this.entries.get(origin)?.state;
  }

  image(origin: string): string | undefined {
    return this.entries.get(origin)?.staticPod?.pod.spec?.containers[0]?.image;
  }

  everRemoved(origin: string): boolean {
    return this.updates.some(({ removed }) => removed.includes(origin));
  }
}

export type Scene<D extends Decoder = ToyDecoder> = { table: Table; source: DirectorySource; decoder: D };

export type SceneOptions<D extends Decoder = ToyDecoder> = {
  lastGood?: StaticPod[];
  /** Long by default: what is tested is that events suffice. */
  fileCheckFrequencyMs?: number;
  decoder?: D;
  stuckMs?: number;
};

/** Watched from the first update on. */
export async function watched(test: TestContext, path: string, options: SceneOptions = {}): Promise<Scene> {
  const scene = opened(test, path, options);
  await scene.source.start();
  assert.equal(scene.table.updates[0]?.full, true);
  // The watch stands now: what the kernel tells from here on is told.
  await scene.source.rescan();
  return scene;
}

export function opened(
  test: TestContext,
  path: string,
  { lastGood = [], fileCheckFrequencyMs = 3_600_000, decoder = new ToyDecoder(), stuckMs }: SceneOptions,
): Scene {
  const table = new Table();
  const source = new DirectorySource({
    path,
    nodeName: 'node',
    fileCheckFrequencyMs,
    lastGood,
    clock: systemClock,
    decoder,
    stuckMs,
    post: (update) => table.take(structuredClone(update)),
  });
  test.after(() => source.stop());
  return { table, source, decoder };
}
