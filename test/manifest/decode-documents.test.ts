// Several documents and PodLists in one answer: which Pods they are, and where in the whole text each error stands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeDocuments } from '../../src/manifest/decode-documents.ts';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';

const where = { origin: 'https://h/m', source: 'http', nodeName: 'node', seenAtMs: 0 } as const;
const decode = (text: string | Buffer) => decodeDocuments(Buffer.from(text), where);

/** `place name: accepted`, or the errors. */
const told = (text: string | Buffer) =>
  decode(text).documents.map(({ place, name, verdict }) => {
    const errors = verdict.errors.map(
      ({ line, column, field, type }) => `${line}:${column} ${field || '-'} ${type}`,
    );
    return `${place} ${name ?? '-'}: ${verdict.accepted ? 'accepted' : errors.join(', ')}`;
  });
const uids = (text: string) =>
  decode(text).documents.map(({ verdict }) => verdict.accepted && verdict.staticPod.uid);

const pod = (name: string, image = 'nginx') =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  containers:\n  - name: main\n    image: ${image}\n`;
const documents = (...texts: string[]) => texts.join('---\n');
const item = (name: string) => ({
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'nginx' }] },
});
const list = (...items: unknown[]) => JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items }, null, 1);

test('each document is a Pod', () => {
  assert.deepEqual(told(pod('a')), ['1 default/a: accepted']);
  assert.deepEqual(told(`${pod('a')}---\n${pod('b')}`), ['1 default/a: accepted', '2 default/b: accepted']);
  assert.deepEqual(told(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...item('a') })), [
    '1 default/a: accepted',
  ]);
});

test('markers, directives, comments and empty documents as YAML has them', () => {
  const both = ['1 default/a: accepted', '2 default/b: accepted'];
  for (const text of [
    `%YAML 1.1\n# a\n--- # one\n${pod('a')}...\n# between\n%YAML 1.1\n---\n${pod('b')}...\n`,
    `---\n---\n# nothing\n---\n${pod('a')}---\n\n---\r\n${pod('b')}---\n`,
    `\ufeff---\n${pod('a')}--- \n${pod('b')}`,
    `${pod('a')}---\n${pod('b')}`.replaceAll('\n', '\r\n'),
    `--- {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: m, image: i}]}}\n---\n${pod('b')}`,
  ])
    assert.deepEqual(told(text), both, text);
  const inText = pod('a').replace('nginx', '|\n      nginx\n      ---\n      x');
  assert.equal(told(inText).length, 1, 'an indented marker is text');
});

test('nothing is told from no documents', () => {
  assert.deepEqual(decode(''), { hasDocuments: false, documents: [] });
  assert.deepEqual(decode('---\n# nothing\n---\n'), { hasDocuments: false, documents: [] });
  assert.deepEqual(decode(list()), { hasDocuments: true, documents: [] });
  assert.deepEqual(decode('{"apiVersion":"v1","kind":"PodList","items":null}').documents, []);
  assert.deepEqual(told('null'), ['1 -: 1:1 - Required value']);
});

test('an item of a PodList needs no kind', () => {
  assert.deepEqual(told(list(item('a'), { ...item('b'), apiVersion: 'v1', kind: 'Pod' })), [
    'items[0] default/a: accepted',
    'items[1] default/b: accepted',
  ]);
  const other = decode(list({ ...item('a'), kind: 'Deployment' })).documents[0]?.verdict;
  assert.equal(other?.accepted, true);
  assert.equal(other?.warnings[0]?.field, 'items[0].kind');
  assert.match(other?.warnings[0]?.message ?? '', /taken for one/);
});

test('errors stand where they are in the whole text', () => {
  const bad = pod('b').replace('image: nginx', 'imagee: nginx');
  assert.deepEqual(told(`${pod('a')}---\n${bad}`), [
    '1 default/a: accepted',
    '2 default/b: 16:5 spec.containers[0].image Required value',
  ]);
  const items = `apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n  spec: {containers: [{name: m, image: i}]}\n- metadata: {name: b}\n  spec:\n    containers:\n    - name: m\n      image: 5\n`;
  assert.deepEqual(told(items), [
    'items[0] default/a: accepted',
    'items[1] default/b: 10:14 items[1].spec.containers[0].image Type error',
  ]);
  assert.deepEqual(told(`${pod('x')}---\n${items}`), [
    '1 default/x: accepted',
    '2/items[0] default/a: accepted',
    '2/items[1] default/b: 19:14 items[1].spec.containers[0].image Type error',
  ]);
});

test('what is no Pod', () => {
  assert.deepEqual(told(list('text', null)), [
    'items[0] -: 5:3 items[0] Type error',
    'items[1] -: 6:3 items[1].metadata.name Required value',
  ]);
  assert.match(told(`${pod('a')}---\n{`)[1] ?? '', /^2 -: \d+:\d+ - Syntax error$/);
  assert.match(told(`${list()}${list()}`)[0] ?? '', /Syntax error/);
  assert.match(told(Buffer.from([0xff, 0x00, 0xc0]))[0] ?? '', /1:1 - Syntax error/);
  assert.match(told('<html><body>Not found: 404</body></html>')[0] ?? '', /1 -:/);
});

test('a list that does not say its items is a mistake, not the end of all Pods', () => {
  assert.deepEqual(told('{"apiVersion":"v1","kind":"PodList"}'), ['1 -: 1:1 items Required value']);
  assert.deepEqual(told('{"apiVersion":"v1","kind":"PodList","items":{}}'), ['1 -: 1:45 items Type error']);
  const part = '{"apiVersion":"v1","kind":"PodList","metadata":{"continue":"x"},"items":[]}';
  assert.deepEqual(told(part), ['1 -: 1:60 metadata.continue Invalid value']);
});

test('a Pod stays itself when documents change places, and in a list or not', () => {
  const [a, b] = uids(`${pod('a')}---\n${pod('b')}`);
  assert.deepEqual(uids(`${pod('b')}---\n# again\n${pod('a')}`), [b, a]);
  assert.notEqual(a, b);
  const alone = decodeManifest(Buffer.from(pod('a')), where);
  assert.equal(alone.accepted && alone.staticPod.uid, a);
});

test('of two with one name the first counts', () => {
  const text = documents(pod('a'), pod('b'), pod('a', 'nginx:2'), pod('a').replace('image', 'imagee'));
  assert.deepEqual(told(text), [
    '1 default/a: accepted',
    '2 default/b: accepted',
    '3 default/a: 22:9 metadata.name Duplicate value',
    '4 -: 34:5 spec.containers[0].image Required value',
  ]);
  assert.deepEqual(
    decode(text).documents.map(({ duplicate }) => duplicate),
    [undefined, undefined, true, undefined],
  );
  assert.match(told(list(item('a'), item('a')))[1] ?? '', /items\[1\].metadata.name Duplicate value/);
});

test('a name that is wrong is shown, but not whatever it is', () => {
  assert.match(told(pod('Web_1'))[0] ?? '', /^1 default\/Web_1: .*metadata.name Invalid value/);
  for (const name of ['"a\\nb"', '"\\x1b[31m"', 'a'.repeat(300)])
    assert.match(told(pod(name))[0] ?? '', /^1 -: /);
});

test('there is an end to how many', () => {
  const many = decode('---\nx\n'.repeat(20_000)).documents;
  assert.equal(many.length, 10_001);
  assert.equal(many.at(-1)?.verdict.errors[0]?.type, 'Too many');
  assert.match(told(list(...Array(10_001).fill(1)))[0] ?? '', /items Too many/);
});
