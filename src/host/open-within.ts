// Opens a file by a path that a manifest gives, within a directory in which a container may do as it likes: no link and no
// race leads out of it (securejoin.SecureJoin, without its races). Runs in the Pod's thread.
import { close, constants, descriptorPath, fstat, O_PATH, open, readlink } from './files.ts';

/** As many as the kernel follows. */
const linksMax = 40;
const named = O_PATH | constants.O_NOFOLLOW;
/** Opening a fifo waits for nobody. */
const readable = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * A regular file, opened for reading; the caller closes it. As if `root` were the root of all: a link to `/x` or
 * `../../x` leads to `x` below it. Walks by way of open directories, as Node has no openat2. Rejects as `open` does.
 */
export async function openWithin(root: string, path: string): Promise<number> {
  // From the root down to where we are.
  const down = [await open(root, O_PATH | constants.O_DIRECTORY)];
  const here = () => descriptorPath(down.at(-1) as number);
  const upTo = async (depth: number) => {
    for (const left of down.splice(depth)) await close(left);
  };
  const rest = stepsOf(path);
  let links = 0;
  try {
    for (let step = rest.shift(); step !== undefined; step = rest.shift()) {
      if (step === '..') {
        await upTo(Math.max(1, down.length - 1));
        continue;
      }
      const at = `${here()}/${step}`;
      down.push(await open(at, named));
      if (!(await fstat(down.at(-1) as number)).isSymbolicLink()) continue;
      if (++links > linksMax) throw new Error(`${path} leads through too many links`);
      await upTo(down.length - 1);
      const target = await readlink(at);
      if (target.startsWith('/')) await upTo(1);
      rest.unshift(...stepsOf(target));
    }
    if (!(await fstat(down.at(-1) as number)).isFile()) throw new Error(`${path} is not a file`);
    return await open(here(), readable);
  } finally {
    await upTo(0);
  }
}

const stepsOf = (path: string) => path.split('/').filter((step) => step !== '' && step !== '.');
