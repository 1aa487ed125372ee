// What Pods have left that nobody knows any more: found by what no checkpoint tells of, set aside, removed with its mounts.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeCheckpoint } from '../../src/host/checkpoint.ts';
import { orphanUids, removeAside, setAside } from '../../src/host/orphans.ts';
import { occupy, scratch } from './scratch.ts';

const on = scratch();
const pods = () => join(on.rootDir, 'pods');

test('a Pod of which a checkpoint tells is no orphan, however damaged that is', () => {
  for (const uid of ['known', 'leaving', 'damaged', 'lost', '.orphan-old'])
    mkdirSync(join(pods(), uid), { recursive: true });
  writeCheckpoint(on.rootDir, 'default/a', '{"current":{"uid":"known"},"cleanups":[{"uid":"leaving"}]}');
  writeCheckpoint(on.rootDir, 'default/b', '{"uid":"damaged');
  assert.deepEqual(orphanUids(on.rootDir), ['lost']);
});

test('without any directory there is nothing to do', async () => {
  assert.deepEqual(orphanUids(on.rootDir), []);
  assert.deepEqual(setAside(on.rootDir, ['gone']), []);
  assert.deepEqual(await removeAside(on.host), []);
});

test('its mounts are undone, its directories and logs are removed; a Pod of the same UID may come back at once', async () => {
  await on.prepared({ name: 'mem', emptyDir: { medium: 'Memory' } }, { name: 'tmp', emptyDir: {} });
  writeFileSync(join(on.emptyDir('mem'), 'file'), 'x');
  mkdirSync(join(on.logs, 'default_other_u2'));
  mkdirSync(join(on.logs, 'default_other_xu1'));
  assert.deepEqual(setAside(on.rootDir, ['u1']), []);
  assert.equal(existsSync(on.podDir), false);
  mkdirSync(on.podDir);
  assert.deepEqual(await removeAside(on.host), []);
  assert.deepEqual(on.mounts(), []);
  assert.deepEqual(readdirSync(pods()), ['u1']);
  assert.deepEqual(readdirSync(on.logs).toSorted(), ['default_other_u2', 'default_other_xu1']);
});

test('what cannot be unmounted is named, keeps nothing else, and goes the next time', async () => {
  await on.prepared({ name: 'mem', emptyDir: { medium: 'Memory' } });
  mkdirSync(join(pods(), 'u2'));
  setAside(on.rootDir, ['u1', 'u2']);
  const stuck = join(pods(), '.orphan-u1/volumes/kubernetes.io~empty-dir/mem');
  const leave = occupy(stuck);
  try {
    const remnants = await removeAside(on.host);
    assert.deepEqual(
      remnants.map(({ path }) => Buffer.from(path, 'latin1').toString()),
      [stuck],
    );
    assert.deepEqual(readdirSync(pods()), ['.orphan-u1']);
  } finally {
    await leave();
  }
  assert.deepEqual(await removeAside(on.host), []);
  assert.deepEqual(on.mounts(), []);
  assert.deepEqual(readdirSync(pods()), []);
});
