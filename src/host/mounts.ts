// What is mounted below a directory, and how to be rid of it. A path is a string of bytes here (latin1, one character a
// byte): what a container mounted may have any name. Runs in the Pod's thread.
import { messageOf } from '../errors.ts';
import { readFile, realpath } from './files.ts';

/** What could not be unmounted or removed, and why. */
export type Remnant = { path: string; cause: string };

/** Loaded only where it is needed: no Pod thread carries it for nothing. */
async function run(command: string, args: string[]): Promise<void> {
  const [{ execFile }, { promisify }] = await Promise.all([
    import('node:child_process'),
    import('node:util'),
  ]);
  await promisify(execFile)(command, args).catch((error: Error & { stderr?: string }) => {
    throw new Error(error.stderr?.trim() || error.message, { cause: error });
  });
}

export const mountFilesystem = (type: string, path: string, options: readonly string[]): Promise<void> =>
  run('mount', ['-t', type, ...(options.length > 0 ? ['-o', options.join(',')] : []), type, path]);

/** `source` is taken as it is: mount(8) would look up where a link leads, and mount what is there by then. */
export const bindMount = (source: string, path: string): Promise<void> =>
  run('mount', ['--no-canonicalize', '--bind', source, path]);

export const unmount = (path: string): Promise<void> => run('umount', [path]);

export const isMounted = async (path: string): Promise<boolean> =>
  (await mountPoints()).includes((await realpath(path, 'buffer')).toString('latin1'));

/** In the order in which they were mounted. The kernel writes real paths, and spaces and the like in octal. */
async function mountPoints(): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'latin1')).split('\n');
  return lines.map((line) =>
    (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    ),
  );
}

/**
 * Unmounts what is mounted below a directory (a real path), what was mounted last first, as one mount may stand on
 * another. Answers with what would not go.
 */
export async function unmountBelow(directory: string): Promise<Remnant[]> {
  const below = async () => (await mountPoints()).filter((path) => path.startsWith(`${directory}/`));
  const causes = new Map<string, string>();
  for (const path of (await below()).reverse())
    await unmount(Buffer.from(path, 'latin1').toString()).catch((error) =>
      causes.set(path, messageOf(error).trim()),
    );
  return [...new Set(await below())].map((path) => ({ path, cause: causes.get(path) ?? 'is still mounted' }));
}
