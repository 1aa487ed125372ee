// The floor: what the engine itself takes for a Pod of one container, by the bare calls, one after the other.

import type { DockerApi } from '../test/setup/docker-api.ts';
import { image } from '../test/setup/images.ts';

export const benchLabel = 'monopod.bench';

const script = 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done';
export const benchCommand = ['sh', '-c', script];

/** Answers with what has to be removed, and how long create, start, create, start took, in ms. */
export async function floorPod(docker: DockerApi, name: string): Promise<{ ids: string[]; tookMs: number }> {
  const Labels = { [benchLabel]: '1' };
  const startedMs = performance.now();
  const sandbox = await docker.create(`bench-POD-${name}`, {
    Image: image.pause,
    Labels,
    HostConfig: { IpcMode: 'shareable' },
  });
  await docker.start(sandbox);
  const joined = `container:${sandbox}`;
  const container = await docker.create(`bench-${name}`, {
    Image: image.busybox,
    Cmd: benchCommand,
    Labels,
    HostConfig: { NetworkMode: joined, IpcMode: joined, SecurityOpt: ['seccomp=unconfined'] },
  });
  await docker.start(container);
  return { ids: [container, sandbox], tookMs: performance.now() - startedMs };
}

export async function removeAll(docker: DockerApi): Promise<void> {
  const left = await docker.containers([benchLabel]);
  for (const { Id } of left) await docker.remove(Id);
}

/** `count` Pods by bare calls with so many in flight; answers with the whole time in ms. */
export async function floorBurst(docker: DockerApi, count: number, inFlight: number): Promise<number> {
  const startedMs = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < count) await floorPod(docker, `burst-${inFlight}-${next++}`);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const tookMs = performance.now() - startedMs;
  await removeAll(docker);
  return tookMs;
}
