// Opens what lies below a directory without following a link, nor one that is put there meanwhile: by way of an open
// directory at each step, as Node has no openat (subpath_linux.go doSafeOpen, doSafeMakeDir). Runs in the Pod's thread.
import { messageOf } from '../errors.ts';
import { chmod, close, constants, descriptorPath, mkdir, O_PATH, open } from './files.ts';

const named = O_PATH | constants.O_NOFOLLOW;
const directory = named | constants.O_DIRECTORY;

/** A descriptor (O_PATH) for the caller to close. It may be one of a link, if what was to be opened is one. */
export async function openNoFollow(root: string, steps: readonly string[]): Promise<number> {
  let at = await open(root, named);
  for (const [index, step] of steps.entries())
    at = await instead(at, () => open(below(at, step), index < steps.length - 1 ? directory : named));
  return at;
}

/**
 * The directory `step` in the directory `parent`, made with this mode, whatever the umask, if it is not there. In place of
 * `parent`, which is closed, come what may.
 */
export function makeDirectoryIn(parent: number, step: string, mode: number): Promise<number> {
  return instead(parent, async () => {
    // Somebody else may make it at the same moment: another container of the Pod a directory, an attacker a link.
    const made = await mkdir(below(parent, step), { mode: 0o700 }).then(() => true, falseIfExists);
    const at = await open(below(parent, step), directory);
    return made ? modeSet(at, mode) : at;
  });
}

/** The message of an error on that way: which descriptors it led by is of this moment, and says nothing to a person. */
export const messageWithoutDescriptors = (error: unknown): string =>
  messageOf(error).replace(/\/proc\/(self|\d+)\/fd\/\d+\/?/g, '');

const below = (parent: number, step: string): string => `${descriptorPath(parent)}/${step}`;

async function instead(parent: number, next: () => Promise<number>): Promise<number> {
  try {
    return await next();
  } finally {
    await close(parent);
  }
}

async function modeSet(at: number, mode: number): Promise<number> {
  try {
    await chmod(descriptorPath(at), mode);
    return at;
  } catch (error) {
    await close(at);
    throw error;
  }
}

function falseIfExists(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}
