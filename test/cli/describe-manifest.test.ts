// `monopod describe manifest`: which one is meant, what is told of it, and when the lines of its file are shown.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgedBytes } from '../../src/cli/describe-manifest.ts';
import { manifestDescription } from '../../src/cli/manifest-description.ts';
import { manifestsMeant } from '../../src/cli/manifests-meant.ts';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import type { ManifestRecord } from '../../src/server/node-view.ts';
import { freshDirectory } from '../fresh-directory.ts';

let directory: string;
freshDirectory((path) => {
  directory = path;
});

const nowMs = Date.UTC(2026, 0, 1, 1);
const manifest = (image: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: a\n    image: ${image}\n`;

/** What a source says of these bytes. */
function judged(origin: string, text: string): Pick<ManifestRecord, 'errors' | 'warnings' | 'staticPod'> {
  const where = { origin, source: 'file', nodeName: 'n1', seenAtMs: 0 } as const;
  const { errors, warnings, staticPod } = decodeManifest(Buffer.from(text), where);
  return JSON.parse(JSON.stringify({ errors, warnings, staticPod }));
}

const good = judged('/m/web.yaml', manifest('busybox')).staticPod;
const record = (more: Partial<ManifestRecord> = {}): ManifestRecord => ({
  sourceId: 'file:/m',
  origin: '/m/web.yaml',
  state: 'running',
  errors: [],
  warnings: [],
  reason: '',
  sinceMs: nowMs - 5000,
  ...(good && { staticPod: good }),
  ...more,
});

/** Lines `Name: value` as a table. */
const told = (one: ManifestRecord, bytes = new Uint8Array()) =>
  Object.fromEntries(
    [...manifestDescription(one, bytes, nowMs).matchAll(/^([A-Z][\w ]*): +(.*)$/gm)].map(
      ([, name, value]) => [name, value],
    ),
  );

test('one that runs: where it is, since when, and nothing to do', () => {
  assert.deepEqual(told(record()), {
    Manifest: '/m/web.yaml',
    Source: 'file:/m',
    State: 'running',
    Since: '2026-01-01T00:59:55Z (5s)',
    Pod: `default/web-n1, UID ${good?.uid}`,
  });
});

test('what runs instead: nothing, the last good version, the version before, that of another manifest', () => {
  const runs = { uid: good?.uid ?? '', origin: '/m/web.yaml', startTime: '2026-01-01T00:58:00Z' };
  const instead = (more: Partial<ManifestRecord>) => told(record(more))['Runs instead'];
  assert.equal(instead({ state: 'pending' }), 'nothing');
  assert.equal(
    instead({ state: 'kept', runs }),
    `its last good version, UID ${good?.uid} since 2026-01-01T00:58:00Z (2m)`,
  );
  assert.equal(
    instead({ state: 'pending', runs: { uid: 'old', origin: '/m/web.yaml' } }),
    'the version before, UID old',
  );
  assert.equal(
    instead({ state: 'conflict', runs: { uid: 'x', origin: '/m/a.yaml' } }),
    'that of /m/a.yaml, UID x',
  );
  assert.equal(
    instead({ state: 'stopped', runs }),
    `this version still, UID ${good?.uid} since 2026-01-01T00:58:00Z (2m)`,
  );
});

test('what to do follows from the state', () => {
  const todo = (state: ManifestRecord['state']) => told(record({ state }))['What to do'];
  assert.equal(todo('stopped'), 'monopod start default/web-n1');
  assert.match(todo('conflict') ?? '', /another metadata\.name/);
  assert.equal(todo('ignored'), undefined);
  assert.equal('Runs instead' in told(record({ state: 'ignored' })), false);
  assert.equal(todo('kept'), undefined, 'a file that cannot be read has no errors to correct');
});

test('an error in a URL is not corrected by saving a file', () => {
  const { errors } = judged('/m/web.yaml', manifest('[a]'));
  const todo = (sourceId: string) => told(record({ state: 'kept', sourceId, errors }))['What to do'];
  assert.match(todo('file:/m') ?? '', /as soon as it is saved$/);
  assert.match(todo('https://h/pods') ?? '', /the next time that the URL is asked/);
  assert.match(todo('push') ?? '', /when it is pushed again$/);
});

test('each problem with its line and a mark under the spot; nothing in it reaches the terminal as a control sequence', () => {
  const text = manifest('[a]');
  const { errors } = judged('/m/web.yaml', text);
  const shown = manifestDescription(
    record({ state: 'rejected', errors, reason: 'line\u001b[31m 8' }),
    Buffer.from(text),
    nowMs,
  );
  assert.match(shown, /^Reason: +line\\x1b\[31m 8$/m);
  assert.match(
    shown,
    /^\/m\/web\.yaml:8:12: error: spec\.containers\[0\]\.image: Type error: .*\n {5}8 \| {5}image: \[a\]\n {6} \| {12}\^\n/m,
  );
  assert.match(shown, /^What to do: +correct the errors below/m);
});

test('the lines of a file are shown while it says what was judged, and not once it says something else', async () => {
  const origin = join(directory, 'web.yaml');
  const bad = manifest('[a]');
  const one = record({ state: 'rejected', origin, ...judged(origin, bad), staticPod: undefined });
  writeFileSync(origin, bad);
  const bytes = await judgedBytes(one, 'n1');
  assert.equal(bytes !== 'changed' && Buffer.from(bytes).toString(), bad);
  writeFileSync(origin, `# a line more\n${bad}`);
  assert.equal(await judgedBytes(one, 'n1'), 'changed');
  const shown = manifestDescription(one, 'changed', nowMs);
  assert.match(shown, /\n\nThe file is judged otherwise by now; before:\n[^\n]*:8:12: error: [^\n]*\n$/);
  assert.equal((await judgedBytes(record({ ...one, origin: join(directory, 'gone') }), 'n1')).length, 0);
  assert.equal((await judgedBytes(record({ ...one, origin: 'http://h/pods#a' }), 'n1')).length, 0);
});

test('meant is what is named by its path, else the files of that name, else all that claim the Pod', () => {
  const [a, b, c] = [
    record(),
    record({ origin: '/n/web.yaml', state: 'conflict' }),
    record({ origin: '/m/bad.yaml', state: 'rejected', staticPod: undefined }),
  ] as const;
  const meant = (...names: string[]) => manifestsMeant(names, [a, b, c]);
  assert.deepEqual(meant(), [c, b, a], 'what is in trouble first');
  assert.deepEqual(meant('/n/web.yaml'), [b]);
  assert.deepEqual(meant('web.yaml'), [b, a]);
  for (const pod of ['web', 'web-n1', 'default/web', 'pod/web']) assert.deepEqual(meant(pod), [b, a], pod);
  assert.deepEqual(meant('bad.yaml', '/m/web.yaml', 'bad.yaml'), [c, a]);
  assert.throws(() => meant('other/web'), /manifest "other\/web" not found/);
  assert.throws(() => meant('bax.yaml'), /did you mean "bad\.yaml"\?/);
});
