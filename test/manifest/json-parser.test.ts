// JSON manifests, as Go's decoder reads them for the kubelet: valid ones as JSON.parse does, others refused where YAML
// would take them, each with its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import { readDocument } from '../../src/manifest/read-document.ts';

const where = { origin: '/m/x.json', source: 'file', nodeName: 'n', seenAtMs: 0 } as const;
const read = (text: string) => readDocument(Buffer.from(text));

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? Number(value) : value;
}

test('what is JSON reads as JSON.parse reads it', () => {
  for (const text of [
    ' \n\t{"a": [1, -2, 0.5, 1e3, true, false, null, "x", {}, []], "": ""}\r\n',
    '{"a":"\\ud83d\\ude00 \\/ \\b\\f\\n\\r\\t\\"\\\\ \\u0000 \x7f \u2028"}',
    `{"${'k'.repeat(3000)}"\n:\n1}`,
    '{"__proto__": {"x": 1}, "constructor": 2, "a": 1, "a": 2}',
    '{"yes": "no", "a": "*b", "c": "&d", "<<": {"e": 1}, "f": "# g"}',
  ]) {
    const result = read(text);
    assert.ok(result.ok, text);
    assert.deepEqual(plain(result.document.value), JSON.parse(text));
  }
});

test('what is not is refused where it goes wrong, although YAML might take it', () => {
  const cases: [text: string, place: string, message: RegExp][] = [
    ['{"a": [1, 2,]}', '1:12', /no "," before "]"/],
    ['{"a": 1,\n}', '1:8', /no "," before "}"/],
    ["{'a': 1}", '1:2', /double quotes/],
    ['{a: 1}', '1:2', /double quotes/],
    ['{"a": b}', '1:7', /double quotes/],
    ['{"a": 1} x', '1:10', /nothing may follow/],
    ['{"a": 1}\n{"a": 1}', '2:1', /nothing may follow/],
    ['{"a": 1\n"b": 2}', '2:1', /comma/],
    ['{"a" 1}', '1:6', /":"/],
    ['{"a": "b\nc"}', '1:9', /escaped/],
    ['{"a": "b', '1:7', /never closed/],
    ['{"a": "\\x41"}', '1:8', /no escape/],
    ['{"a": 01}', '1:8', /"," or "}"/],
    ['{"a": +1}', '1:7', /a value is expected/],
    ['{// no comments\n"a": 1}', '1:2', /double quotes/],
    [`{"a":${'['.repeat(5000)}`, '1:1005', /deep/],
  ];
  for (const [text, place, message] of cases) {
    const result = read(text);
    assert.ok(!result.ok, text.slice(0, 40));
    assert.deepEqual(
      [`${result.line}:${result.column}`, message.test(result.message)],
      [place, true],
      result.message,
    );
  }
});

test('a number counts as it is written: 5.0 is no integer in JSON, and is one in YAML', () => {
  const json = (grace: string, cpu: string) =>
    `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"terminationGracePeriodSeconds":${grace},"containers":[{"name":"a","image":"b","resources":{"limits":{"cpu":${cpu}}}}]}}`;
  const verdictOf = (text: string) => decodeManifest(Buffer.from(text), where);
  assert.equal(verdictOf(json('5', '1')).accepted, true);
  assert.equal(verdictOf(`---\n${json('5.0', '1')}`).accepted, true);
  for (const grace of ['5.0', '5e0', '1e2']) {
    const { errors } = verdictOf(json(grace, '1'));
    assert.deepEqual(
      errors.map(({ field, type, column }) => [field, type, column]),
      [['spec.terminationGracePeriodSeconds', 'Type error', 97]],
      grace,
    );
  }
  const cpuOf = (cpu: string) =>
    verdictOf(json('5', cpu)).staticPod?.pod.spec?.containers[0]?.resources?.limits?.cpu;
  assert.deepEqual(['0.5', '1.0', '1e3', '2'].map(cpuOf), ['500m', '1', '1e3', '2']);
});

test('bytes that are no UTF-8 are replacement characters in JSON, and no text in YAML', () => {
  const bad = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xe9]), Buffer.from('"}')]);
  const result = readDocument(bad);
  assert.ok(result.ok);
  assert.deepEqual(plain(result.document.value), { a: '\ufffd' });
  assert.equal(readDocument(Buffer.concat([Buffer.from('a: '), Buffer.from([0xe9])])).ok, false);
});
