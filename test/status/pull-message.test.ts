// How far a pull is, in words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PullProgress } from '../../src/engine/engine.ts';
import { pullMessage, pullStatus } from '../../src/status/pull-message.ts';

const cases: [progress: PullProgress, message: string, status: string][] = [
  [
    { at: 'queued', bytes: 0, totalBytes: 0, sized: false },
    'Pulling image "a:1": waits for other pulls',
    'Pulling',
  ],
  [{ at: 'asking', bytes: 0, totalBytes: 0, sized: false }, 'Pulling image "a:1"', 'Pulling'],
  [{ at: 'downloading', bytes: 0, totalBytes: 0, sized: false }, 'Pulling image "a:1"', 'Pulling'],
  [
    { at: 'downloading', bytes: 12_345_678, totalBytes: 9e9, sized: false },
    'Pulling image "a:1": 12.3 MB so far',
    'Pulling',
  ],
  [
    { at: 'downloading', bytes: 12_345_678, totalBytes: 28_100_000, sized: true },
    'Pulling image "a:1": 12.3 MB of 28.1 MB (43%)',
    'Pulling 43%',
  ],
  [
    { at: 'downloading', bytes: 999, totalBytes: 2_000_000_000, sized: true },
    'Pulling image "a:1": 999 B of 2.0 GB (0%)',
    'Pulling 0%',
  ],
  [
    { at: 'extracting', bytes: 123_456_789, totalBytes: 123_456_789, sized: true },
    'Pulling image "a:1": 123 MB here, extracting',
    'Pulling',
  ],
  [{ at: 'extracting', bytes: 0, totalBytes: 0, sized: true }, 'Pulling image "a:1": extracting', 'Pulling'],
];
for (const [progress, message, status] of cases)
  test(message, () => {
    assert.equal(pullMessage('a:1', progress), message);
    assert.equal(pullStatus(message), status);
  });

test('no other message is taken for a pull', () => {
  for (const message of [undefined, '', 'Back-off pulling image "a:1": ErrImagePull: (50%)'])
    assert.equal(pullStatus(message), undefined);
});
