// A supervisor of which something is ordered, and which is started again, for tests: each of its own directory.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeCheckpoint } from '../../src/host/checkpoint.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import { checkpointText } from '../../src/pod/checkpoint.ts';
import { newGeneration, newPodState } from '../../src/pod/state.ts';
import { freshDirectory } from '../fresh-directory.ts';
import { entry, podOf, sourceId, update } from './entries.ts';
import { supervised } from './supervised.ts';

export let rootDir = '';
freshDirectory((path) => {
  rootDir = path;
});

export const key = 'default/web';
export const node = (maxPods?: number) => supervised(rootDir, maxPods);
type Node = ReturnType<typeof node>;

export const serve = (on: Node, ...manifests: StaticPod[]) =>
  on.supervisor.update(
    update(
      manifests.map((one) => entry(one)),
      { full: true },
    ),
  );
export const order = (on: Node, verb: 'restart' | 'stop' | 'start', of = key) => {
  const answer = on.supervisor.order(of, verb);
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.taken;
};
export const orderFiles = () => {
  try {
    return readdirSync(join(rootDir, 'orders'));
  } catch {
    return [];
  }
};

/** What its actor was told to run has been published. */
export const show = (on: Node, { pod, key: of }: StaticPod, ready: boolean, more: Pod['status'] = {}) =>
  on.supervisor.published(of, {
    ...pod,
    status: {
      phase: ready ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      ...more,
    },
  });

/** Its actor has written its checkpoint, and monopod is started again. */
export function again(on: Node, runs: StaticPod | undefined): Node {
  rmSync(join(rootDir, 'checkpoints'), { recursive: true, force: true });
  if (runs) {
    const state = {
      ...newPodState(runs.key, { want: 'undecided' }),
      current: newGeneration(1, runs, 'active', 0),
    };
    writeCheckpoint(rootDir, runs.key, checkpointText(state, undefined));
  }
  void on.supervisor.close();
  const next = node();
  next.supervisor.adopt(() => sourceId);
  next.supervisor.engineHas([]);
  return next;
}

export const rollback = (version: number, after = '30s'): StaticPod => {
  const made = podOf('web', version);
  const annotations = { 'monopod.dev/rollback-after': after };
  return { ...made, pod: { ...made.pod, metadata: { ...made.pod.metadata, annotations } } };
};
export const [v1, v2] = [podOf('web'), rollback(2)];

export const running = (on: Node): StaticPod => {
  const runs = on.supervisor.orders.wanted(on.supervisor.claims.settle(key))?.staticPod;
  assert.ok(runs);
  return runs;
};
