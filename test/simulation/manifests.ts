// Pods for the simulation: drawn from the seed, with scripts for what their containers do.
import type { ContainerScript } from '../../src/engine/fake/script.ts';
import type { Container, Pod } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';

export const key = 'default/web-node';

export type Scripts = Map<string, ContainerScript>;

export type Draw = {
  /** Whole, 0 ≤ x < limit. */
  upTo(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
};

export const drawFrom = (random: () => number): Draw => ({
  upTo: (limit) => Math.floor(random() * limit),
  chance: (probability) => random() < probability,
  pick: (from) => from[Math.floor(random() * from.length)] as (typeof from)[number],
});

/** `scripts` gets, by `uid/container`, what each container does. */
export function drawPod(draw: Draw, version: number, scripts: Scripts): StaticPod {
  const uid = `uid${version}`;
  const restartPolicy = draw.pick(['Always', 'Always', 'OnFailure', 'Never']);
  const container = (name: string, script: ContainerScript): Container => {
    scripts.set(`${uid}/${name}`, script);
    return {
      name,
      image: draw.pick(['busybox:1', 'busybox:2']),
      imagePullPolicy: draw.pick(['Always', 'IfNotPresent']),
    };
  };
  const init = Array.from({ length: draw.pick([0, 0, 1, 2]) }, (_, index) =>
    container(`init${index}`, { exitAfterMs: draw.upTo(3000), exitCode: draw.chance(0.15) ? 1 : 0 }),
  );
  const main = Array.from({ length: 1 + draw.upTo(3) }, (_, index) =>
    container(`main${index}`, mainScript(draw)),
  );
  const pod: Pod = {
    metadata: { name: 'web-node', namespace: 'default', uid },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: draw.pick([0, 1, 2, 5, 30]),
      ...(draw.chance(0.3) && { hostNetwork: true }),
      ...(init.length > 0 && { initContainers: init }),
      containers: draw.chance(0.3)
        ? main.map((one, index) => ({
            ...one,
            ports: [{ containerPort: 80 + index, hostPort: 8080 + index }],
          }))
        : main,
    },
  };
  return { key, uid, source: 'file', origin: `/m/web${version}.yaml`, pod };
}

function mainScript(draw: Draw): ContainerScript {
  const stop: ContainerScript = {
    stopsAfterMs: draw.upTo(4000),
    ...(draw.chance(0.2) && { ignores: ['SIGTERM'] }),
  };
  if (draw.chance(0.6)) return stop;
  return { ...stop, exitAfterMs: draw.upTo(20_000), exitCode: draw.pick([0, 1]), oom: draw.chance(0.1) };
}
