// The images that tests and the demo run, made on the spot: no registry is needed where busybox-static and catatonit
// are installed. Only what is absent is made, and only what was made is removed.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type DockerApi, dockerApi } from './docker-api.ts';
import { canInstallPackages, installPackages, program } from './packages.ts';
import { type TarEntry, tar } from './tar.ts';

export const image = {
  /** A shell and every applet; says nothing about command, user or signal. */
  busybox: 'monopod.test/busybox:1',
  /** The same files under another id, for updates. */
  busyboxNext: 'monopod.test/busybox:2',
  /** Asks to be stopped with SIGUSR1. */
  stopsOnUsr1: 'monopod.test/stops-on-usr1:1',
  /** Runs as user and group 1234. */
  asUser1234: 'monopod.test/as-user-1234:1',
  /** Has a command, arguments, a directory and variables of its own; writes to /work/$AS what it was called with. */
  says: 'monopod.test/says:1',
  pause: 'registry.k8s.io/pause:3.10',
} as const;

const variants = {
  [image.busyboxNext]: { Labels: { 'monopod.test.version': '2' } },
  [image.stopsOnUsr1]: { StopSignal: 'SIGUSR1' },
  [image.asUser1234]: { User: '1234:1234' },
  [image.says]: {
    Entrypoint: ['sh', '-c', 'echo "$0 $* in $PWD, $OF" > /work/$AS', 'own-command'],
    Cmd: ['own-args'],
    WorkingDir: '/var/tmp',
    Env: ['OF=image', 'PATH=/bin'],
  },
};

const pullsWithinMs = 60_000;

export type MadeImages = { made: string[]; remove(): Promise<void> };

export async function ensureImages(endpoint: string): Promise<MadeImages> {
  const docker = dockerApi(endpoint);
  const made: string[] = [];
  const ensure = async (name: string, make: (repo: string, tag: string) => Promise<unknown>) => {
    if (await docker.image(name)) return;
    const colon = name.lastIndexOf(':');
    await make(name.slice(0, colon), name.slice(colon + 1));
    made.push(name);
  };
  await ensure(image.busybox, (repo, tag) => makeBusybox(docker, repo, tag));
  await ensure(image.pause, (repo, tag) => makePause(docker, repo, tag));
  for (const [name, config] of Object.entries(variants)) {
    await ensure(name, async (repo, tag) => {
      const base = await docker.create('', { Image: image.busybox, Cmd: ['true'] });
      await docker.commit(base, repo, tag, { Cmd: ['sh'], ...config });
      await docker.remove(base);
    });
  }
  return {
    made,
    async remove() {
      // Variants before what they are made from. An image that someone runs by now stays.
      for (const name of made.toReversed()) await docker.removeImage(name).catch(() => {});
    },
  };
}

async function makeBusybox(docker: DockerApi, repo: string, tag: string): Promise<void> {
  const binary = await staticBinary('busybox', 'busybox-static', () =>
    docker.pullImage('docker.io/library/busybox', '1.36', pullsWithinMs),
  );
  if (binary === undefined) return void (await docker.tagImage('busybox:1.36', repo, tag));
  await docker.importImage(tar(busyboxFiles(binary)), repo, tag, ['CMD ["sh"]']);
}

async function makePause(docker: DockerApi, repo: string, tag: string): Promise<void> {
  const binary = await staticBinary('catatonit', 'catatonit', () =>
    docker.pullImage(repo, tag, pullsWithinMs),
  );
  if (binary === undefined) return;
  const files: TarEntry[] = [{ type: 'file', path: 'pause', mode: 0o755, content: readFileSync(binary) }];
  await docker.importImage(tar(files), repo, tag, ['ENTRYPOINT ["/pause","-P"]']);
}

/** Where the program is installed or can be: its path. Otherwise `pull` has brought the image, or this throws. */
async function staticBinary(
  name: string,
  debianPackage: string,
  pull: () => Promise<void>,
): Promise<string | undefined> {
  const installed = program(name);
  if (installed && isStatic(installed)) return installed;
  try {
    await pull();
    return undefined;
  } catch (error) {
    if (!canInstallPackages())
      throw new Error(
        `no image to be had: ${(error as Error).message}\ninstall ${debianPackage}, or pull it by hand`,
      );
  }
  installPackages([debianPackage]);
  return program(name);
}

/** ELF without a program interpreter (PT_INTERP, 3) needs no library of the image. */
function isStatic(path: string): boolean {
  const elf = readFileSync(path);
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2) return false;
  const tableAt = Number(elf.readBigUInt64LE(32));
  const entryBytes = elf.readUInt16LE(54);
  const entries = Array.from({ length: elf.readUInt16LE(56) }, (_, index) => tableAt + index * entryBytes);
  return entries.every((at) => elf.readUInt32LE(at) !== 3);
}

function busyboxFiles(binary: string): TarEntry[] {
  const applets = spawnSync(binary, ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n');
  const directories = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var', 'var/tmp'];
  return [
    ...directories.map(
      (path): TarEntry => ({ type: 'directory', path, mode: path.endsWith('tmp') ? 0o1777 : 0o755 }),
    ),
    { type: 'file', path: 'bin/busybox', mode: 0o755, content: readFileSync(binary) },
    ...applets
      .filter((applet) => applet && applet !== 'busybox')
      .map((applet): TarEntry => ({ type: 'link', path: `bin/${applet}`, to: 'busybox' })),
    {
      type: 'file',
      path: 'etc/passwd',
      content: Buffer.from('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'),
    },
    { type: 'file', path: 'etc/group', content: Buffer.from('root:x:0:\nnobody:x:65534:\n') },
  ];
}
