// The pushed manifests on disk, one file a name under the root directory: written whole beside the old one, flushed,
// and renamed, so that after a crash there is the old or the new. Source thread.
import { constants, readdirSync } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { invariant } from '../../errors.ts';
import { codeOf } from '../directory/explain.ts';
import { type FileRead, readManifestFile } from '../directory/read-file.ts';
import { pushNameProblem } from './push-name.ts';

/** No name of a manifest begins with a dot. */
const partialPrefix = '.partial-';

/** How many manifests lie there, for who does not run them. */
export function countPushed(directory: string): number {
  try {
    return readdirSync(directory).filter((name) => !name.startsWith(partialPrefix)).length;
  } catch {
    return 0;
  }
}

export class PushedFiles {
  readonly #directory: string;
  #written = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async make(): Promise<void> {
    await mkdir(this.#directory, { mode: 0o700 });
    await this.#flushDirectory(join(this.#directory, '..'));
  }

  /** Names of all that is there, but for what a crash left half-written: that is removed. */
  async list(): Promise<string[]> {
    const names = await readdir(this.#directory);
    await chmod(this.#directory, 0o700);
    const partial = names.filter((name) => name.startsWith(partialPrefix));
    await Promise.all(partial.map((name) => rm(join(this.#directory, name), { force: true })));
    return names.filter((name) => !name.startsWith(partialPrefix));
  }

  read(name: string): FileRead {
    return readManifestFile(this.#pathOf(name));
  }

  /** Resolves when it would survive a loss of power. Rejects with the system's error; the old one is there then. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(name);
    this.#written += 1;
    const partial = join(this.#directory, `${partialPrefix}${this.#written}`);
    try {
      const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
      const file = await open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, path);
    } catch (error) {
      await unlink(partial).catch(() => undefined);
      throw error;
    }
    await this.#flushDirectory();
  }

  /** Resolves when it is gone for good. */
  async remove(name: string): Promise<void> {
    await unlink(this.#pathOf(name)).catch((error) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    await this.#flushDirectory();
  }

  #pathOf(name: string): string {
    invariant(pushNameProblem(name) === undefined, 'what is pushed has a name that leads nowhere else');
    return join(this.#directory, name);
  }

  async #flushDirectory(path = this.#directory): Promise<void> {
    const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}
