// Texts in quotes as Go writes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goQuote } from '../../src/kubernetes/go-quote.ts';

for (const [text, quoted] of [
  ['', '""'],
  ['plain text', '"plain text"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\n\t\r\v\f\b\x07', '"\\n\\t\\r\\v\\f\\b\\a"'],
  ['\x00\x1b\x7f', '"\\x00\\x1b\\x7f"'],
  ['é中🌍', '"é中🌍"'],
  ['\u00a0\u0080\u200b\ufeff', '"\\u00a0\\u0080\\u200b\\ufeff"'],
  ['\u{e0001}', '"\\U000e0001"'],
] as const) {
  test(`${JSON.stringify(text)} is ${quoted}`, () => assert.equal(goQuote(text), quoted));
}
