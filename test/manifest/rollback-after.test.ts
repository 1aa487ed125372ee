// The annotation that asks for a roll-back: what it means, and what is told of one that means nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import { rollbackAfterMs } from '../../src/manifest/rollback-after.ts';

const judged = (after: string) => {
  const text = `apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    monopod.dev/rollback-after: ${after}
spec:
  containers:
    - name: main
      image: busybox
`;
  const where = { origin: '/m/web.yaml', source: 'file', nodeName: 'n', seenAtMs: 0 } as const;
  return decodeManifest(new TextEncoder().encode(text), where);
};

test('it is a duration as Go writes them', () => {
  for (const [text, ms] of Object.entries({ '90s': 90_000, '1m30s': 90_000, '"5m"': 300_000 })) {
    const { staticPod, warnings } = judged(text);
    assert.deepEqual([staticPod && rollbackAfterMs(staticPod.pod), warnings], [ms, []], text);
  }
});

test('anything else runs, and is told of with its place', () => {
  for (const text of ['soon', '"90"', '0s', '-5s', '""']) {
    const { staticPod, warnings } = judged(text);
    assert.ok(staticPod, text);
    assert.equal(rollbackAfterMs(staticPod.pod), undefined, text);
    const [{ field, type, line, column, message } = assert.fail(text)] = warnings;
    assert.deepEqual(
      [field, type, line, column],
      ['metadata.annotations[monopod.dev/rollback-after]', 'Invalid value', 6, 33],
    );
    assert.match(message, /must be a duration above zero.*nothing is rolled back/);
  }
});
