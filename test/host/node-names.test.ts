// The names that a root directory has served its node under.
import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartupError } from '../../src/config/startup-error.ts';
import { formerNodeNames } from '../../src/host/node-names.ts';
import { freshDirectory } from '../fresh-directory.ts';

let root = '';
freshDirectory((path) => {
  root = path;
});

test('each name but the present one, the latest last, also when one comes back', () => {
  const named = (name: string) => formerNodeNames(root, name);
  assert.deepEqual([named('a'), named('a')], [[], []]);
  assert.deepEqual([named('b'), named('c'), named('a')], [['a'], ['a', 'b'], ['b', 'c']]);
  assert.equal(statSync(join(root, 'node-names')).mode & 0o777, 0o600);
});

test('no more than a few; a file that is no list of names, or none, is a first start', () => {
  for (let at = 0; at < 40; at++) formerNodeNames(root, `n${at}`);
  assert.deepEqual(formerNodeNames(root, 'x').length, 16);
  assert.ok(formerNodeNames(root, 'y').includes('x'));
  writeFileSync(join(root, 'node-names'), '');
  assert.deepEqual(formerNodeNames(root, 'y'), []);
});

test('a name that cannot be kept is an error: without it a change of name would leave Pods behind', () => {
  mkdirSync(join(root, 'node-names'));
  assert.throws(() => formerNodeNames(root, 'a'), StartupError);
});
