// The files with logins for registries, where the kubelet looks for them (credentialprovider ReadDockerConfigFile) ->
// the logins for one image. Read anew for each pull; nothing of them is kept, and they never leave this thread.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { type Keyring, type Login, loginsFor, readDockerConfig, readDockercfg } from './keyring.ts';

export type LoginFiles = {
  /** Of monopod. */
  rootDir: string;
  workingDir: string;
  home: string;
};

/** Logins for `docker.io/library/busybox` and the like, to be tried one after the other. */
export type LoginsOf = (repository: string) => Promise<Login[]>;

const bytesMax = 10 << 20;

/** `warn`: what is wrong with a file, said once until that changes. */
export function loginFiles(where: LoginFiles, warn: (message: string) => void): LoginsOf {
  const troubles = new Map<string, string>();
  const read = async (path: string, parse: Parse): Promise<Keyring | undefined> => {
    const found: string[] = [];
    const keyring = await readKeyring(path, parse, (trouble) => found.push(trouble));
    const trouble = found.join('; ');
    if (trouble !== '' && trouble !== troubles.get(path)) warn(`registry logins in ${path}: ${trouble}`);
    troubles.set(path, trouble);
    return keyring;
  };
  return async (repository) => {
    for (const { path, parse } of filesOf(where)) {
      const keyring = await read(path, parse);
      if (keyring) return loginsFor(keyring, repository);
    }
    return [];
  };
}

type Parse = (text: string, said: (trouble: string) => void) => Keyring | undefined;

/** The first that is there counts, and a config.json before any .dockercfg. */
function filesOf({ rootDir, workingDir, home }: LoginFiles): { path: string; parse: Parse }[] {
  const json = [rootDir, workingDir, join(home, '.docker'), '/.docker'];
  const older = [rootDir, workingDir, home, '/'];
  return [
    ...json.map((directory) => ({ path: join(directory, 'config.json'), parse: readDockerConfig })),
    ...older.map((directory) => ({ path: join(directory, '.dockercfg'), parse: readDockercfg })),
  ];
}

/** Undefined for a file that is not there, cannot be read, or is no file of logins: the next one counts. */
async function readKeyring(
  path: string,
  parse: Parse,
  said: (trouble: string) => void,
): Promise<Keyring | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > bytesMax) throw new Error('it is over 10 MiB long');
    return parse(text, said);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') said(`it is passed over: ${messageOf(error)}`);
    return undefined;
  }
}
