// What is committed in generated/ is what the generator makes of the installed client: nobody edits it by hand.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generated } from '../../src/kubernetes/generate.ts';
import { FIELDS } from '../../src/kubernetes/generated/fields.ts';
import { modelNamed } from '../../src/kubernetes/schema.ts';
import { KEPT_AT_ZERO, POINTERS_WRITTEN_ALWAYS, WRITTEN_ALWAYS } from '../../src/kubernetes/zero-values.ts';

for (const [file, text] of Object.entries(generated))
  test(`generated/${file} is up to date`, () => {
    assert.equal(
      readFileSync(join(import.meta.dirname, '../../src/kubernetes/generated', file), 'utf8'),
      text,
    );
  });

test('every type in the field table is understood', () => {
  for (const model of Object.keys(FIELDS)) assert.equal(modelNamed(model).name, model);
});

test('what is said about zero values is said about fields that exist', () => {
  for (const id of [...KEPT_AT_ZERO, ...WRITTEN_ALWAYS, ...POINTERS_WRITTEN_ALWAYS]) {
    const [model = '', field = ''] = id.split('.');
    assert.ok(FIELDS[model]?.[field] !== undefined, id);
  }
});
