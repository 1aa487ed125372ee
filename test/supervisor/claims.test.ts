// Who holds which name, and what is shown of each manifest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import type { SourceStanding } from '../../src/server/node-view.ts';
import { Claims } from '../../src/supervisor/claims.ts';
import { Conflicts } from '../../src/supervisor/conflicts.ts';
import { manifestRecords } from '../../src/supervisor/manifest-records.ts';
import { NodeTable } from '../../src/supervisor/node-table.ts';
import { deathsInARow, restartDelayMs } from '../../src/supervisor/restart-delay.ts';
import { entry, podOf, sourceId, update } from './entries.ts';

const key = 'default/web';
const web = (origin: string, version = 1) => entry(podOf('web', version), { origin });
const holder = (claims: Claims) => claims.settle(key)?.origin;

test('of several files the first by path holds the name, in whatever order they come', () => {
  const claims = new Claims();
  assert.deepEqual([...claims.apply(update([web('/m/b'), web('/m/a'), web('/m/c')]))], [key]);
  assert.equal(holder(claims), '/m/a');
});

test('sources go before paths', () => {
  const claims = new Claims();
  claims.apply(update([web('/a')], { sourceId: 'http:x' }));
  claims.apply(update([web('/z')], { sourceId: 'file:x' }));
  assert.equal(holder(claims), '/z');
});

test('the one that runs keeps the name, an earlier path and an edit notwithstanding', () => {
  const claims = new Claims();
  claims.apply(update([web('/m/b')]));
  assert.equal(holder(claims), '/m/b');
  claims.apply(update([web('/m/a')]));
  assert.equal(holder(claims), '/m/b');
  claims.apply(update([web('/m/b', 2)]));
  assert.equal(claims.settle(key)?.staticPod.uid, 'web-2');
  assert.deepEqual(claims.rival(key, sourceId, '/m/a'), { sourceId, origin: '/m/b' });
  assert.equal(claims.rival(key, sourceId, '/m/b'), undefined);
});

test('when it goes the next takes over; when all are gone nobody holds it', () => {
  const claims = new Claims();
  claims.apply(update([web('/m/b'), web('/m/c')]));
  assert.equal(holder(claims), '/m/b');
  assert.deepEqual([...claims.apply(update([], { removed: ['/m/b'] }))], [key]);
  assert.equal(holder(claims), '/m/c');
  claims.apply(update([], { removed: ['/m/c'] }));
  assert.equal(holder(claims), undefined);
  assert.deepEqual([...claims.keys()], []);
  claims.apply(update([web('/m/c'), web('/m/a')]));
  assert.equal(holder(claims), '/m/a', 'who held it once has no right to it');
});

test('what ran before monopod started keeps its name', () => {
  const claims = new Claims();
  claims.presume(sourceId, { ...podOf('web'), origin: '/m/z' }, 0);
  claims.apply(update([web('/m/a'), web('/m/z')], { full: true }));
  assert.equal(holder(claims), '/m/z');
});

test('a file that changes its name gives up the old one', () => {
  const claims = new Claims();
  claims.apply(update([web('/m/x')]));
  const touched = claims.apply(update([entry(podOf('other'), { origin: '/m/x' })]));
  assert.deepEqual([...touched].toSorted(), ['default/other', key]);
  assert.equal(holder(claims), undefined);
});

test('a file that gets bad without a good version gives up its name', () => {
  const claims = new Claims();
  claims.apply(update([web('/m/x')]));
  assert.deepEqual([...claims.apply(update([entry(undefined, { origin: '/m/x' })]))], [key]);
  assert.equal(holder(claims), undefined);
});

test('a full update replaces all that its source said, and nothing of others', () => {
  const claims = new Claims();
  claims.apply(update([web('/m/a'), entry(podOf('gone'))]));
  claims.apply(update([entry(podOf('far'), { origin: 'http://x' })], { sourceId: 'http:x' }));
  const touched = claims.apply(update([web('/m/a')], { full: true }));
  assert.deepEqual([...touched].toSorted(), ['default/gone', key]);
  assert.deepEqual([...claims.keys()].toSorted(), ['default/far', key]);
  assert.deepEqual(
    claims
      .entries()
      .map(({ entry: { origin } }) => origin)
      .toSorted(),
    ['/m/a', 'http://x'],
  );
});

test('the last good set of a source: what it accepts and what it keeps', () => {
  const claims = new Claims();
  claims.apply(update([web('/m/a'), entry(podOf('kept'), { state: 'kept' }), entry(undefined)]));
  assert.deepEqual(
    claims.lastGood(sourceId).map(({ uid }) => uid),
    ['web-1', 'kept-1'],
  );
  assert.deepEqual(claims.lastGood('file:other'), []);
});

const running = (name: string, phase = 'Running', version = 1): Pod => ({
  metadata: { name, namespace: 'default', uid: `${name}-${version}` },
  status: { phase },
});

function shown(
  entries: Parameters<typeof update>[0],
  pods: Pod[] = [],
  sources: SourceStanding[] = [],
  staticPods: StaticPod[] = [],
) {
  const claims = new Claims();
  const conflicts = new Conflicts();
  const touched = claims.apply(update(entries));
  for (const key of touched) claims.settle(key);
  conflicts.settled(touched, claims, 7);
  const podOf = (key: string) => pods.find(({ metadata }) => `default/${metadata?.name}` === key);
  return manifestRecords({
    claims,
    conflicts,
    sources,
    podOf,
    refusalOf: () => undefined,
    orderOf: () => undefined,
    orders: () => [],
    leftOver: { staticPods, sinceMs: 3 },
  });
}

test('manifests: running, pending, conflict, kept, rejected, ignored', () => {
  const made = shown(
    [
      entry(podOf('a')),
      entry(podOf('b')),
      entry(podOf('c')),
      entry(podOf('d'), { state: 'kept', reason: 'line 3' }),
      entry(podOf('a'), { origin: '/m/z.yaml' }),
      entry(undefined, { origin: '/m/bad', reason: 'no kind' }),
      entry(undefined, { origin: '/m/x~', state: 'ignored', reason: 'backup' }),
    ],
    [running('a'), running('b', 'Pending'), running('c', 'Running', 0), running('d')],
  );
  assert.deepEqual(
    made.map(({ origin, state, reason }) => [origin, state, reason]),
    [
      ['/m/a.yaml', 'running', ''],
      ['/m/b.yaml', 'pending', ''],
      ['/m/bad', 'rejected', 'no kind'],
      ['/m/c.yaml', 'pending', ''],
      ['/m/d.yaml', 'kept', 'line 3'],
      ['/m/x~', 'ignored', 'backup'],
      ['/m/z.yaml', 'conflict', 'default/a belongs to /m/a.yaml'],
    ],
  );
  assert.deepEqual(
    made.flatMap(({ origin, runs }) => (runs ? [[origin, runs]] : [])),
    [
      ['/m/c.yaml', { uid: 'c-0', origin: '/m/c.yaml' }],
      ['/m/d.yaml', { uid: 'd-1', origin: '/m/d.yaml' }],
      ['/m/z.yaml', { uid: 'a-1', origin: '/m/a.yaml' }],
    ],
    'what runs instead of each that does not run itself',
  );
});

test('the table tells who listens of what changed, and of nothing else, until they stop', () => {
  const table = new NodeTable();
  const heard: string[] = [];
  const stop = table.subscribe((change) => heard.push(change.type));
  table.put('default/b', running('b'));
  table.put('default/a', running('a'));
  table.put('default/a', running('a'));
  assert.deepEqual(
    table.pods().map(({ metadata }) => metadata?.name),
    ['a', 'b'],
  );
  table.remove('default/b');
  table.remove('default/b');
  table.manifestsChanged();
  stop();
  table.put('default/c', running('c'));
  assert.deepEqual(heard, ['pod', 'pod', 'removed', 'manifests']);
});

test('the first death costs nothing, further ones 1 s doubling to 5 min; ten minutes of life are forgiven', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 10, 11, 99].map(restartDelayMs),
    [0, 1000, 2000, 4000, 256_000, 300_000, 300_000],
  );
  assert.equal(deathsInARow(3, 0, 600_000), 4);
  assert.equal(deathsInARow(3, 0, 600_001), 1);
});

test('a conflict is since it began, whatever became of its document before', () => {
  const [a, z] = shown([entry(podOf('a')), entry(podOf('a'), { origin: '/m/z.yaml' })]);
  assert.deepEqual([a?.sinceMs, z?.state, z?.sinceMs], [1, 'conflict', 7]);
});

test('a conflict lasts while others come and go, and begins anew when it was over', () => {
  const claims = new Claims();
  const conflicts = new Conflicts();
  const z = '/m/z.yaml';
  const at = (
    nowMs: number,
    more: Parameters<typeof update>[1],
    ...entries: Parameters<typeof update>[0]
  ) => {
    const touched = claims.apply(update(entries, more));
    for (const key of touched) claims.settle(key);
    conflicts.settled(touched, claims, nowMs);
    return conflicts.sinceMs('default/a', sourceId, z);
  };
  assert.equal(at(1, {}, entry(podOf('a')), entry(podOf('a'), { origin: z })), 1);
  assert.equal(at(2, {}, entry(podOf('a'), { origin: '/m/b.yaml' })), 1);
  assert.equal(at(3, { removed: ['/m/a.yaml'] }), 1, 'another has the name now');
  assert.equal(at(4, { removed: ['/m/b.yaml'] }), undefined, 'it has the name');
  assert.equal(at(5, {}, entry(podOf('a'), { origin: '/m/b.yaml' })), undefined);
});

test('a source in trouble stands before the manifests, with why and since when', () => {
  const trouble = { state: 'unwatched', message: 'no watch is left', sinceMs: 5 } as const;
  const sources: SourceStanding[] = [
    { id: 'file:/m', readable: true, trouble },
    { id: 'https://h/pods', readable: true },
  ];
  const [source, a] = shown([entry(podOf('a'))], [running('a')], sources);
  assert.deepEqual(source, {
    origin: '/m',
    sourceId: 'file:/m',
    state: 'unwatched',
    reason: 'no watch is left',
    sinceMs: 5,
    errors: [],
    warnings: [],
  });
  assert.equal(a?.state, 'running');
});

test('a Pod of a source that is not configured any more, and that runs until the others are heard, is told of', () => {
  const trouble = { state: 'unreadable', message: 'refused', sinceMs: 5 } as const;
  const waiting: SourceStanding[] = [{ id: 'https://h/pods', readable: false, trouble }];
  const leftOver = ['a', 'b', 'c', 'd'].map((name) => podOf(name));
  const pods = [running('a'), running('b'), running('c', 'Running', 2)];
  const made = shown([entry(podOf('a', 2))], pods, waiting, leftOver);
  assert.deepEqual(
    made.map(({ origin, state, isGone }) => [origin, state, isGone]),
    [
      ['https://h/pods', 'unreadable', undefined],
      ['/m/a.yaml', 'pending', undefined],
      ['/m/b.yaml', 'kept', true],
    ],
    'not one that has a manifest, that has changed or that is gone',
  );
  assert.equal(
    made[2]?.reason,
    'its source is not configured any more; it runs until https://h/pods can be read',
  );
  assert.equal(made[2]?.sinceMs, 3);
  assert.equal(made[2]?.runs?.uid, 'b-1');
  assert.equal(shown([], pods, [{ id: 'https://h/pods', readable: true }], leftOver).length, 0);
});
