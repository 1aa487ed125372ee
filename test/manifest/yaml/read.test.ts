// Reading YAML 1.1 as go-yaml does it for Kubernetes: values, what is refused and where.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentValue } from '../../../src/kubernetes/decode.ts';
import { readDocument } from '../../../src/manifest/read-document.ts';

const plain = (value: DocumentValue): unknown =>
  value instanceof Map
    ? Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
    : Array.isArray(value)
      ? value.map(plain)
      : value;

function read(text: string | Uint8Array): unknown {
  const result = readDocument(typeof text === 'string' ? Buffer.from(text) : text);
  assert.ok(result.ok, result.ok ? '' : `${result.line}:${result.column}: ${result.message}`);
  return plain(result.document.value);
}

function refused(text: string | Uint8Array): string {
  const result = readDocument(typeof text === 'string' ? Buffer.from(text) : text);
  assert.ok(!result.ok, `${JSON.stringify(text)} was read`);
  return `${result.line}:${result.column} ${result.message}`;
}

test('plain scalars are resolved as YAML 1.1, the way go-yaml does', () => {
  const cases: Record<string, unknown> = {
    '0644': 420,
    '0o644': 420,
    '0x1F': 31,
    '0b101': 5,
    '1_000': 1000,
    '08': 8,
    '1e3': 1000,
    '1e999': '1e999',
    '.5': 0.5,
    '-1.': -1,
    '+7': 7,
    '12:30': '12:30',
    '2001-01-01': '2001-01-01',
    '1.2.3': '1.2.3',
    '9007199254740993': 9007199254740993n,
    '18446744073709551615': 18446744073709551615n,
    '99999999999999999999': 1e20,
    yes: true,
    On: true,
    y: true,
    NO: false,
    off: false,
    n: false,
    yEs: 'yEs',
    '~': null,
    Null: null,
    nULL: 'nULL',
    '-': undefined,
    '-a': '-a',
    'a#b': 'a#b',
    'http://x:80/?a=b&c': 'http://x:80/?a=b&c',
  };
  for (const [text, value] of Object.entries(cases))
    if (value !== undefined) assert.deepEqual(read(`a: ${text}`), { a: value }, text);
  assert.deepEqual(read('a: "yes"\nb: \'1\''), { a: 'yes', b: '1' });
});

test('blocks, flush lists, flow collections, folding and chomping', () => {
  assert.deepEqual(read('a:\n- b\n- c: d\n  e: f\ng: [h, {i: j}, k: l]\n'), {
    a: ['b', { c: 'd', e: 'f' }],
    g: ['h', { i: 'j' }, { k: 'l' }],
  });
  assert.deepEqual(read('- - a\n  - b\n-\n  c:\n    d\n'), [['a', 'b'], { c: 'd' }]);
  assert.deepEqual(read("a: b\n  c\n\n  d\ne: \"f\n  g\\\n   h\"\ni: 'j''k'"), {
    a: 'b c\nd',
    e: 'f gh',
    i: "j'k",
  });
  assert.deepEqual(read('a: |\n  b\n   c\n\nd: >-\n  e\n  f\n\n  g\n\nh: |+\n  i\n\n'), {
    a: 'b\n c\n',
    d: 'e f\ng',
    h: 'i\n\n',
  });
  assert.deepEqual(read('? a\n: b\n? c\n'), { a: 'b', c: null });
  assert.deepEqual(read('{"a":{"b":[1,true,null]}}'), { a: { b: [1, true, null] } });
});

test('line ends, byte order marks, comments and empty documents', () => {
  assert.deepEqual(read('a: b\r\nc:\r\n- d\r\n'), { a: 'b', c: ['d'] });
  assert.deepEqual(read('\ufeffa: b'), { a: 'b' });
  assert.deepEqual(read(Buffer.from('\ufeffa: é', 'utf16le')), { a: 'é' });
  assert.deepEqual(read('# a\n\na: b # c\n  # d\n'), { a: 'b' });
  for (const text of ['', '\n', '# a', '---', '---\n---\na: b', '--- ~'])
    assert.equal(read(text), null, text);
});

test('only the first document counts; what else is there is told', () => {
  const result = readDocument(Buffer.from('a: b\n---\nc: [\n'));
  assert.ok(result.ok);
  assert.deepEqual(plain(result.document.value), { a: 'b' });
  assert.deepEqual(
    result.document.notes.map(({ line, message }) => `${line} ${message}`),
    ['3 another document begins here: only the first of a file counts'],
  );
});

test('the last of equal keys counts, and they are told', () => {
  const result = readDocument(Buffer.from('a: 1\nb: 2\na: 3\n'));
  assert.ok(result.ok);
  assert.deepEqual(plain(result.document.value), { a: 3, b: 2 });
  assert.deepEqual(result.document.notes, [
    { kind: 'duplicate', line: 3, column: 1, message: 'the key "a" is here again: the last one counts' },
  ]);
});

test('anchors, aliases, merges and tags', () => {
  assert.deepEqual(read('a: &x {b: c}\nd: *x\ne: {<<: *x, f: g}\n'), {
    a: { b: 'c' },
    d: { b: 'c' },
    e: { b: 'c', f: 'g' },
  });
  assert.deepEqual(read('a: &x\n  b: 1\nc:\n  b: 2\n  <<: [*x, {b: 3, d: 4}]\n'), {
    a: { b: 1 },
    c: { b: 1, d: 4 },
  });
  assert.deepEqual(read('- !!str 5\n- ! "5"\n- !!float 5\n- !!binary cA==\n- !mine x\n- !!int "0x10"'), [
    '5',
    '5',
    5,
    'p',
    'x',
    16,
  ]);
  assert.deepEqual(read('%YAML 1.1\n%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\n'), { a: '1' });
  assert.deepEqual(read('1: a\nyes: b\n1.5: c\n'), { 1: 'a', true: 'b', 1.5: 'c' });
});

test('what cannot be read is refused where it stands', () => {
  const cases: Record<string, string> = {
    'a: b: c': '1:5 a mapping cannot begin here',
    'a: - b': '1:4 a list cannot begin on this line',
    'a:\n  b: c\n d: e': '3:2 a key is expected here: this line is indented too far',
    'a: "b"\n  c: d': '2:3 a key is expected here: this line is indented too far',
    'a:\n\tb: c': '2:1 a tab cannot indent',
    'a: b\nc\nd: e': '2:1 a key is expected here, followed by ": "',
    '- a\nb: c': '2:1 the next item of the list ("-") is expected here',
    'a: b\n- c': '2:1 a key is expected here, not the item of a list',
    'a: "b': '1:4 the quote " is never closed',
    "a: 'b": "1:4 the quote ' is never closed",
    '- a b\n  c: d\n': '1:3 a key is expected here, followed by ": "',
    'a: b\n  c: d\n': '2:3 a key is expected here: this line is indented too far',
    'a: {{ b }}':
      '1:5 a key must be a string, a number or a boolean (is this a template, to be filled in first?)',
    'a: [b\n': '1:4 this "[" is never closed',
    'a: {b: c\nd: e':
      '2:2 "," or "}" is expected here: is the "{" of line 1 never closed, or a comma missing?',
    'a: [b}': '1:6 "," or "]" is expected here',
    'a: "b" c': '1:8 a key is expected here: nothing may follow',
    'a: @b': '1:4 nothing can begin with "@" here',
    'a: *b': '1:4 there is no anchor &b before this',
    'a: &b [*b]': '1:8 the value of the anchor &b contains itself',
    'a: "\\q"': '1:5 \\q is no escape',
    'a: "\\ud83d"': '1:5 \\ud83d is no Unicode character',
    'a: !!int x': '1:10 this is no !!int',
    'a: .inf': '1:4 .inf is no number that JSON can hold',
    '<<: a': '1:5 << merges a map or a list of maps',
    '[a]: b': '1:1 a key must be a string, a number or a boolean',
    'null: b': '1:1 a key must be',
    ': b': '1:1 there is no key before this ":"',
    'a: \x00': '1:4 the character U+0000 is not allowed',
    'a: b\x07': '1:5 the character U+0007 is not allowed',
    'a: |x\n b': '1:5 the text of a block scalar begins on the next line',
    '%YAML 1.2\n---\na: b': '1:1 only YAML 1.1 is read',
  };
  for (const [text, expected] of Object.entries(cases))
    assert.ok(
      refused(text).startsWith(expected),
      `${JSON.stringify(text)}: ${refused(text)}, not ${expected}`,
    );
  assert.match(refused(new Uint8Array([0x61, 0x3a, 0x20, 0xff])), /not UTF-8/);
});

test('depth and aliases are bounded', () => {
  for (const open of ['[', '{a: ', '- ', '? '])
    assert.match(refused(open.repeat(50_000)), /nested more than|cannot begin|quotes/);
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'])
    lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join()}]`);
  assert.match(refused(lines.join('\n')), /excessively large/);
});

test('whole numbers beyond what Go holds are floats if they look like one, else texts', () => {
  const cases: Record<string, unknown> = {
    '0xFFFFFFFFFFFFFFFF': 18446744073709551615n,
    '0x1FFFFFFFFFFFFFFFF': '0x1FFFFFFFFFFFFFFFF',
    '-0x8000000000000000': -9223372036854775808n,
    '-0x8000000000000001': '-0x8000000000000001',
    [`0x${'0'.repeat(90)}1f`]: 31,
    [`0b${'1'.repeat(65)}`]: `0b${'1'.repeat(65)}`,
    '07777777777777777777777': Number('7777777777777777777777'),
    [`0o${'7'.repeat(30)}`]: `0o${'7'.repeat(30)}`,
    [`1${'0'.repeat(100)}`]: 1e100,
    ['9'.repeat(400)]: '9'.repeat(400),
  };
  for (const [text, value] of Object.entries(cases)) assert.deepEqual(read(`a: ${text}`), { a: value }, text);
});

test('a byte order mark takes no column, and behind it stands YAML', () => {
  assert.match(refused('\ufeffa: b: c'), /^1:5 a mapping cannot begin here/);
  assert.match(refused(Buffer.from('\ufeffa: "b', 'utf16le')), /^1:4 the quote " is never closed/);
  assert.deepEqual(read('\ufeff{a: b,}'), { a: 'b' });
});
