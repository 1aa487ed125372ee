// The directories that are watched: hints that something at a name has changed, as soon as the kernel says so.
//
// chokidar's own events come late or not at all where static Pods need them (a change within 50 ms of the last and a
// removal within 100 ms of the last are dropped), so its `raw` events are taken, which are the kernel's. They carry no
// truth: whoever gets one looks at the path. The children are left to the directory's watch, so that a directory costs
// one inotify watch, not one a file.
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { FSWatcher } from 'chokidar';
import { explainUnwatched } from './explain.ts';

/** More than this many directories of links' targets are left to the rescan. */
const directoriesMax = 256;

export type Hint = {
  directory: string;
  /** The entry concerned; undefined: the directory itself, or unknown. */
  name?: string;
};

export type WatchListener = {
  onHint(hint: Hint): void;
  /** The directory is watched from now on: what changed before may have been missed. */
  onWatching(): void;
  /** Why not everything is watched, for a person; undefined when all is again. */
  onTrouble(message: string | undefined): void;
};

/**
 * Leaves the directory itself unread: chokidar lists it and asks for every file's `stat`, at first and with each event
 * anew, for events that are not taken. Of 5,000 files that cost some 200 ms of CPU time with each that was touched.
 */
class EventsOnly extends FSWatcher {
  override _readdirp(): undefined {
    return undefined;
  }
}

type Watched = { watcher: FSWatcher; inode: string };

export class Watch {
  readonly #listener: WatchListener;
  readonly #watched = new Map<string, Watched>();
  readonly #troubles = new Map<string, string>();

  constructor(listener: WatchListener) {
    this.#listener = listener;
  }

  /** Watches exactly these (absolute, without links), each as it is now: one that was replaced is watched anew. */
  set(directories: Iterable<string>): void {
    const wanted = new Set(directories);
    const kept = new Set([...wanted].slice(0, directoriesMax));
    for (const directory of this.#watched.keys()) if (!kept.has(directory)) this.#drop(directory);
    for (const directory of this.#troubles.keys()) if (!kept.has(directory)) this.#troubles.delete(directory);
    const left = wanted.size - kept.size;
    if (left > 0) this.#troubles.set('', `${left} directories that links lead to are not watched`);
    for (const directory of kept) {
      const inode = inodeOf(directory);
      if (this.#watched.get(directory)?.inode === inode) continue;
      this.#drop(directory);
      if (inode !== undefined) this.#add(directory, inode);
    }
    this.#tell();
  }

  close(): void {
    for (const directory of [...this.#watched.keys()]) this.#drop(directory);
  }

  #add(directory: string, inode: string): void {
    const watcher = new EventsOnly({ depth: 0, ignoreInitial: true, followSymlinks: false, atomic: false });
    this.#watched.set(directory, { watcher, inode });
    watcher.on('raw', (_event, name) => {
      const self = typeof name !== 'string' || name === '' || name === basename(directory);
      this.#listener.onHint({ directory, ...(!self && { name }) });
      // The directory's own removal is told by its own name, which an entry may have as well.
      if (self && typeof name === 'string') this.#listener.onHint({ directory, name });
    });
    watcher.on('error', (error) => {
      this.#drop(directory);
      this.#troubles.set(directory, explainUnwatched(directory, error));
      this.#tell();
    });
    watcher.on('ready', () => {
      if (this.#troubles.delete(directory)) this.#tell();
      this.#listener.onWatching();
    });
    watcher.add(directory);
  }

  #tell(): void {
    const [message] = this.#troubles.values();
    this.#listener.onTrouble(message);
  }

  #drop(directory: string): void {
    const watched = this.#watched.get(directory);
    this.#watched.delete(directory);
    void watched?.watcher.close();
  }
}

function inodeOf(directory: string): string | undefined {
  try {
    const { dev, ino } = statSync(directory, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
