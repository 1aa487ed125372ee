// Docker's report of a pull -> how far it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PullTally } from '../../../src/engine/docker/pull-tally.ts';

const downloading = (id: string, current: number, total: number) => ({
  id,
  status: 'Downloading',
  progressDetail: { current, total },
});

test('from asking to extracting, layer by layer', () => {
  const tally = new PullTally();
  const { at, sized } = tally.progress;
  assert.deepEqual([at, sized], ['asking', false]);
  for (const id of ['a', 'b']) tally.take({ id, status: 'Pulling fs layer', progressDetail: {} });
  tally.take({ id: 'c', status: 'Already exists', progressDetail: {} });
  assert.equal(tally.take(downloading('a', 10, 100)), true);
  assert.deepEqual(tally.progress, { at: 'downloading', bytes: 10, totalBytes: 100, sized: false });
  tally.take(downloading('b', 20, 300));
  assert.deepEqual(tally.progress, { at: 'downloading', bytes: 30, totalBytes: 400, sized: true });
  tally.take({ id: 'a', status: 'Download complete', progressDetail: {} });
  assert.deepEqual(tally.progress, { at: 'downloading', bytes: 120, totalBytes: 400, sized: true });
  tally.take({ id: 'b', status: 'Extracting', progressDetail: { current: 5, total: 300 } });
  assert.deepEqual(tally.progress, { at: 'extracting', bytes: 400, totalBytes: 400, sized: true });
});

test('a download that begins again after it broke goes back', () => {
  const tally = new PullTally();
  tally.take({ id: 'a', status: 'Pulling fs layer' });
  tally.take(downloading('a', 90, 100));
  tally.take({ id: 'a', status: 'Retrying in 5 seconds' });
  tally.take(downloading('a', 10, 100));
  assert.equal(tally.progress.bytes, 10);
});

test('a layer too small to be reported on is of no size', () => {
  const tally = new PullTally();
  tally.take({ id: 'a', status: 'Pulling fs layer' });
  tally.take({ id: 'a', status: 'Download complete' });
  assert.deepEqual(tally.progress, { at: 'extracting', bytes: 0, totalBytes: 0, sized: true });
});

test('lines about no layer tell nothing, but whether anything was new', () => {
  const tally = new PullTally();
  assert.equal(tally.take({ status: 'Digest: sha256:1' }), false);
  assert.equal(tally.take({ id: '1.0', status: 'Pulling from app' }), false);
  assert.equal(tally.take({ status: 'Status: Image is up to date for app' }), false);
  assert.equal(tally.isNew, false);
  tally.take({ status: 'Status: Downloaded newer image for app' });
  assert.equal(tally.isNew, true);
});
