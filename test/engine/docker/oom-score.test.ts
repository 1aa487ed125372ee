// A negative oom_score_adj where the host refuses one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OomScoreClamp } from '../../../src/engine/docker/oom-score.ts';

test('a host that refuses is learnt of by its first refusal, and warned of once', () => {
  const warnings: string[] = [];
  const clamp = new OomScoreClamp((message) => warnings.push(message), false);
  assert.deepEqual(clamp.apply({ oomScoreAdj: -998 }), { oomScoreAdj: -998 });
  clamp.learn('OCI runtime create failed: no space left');
  assert.deepEqual(clamp.apply({ oomScoreAdj: -998 }), { oomScoreAdj: -998 });
  clamp.learn('OCI runtime create failed: write /proc/self/oom_score_adj: permission denied: unknown');
  assert.deepEqual(clamp.apply({ oomScoreAdj: -998, cpuShares: 2 }), { oomScoreAdj: 0, cpuShares: 2 });
  assert.deepEqual(clamp.apply({ oomScoreAdj: -1 }), { oomScoreAdj: 0 });
  assert.equal(warnings.length, 1);
});

test('what is not negative is left as it is, and warned of never', () => {
  const warnings: string[] = [];
  const clamp = new OomScoreClamp((message) => warnings.push(message), true);
  assert.deepEqual(clamp.apply({ oomScoreAdj: 1000 }), { oomScoreAdj: 1000 });
  assert.deepEqual(clamp.apply({}), {});
  assert.deepEqual(warnings, []);
});
