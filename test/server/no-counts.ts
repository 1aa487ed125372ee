// A node on which nothing has happened yet, for views of tests.
import type { NodeCounts } from '../../src/server/node-view.ts';

export const noCounts: NodeCounts = {
  startedPods: 0,
  startedPodsErrors: 0,
  startedContainers: { container: 0, init_container: 0 },
  restartedPods: 0,
  podStarts: { sumSeconds: 0, count: 0, upTo: [] },
};
