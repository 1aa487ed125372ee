// `$(NAME)` and `$$` in a text of a manifest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand, expandStrictly } from '../../src/kubernetes/expansion.ts';

const values = new Map([
  ['A', 'a'],
  ['B', '$(A)'],
  ['', 'empty'],
  ['VAR_EMPTY', ''],
  ['a b', 'blank'],
]);
for (const [text, expected] of [
  ['', ''],
  ['$(A)', 'a'],
  ['x$(A)y$(A)', 'xaya'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$a'],
  ['$$$$(A)', '$$(A)'],
  ['$$$$$(A)', '$$a'],
  ['$(B)', '$(A)'],
  ['$(C)', '$(C)'],
  ['$(VAR_EMPTY)', ''],
  ['$()', 'empty'],
  ['$(a b)', 'blank'],
  ['$(A', '$(A'],
  ['$$(A', '$(A'],
  ['$(', '$('],
  ['$($$', '$($'],
  ['$($(A)', '$($(A)'],
  ['$A', '$A'],
  ['$Ax$(A)', '$Axa'],
  ['$[A]', '$[A]'],
  ['$é$(A)', '$éa'],
  ['$', '$'],
  ['$$', '$'],
  ['$(A)$', 'a$'],
  ['$(C$(A))', '$(C$(A))'],
  ['(A)', '(A)'],
  ['$(A)\n$(A)', 'a\na'],
]) {
  test(`${JSON.stringify(text)} becomes ${JSON.stringify(expected)}`, () =>
    assert.equal(expand(text ?? '', values), expected));
}

test('where every name must have a value, an empty one is none, and those without are named in order', () => {
  assert.deepEqual(expandStrictly('$(A)/$$x', values), { text: 'a/$x', missing: [] });
  assert.deepEqual(expandStrictly('$(Z)$(C)$(VAR_EMPTY)$(A)$(C)', values).missing, ['C', 'VAR_EMPTY', 'Z']);
});
