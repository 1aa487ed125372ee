import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { DecodePool, type DecodePoolOptions } from '../../src/sources/decode-pool.ts';
import type { Decoded, DecodeFile } from '../../src/sources/decoding.ts';
import { temporary } from './directory/scene.ts';

const filename = join(import.meta.dirname, 'fixtures/fragile-decoder.ts');

function pool(test: TestContext, options: Partial<DecodePoolOptions> = {}): DecodePool {
  const made = new DecodePool({ clock: systemClock, filename, ...options });
  test.after(() => made.close());
  return made;
}

const file = (text: string): DecodeFile => ({
  bytes: new Uint8Array(Buffer.from(text)),
  origin: `/m/${text}`,
  source: 'file',
  nodeName: 'node',
  seenAtMs: 1,
});

const told = (decoded: Decoded[]) =>
  decoded.map(({ verdict, failure }) => failure ?? (verdict?.accepted ? 'accepted' : 'rejected'));

describe('DecodePool', { timeout: 30_000 }, () => {
  it('answers in the order asked', async (test) => {
    const decoder = pool(test);
    decoder.warm();
    assert.deepEqual(told(await decoder.decode(['pod a one', 'what', 'pod b one'].map(file))), [
      'accepted',
      'rejected',
      'accepted',
    ]);
  });

  for (const [fault, what] of [
    ['die', /exited with code: 7/],
    ['throw', /cannot go on/],
    ['eat', /memory/],
    ['hang', /more than 1.5 s/],
  ] as const)
    it(`fails the one file that makes its thread ${fault}, and goes on`, async (test) => {
      const decoder = pool(test, { batchMsMax: 1_500, fileMsMax: 1_500, heapMbMax: 64 });
      const answers = told(await decoder.decode(['pod a one', fault, 'pod b one'].map(file)));
      assert.equal(answers[0], 'accepted');
      assert.match(answers[1] ?? '', what);
      assert.equal(answers[2], 'accepted');
      assert.deepEqual(told(await decoder.decode([file('pod c one')])), ['accepted']);
    });

  it('fails at once while no thread can start, and works when one can', async (test) => {
    const built = join(temporary(test), 'decoder.mjs');
    const decoder = pool(test, { filename: built });
    decoder.warm();
    assert.match(told(await decoder.decode([file('pod a one')]))[0] ?? '', /Cannot find module/);
    writeFileSync(built, `export { default } from ${JSON.stringify(filename)};`);
    assert.deepEqual(told(await decoder.decode([file('pod a one')])), ['accepted']);
  });

  it('does not take the time a file waits for its turn for its own', async (test) => {
    const decoder = pool(test, { batchMsMax: 500, fileMsMax: 1_000 });
    const answers = told(await decoder.decode(['hang', 'hang', 'pod a one', 'hang', 'pod b one'].map(file)));
    assert.deepEqual([answers[2], answers[4]], ['accepted', 'accepted']);
    assert.match(answers[3] ?? '', /more than 1 s/);
  });

  it('ends no thread twice, and starts none, once it is closed', async (test) => {
    const decoder = pool(test);
    const hanging = decoder.decode([file('hang')]);
    await decoder.decode([file('pod a one')]);
    await decoder.close();
    assert.equal(told(await hanging).length, 1);
    assert.match(told(await decoder.decode([file('pod b one')]))[0] ?? '', /stopping/);
  });
});
