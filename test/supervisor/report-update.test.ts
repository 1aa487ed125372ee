// What the log says of manifests: a line each for what wants a person, one for all that does not, and nothing twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError } from '../../src/manifest/static-pod.ts';
import type { ManifestEntry, SourceUpdate } from '../../src/sources/update.ts';
import { Claims } from '../../src/supervisor/claims.ts';
import { Conflicts } from '../../src/supervisor/conflicts.ts';
import { ManifestNews } from '../../src/supervisor/report-update.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { entry as entryOf, podOf, sourceId, update } from './entries.ts';

/** The lines of the log after each update, without their time. */
function newsroom() {
  const lines: string[] = [];
  const log = createLog({ format: 'text', verbosity: 0, now: () => 0, write: (line) => lines.push(line) });
  const news = new ManifestNews();
  const claims = new Claims();
  const conflicts = new Conflicts();
  return (said: SourceUpdate): string[] => {
    news.heard(said, log);
    const touched = claims.apply(said);
    for (const key of touched) claims.settle(key);
    news.settled(conflicts.settled(touched, claims, 0), log);
    return lines.splice(0).map((line) => line.slice(line.indexOf('Z ') + 2).trimEnd());
  };
}

const vain = (field: string, type: FieldError['type'], line: number): FieldError => ({
  stage: 'support',
  field,
  type,
  message: 'because',
  line,
  column: 3,
});

test('a warning is a line with its place; all notes of a document are one', () => {
  const warnings = [
    vain('spec.nodeName', 'No meaning on one node', 5),
    vain('spec.hostUsers', 'Not supported', 6),
    vain('spec.tolerations', 'No meaning on one node', 7),
  ];
  const entry: ManifestEntry = {
    origin: '/m/a.yaml',
    state: 'accepted',
    errors: [],
    warnings,
    reason: '',
    sinceMs: 0,
  };
  assert.deepEqual(newsroom()(update([entry], { full: true })), [
    'WARN  manifest warning manifest=/m/a.yaml:6:3 field=spec.hostUsers type="Not supported" cause=because',
    'INFO  the manifest sets what has no meaning on one node manifest=/m/a.yaml fields="spec.nodeName spec.tolerations"',
  ]);
});

test('what is ignored is told once, and again only when it has been away', () => {
  const say = newsroom();
  const ignored = entryOf(undefined, { origin: '/m/a.bak', state: 'ignored', reason: 'a copy' });
  const line = 'INFO  manifest ignored manifest=/m/a.bak cause="a copy"';
  assert.deepEqual(say(update([ignored], { full: true })), [line]);
  assert.deepEqual(say(update([ignored])), []);
  assert.deepEqual(say(update([ignored], { full: true })), [], 'its source has started again');
  say(update([], { removed: ['/m/a.bak'] }));
  assert.deepEqual(say(update([ignored])), [line]);
});

test('a document that was rejected or kept is told when it is good again, another reason when it is another', () => {
  const say = newsroom();
  const web = podOf('web');
  const origin = web.origin;
  const bad = (reason: string) => update([entryOf(undefined, { origin, reason })]);
  const again = 'INFO  the manifest is good again manifest=/m/web.yaml';
  assert.deepEqual(say(bad('x')), ['WARN  manifest rejected manifest=/m/web.yaml cause=x']);
  assert.deepEqual(say(bad('x')), []);
  assert.deepEqual(say(bad('y')), ['WARN  manifest rejected manifest=/m/web.yaml cause=y']);
  assert.deepEqual(say(update([entryOf(web)], { full: true })), [again]);
  assert.deepEqual(say(update([entryOf(web)])), []);
  assert.deepEqual(say(update([entryOf(web, { state: 'kept', reason: 'z' })])), [
    'WARN  manifest kept manifest=/m/web.yaml cause=z',
  ]);
  assert.deepEqual(say(update([entryOf(podOf('web', 2))])), [again]);
});

test('a conflict is told when it begins and when it ends, either way', () => {
  const say = newsroom();
  const first = entryOf(podOf('web'));
  const second = entryOf({ ...podOf('web'), origin: '/m/z.yaml' });
  const begins =
    'WARN  manifest conflict: another one has this name pod=default/web manifest=/m/z.yaml cause="the Pod belongs to /m/web.yaml"';
  const ends = 'INFO  the conflict is over pod=default/web manifest=/m/z.yaml';
  assert.deepEqual(say(update([first], { full: true })), []);
  assert.deepEqual(say(update([second])), [begins]);
  assert.deepEqual(say(update([second])), []);
  assert.deepEqual(say(update([first, second], { full: true })), [], 'its source has started again');
  assert.deepEqual(say(update([], { removed: ['/m/z.yaml'] })), [
    `${ends} cause="it claims the Pod no longer"`,
  ]);
  assert.deepEqual(say(update([second])), [begins]);
  assert.deepEqual(say(update([], { removed: ['/m/web.yaml'] })), [
    `${ends} cause="the Pod is its own now, /m/web.yaml has let it go"`,
  ]);
});

test('with another owner the one that still loses is told of the new one; sources do not mix', () => {
  const say = newsroom();
  const claim = (origin: string) => entryOf({ ...podOf('web'), origin });
  say(update([claim('/m/a'), claim('/m/b')], { full: true }));
  const [line = '', ...more] = say(update([claim('/m/b')], { sourceId: `${sourceId}2`, full: true }));
  assert.match(line, /conflict.* manifest=\/m\/b cause="the Pod belongs to \/m\/a"$/);
  assert.deepEqual(more, []);
  const after = say(update([], { removed: ['/m/a'] }));
  assert.equal(after.length, 2);
  assert.match(after[0] ?? '', /^WARN .* manifest=\/m\/b cause="the Pod belongs to \/m\/b"$/);
  assert.match(after[1] ?? '', /^INFO {2}the conflict is over .* manifest=\/m\/b /);
});
