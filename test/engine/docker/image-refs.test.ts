// How observations come to name their images, with one question for each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImageRefs } from '../../../src/engine/docker/image-refs.ts';

const status = (id: string) => ({ id, ref: `app@${id}`, user: '', stopSignal: 'SIGTERM' });

function asking(answers: (name: string) => boolean = () => true) {
  const asked: string[] = [];
  const refs = new ImageRefs(async (name) => {
    asked.push(name);
    return answers(name) ? status(name === 'app:1' ? 'sha256:1' : name) : undefined;
  });
  return { asked, refs };
}

test('a name is asked about once, and its id is known from then on', async () => {
  const { asked, refs } = asking();
  await Promise.all([refs.prime(['app:1', 'app:1']), refs.prime(['app:1'])]);
  assert.equal(refs.of('sha256:1'), 'app@sha256:1');
  await refs.prime(['sha256:1']);
  assert.deepEqual(asked, ['app:1']);
});

test('an id that nobody has asked about is shown as it is, and known the next time', async () => {
  const { refs } = asking();
  assert.equal(refs.of('sha256:2'), 'sha256:2');
  await refs.prime(['sha256:2']);
  assert.equal(refs.of('sha256:2'), 'app@sha256:2');
});

test('what is not here is asked about again', async () => {
  let isHere = false;
  const { asked, refs } = asking(() => isHere);
  await refs.prime(['app:1']);
  isHere = true;
  await refs.prime(['app:1']);
  assert.equal(refs.of('sha256:1'), 'app@sha256:1');
  assert.equal(asked.length, 2);
});
