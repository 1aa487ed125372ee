// Ports for tests that run beside each other, in one run or in several: who has been given one has it until its process
// ends, whether somebody listens on it at the moment or not.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file a port, with the number of the process that has it. */
const claims = join(tmpdir(), 'monopod-test-ports');
const ours = new Set<string>();

/**
 * One that nobody listens on now, and below those that the kernel gives to connections: while monopod is down, one of
 * these would otherwise take it, be it a connection to this very port.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    if (!claim(join(claims, String(port)))) continue;
    const server = createServer();
    const listens = once(server.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    );
    if (!(await listens)) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

function claim(file: string): boolean {
  try {
    mkdirSync(claims, { recursive: true });
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    removeOfTheDead(file);
    return false;
  }
  if (ours.size === 0) process.once('exit', release);
  ours.add(file);
  return true;
}

/** For who asks next. */
function removeOfTheDead(file: string): void {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') rmSync(file, { force: true });
  }
}

function release(): void {
  for (const file of ours) rmSync(file, { force: true });
  try {
    rmdirSync(claims);
  } catch {
    // Others have theirs there.
  }
}
