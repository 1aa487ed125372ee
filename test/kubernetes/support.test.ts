// The support table knows every field of a Pod manifest, and nothing that is not one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelIn } from '../../src/kubernetes/asked-in-vain.ts';
import { type Model, modelNamed } from '../../src/kubernetes/schema.ts';
import { supportedFields, supportOf } from '../../src/kubernetes/support.ts';

/** All fields that a manifest can set, as far as they are not beneath one that does nothing here. */
function reachable(model: Model, seen = new Set<string>()): Set<string> {
  for (const { name, type } of model.fields.values()) {
    const id = `${model.name}.${name}`;
    if (seen.has(id)) continue;
    seen.add(id);
    const vain = supportOf(model.name, name)?.vain;
    const within = vain && !vain.when && !vain.whenKey ? undefined : modelIn(type);
    if (within) reachable(within, seen);
  }
  return seen;
}

test('every field of a Pod has an entry, and every entry a field that a manifest can set', () => {
  const fields = [...reachable(modelNamed('V1Pod'))];
  assert.ok(fields.length > 200);
  assert.deepEqual(supportedFields().toSorted(), fields.toSorted());
});

test('whatever is not simply supported says why', () => {
  for (const id of supportedFields()) {
    const [model = '', field = ''] = id.split('.');
    const vain = supportOf(model, field)?.vain;
    if (vain) assert.match(vain.why, /^.{10,}[^.]$/, id);
    if (vain?.when || vain?.whenKey) assert.ok(vain.which, id);
  }
});
