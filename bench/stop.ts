// From the word to stop until the process has its SIGTERM: it touches a file then, whose time the kernel notes. The
// engine's own event of a kill comes some 8 ms later.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '../src/kubernetes/pod.ts';
import type { TestNode } from '../test/e2e/harness/node.ts';
import type { DockerApi } from '../test/setup/docker-api.ts';
import { image } from '../test/setup/images.ts';
import { scratchDirectory } from '../test/setup/scratch.ts';
import { benchLabel, removeAll } from './floor.ts';
import { sleep } from './measure.ts';

const command = ['sh', '-c', 'trap ": > /notes/term; exit 0" TERM; while :; do sleep 3600 & wait $!; done'];

const now = () => performance.timeOrigin + performance.now();

/** By `kill` of the bare engine, and by removing the manifest; in ms. */
export async function measureStop(
  docker: DockerApi,
  node: TestNode,
  round: number,
): Promise<{ floorMs: number; monopodMs: number }> {
  const notes = mkdtempSync(join(scratchDirectory(), 'notes-'));
  const touchedSince = async (sinceMs: number): Promise<number> => {
    for (;;) {
      const at = statSync(join(notes, 'term'), { throwIfNoEntry: false })?.mtimeMs;
      if (at !== undefined) {
        rmSync(join(notes, 'term'));
        return at - sinceMs;
      }
      await sleep(20);
    }
  };

  const HostConfig = { Binds: [`${notes}:/notes`] };
  const Labels = { [benchLabel]: '1' };
  const id = await docker.create(`bench-stop-${round}`, {
    Image: image.busybox,
    Cmd: command,
    Labels,
    HostConfig,
  });
  await docker.start(id);
  await sleep(1000);
  const killedMs = now();
  await docker.kill(id, 'SIGTERM');
  const floorMs = await touchedSince(killedMs);
  await removeAll(docker);

  await node.write('stop.yaml', manifest(notes));
  await node.running('stop');
  await sleep(1500);
  const removedMs = now();
  await node.remove('stop.yaml');
  const monopodMs = await touchedSince(removedMs);
  await node.gone('stop');
  return { floorMs, monopodMs };
}

const manifest = (notes: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'stop' },
  spec: {
    containers: [
      { name: 'main', image: image.busybox, command, volumeMounts: [{ name: 'notes', mountPath: '/notes' }] },
    ],
    volumes: [{ name: 'notes', hostPath: { path: notes } }],
  },
});
