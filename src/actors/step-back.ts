// A thread that works in the background lets the others go first. On Linux a thread has a niceness of its own, which
// setpriority(2) takes by its id; raising it needs no privilege.
import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';

const nicenessMax = 19;

/** Without effect where that cannot be had. */
export function stepBack(by = 5): void {
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')));
    setPriority(thread, Math.min(nicenessMax, getPriority(thread) + by));
  } catch {
    // No /proc, or not allowed: it works at the priority that it has.
  }
}
