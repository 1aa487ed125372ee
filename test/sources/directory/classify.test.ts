import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classifyName } from '../../../src/sources/directory/classify.ts';

describe('classifyName', () => {
  for (const name of [
    'web.yaml',
    'web.yml',
    'web.json',
    'web',
    'a b\nc',
    'tmp.yaml',
    'x~y',
    '#x',
    'bak',
    'é',
  ])
    it(`takes ${JSON.stringify(name)} for a manifest`, () => {
      assert.equal(classifyName(name).kind, 'manifest');
    });

  for (const name of ['.web.yaml', '..data', '.#web.yaml', '.web.yaml.swp', '.'])
    it(`does not consider ${name}`, () => {
      assert.equal(classifyName(name).kind, 'hidden');
    });

  for (const name of [
    'web.yaml~',
    '#web.yaml#',
    'web.yaml.swp',
    'web.yaml.swx',
    'web.yaml.tmp',
    'web.yaml.bak',
    'web.yaml.BAK',
    'web.yaml.orig',
    'web.yaml.rej',
    'web.yaml.dpkg-old',
    'web.yaml.rpmsave',
  ])
    it(`ignores ${name}, and says why`, () => {
      const named = classifyName(name);
      assert.equal(named.kind, 'ignored');
      assert.match(named.kind === 'ignored' ? named.reason : '', /^not read: by its name /);
    });
});
