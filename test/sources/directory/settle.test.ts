import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pendingMsMax, Settle, type Settled } from '../../../src/sources/directory/settle.ts';
import { FakeClock } from '../fake-clock.ts';

function settling() {
  const clock = new FakeClock();
  const batches: Settled[][] = [];
  const settle = new Settle(clock, (settled) => batches.push(settled));
  const paths = () => batches.map((batch) => batch.map(({ path, gone }) => `${gone ? '-' : '+'}${path}`));
  return { clock, settle, batches, paths };
}

describe('Settle', () => {
  it('gives a changed path out 10 ms after its last event', () => {
    const { clock, settle, paths } = settling();
    settle.note('a', { gone: false });
    clock.advance(7);
    settle.note('a', { gone: false });
    clock.advance(9);
    assert.deepEqual(paths(), []);
    clock.advance(1);
    assert.deepEqual(paths(), [['+a']]);
    clock.advance(1000);
    assert.deepEqual(paths(), [['+a']]);
  });

  it('gives a removed path out after 5 ms', () => {
    const { clock, settle, paths } = settling();
    settle.note('a', { gone: true });
    clock.advance(4);
    assert.deepEqual(paths(), []);
    clock.advance(1);
    assert.deepEqual(paths(), [['-a']]);
  });

  it('takes a removal that is followed by an addition within milliseconds for a change', () => {
    const { clock, settle, paths } = settling();
    settle.note('a', { gone: true });
    clock.advance(4);
    settle.note('a', { gone: false });
    clock.advance(1000);
    assert.deepEqual(paths(), [['+a']]);
  });

  it('does not hold one path up for another', () => {
    const { clock, settle, paths } = settling();
    settle.note('busy', { gone: false });
    settle.note('gone', { gone: true });
    for (let i = 0; i < 10; i++) {
      clock.advance(5);
      settle.note('busy', { gone: false });
    }
    assert.deepEqual(paths(), [['-gone']]);
  });

  it('gives both halves of a rename out together', () => {
    const { clock, settle, paths } = settling();
    settle.note('old', { gone: true, inode: '1:7' });
    settle.note('other', { gone: true, inode: '1:8' });
    settle.note('new', { gone: false, inode: '1:7' });
    clock.advance(1000);
    assert.deepEqual(paths(), [['-other'], ['-old', '+new']]);
  });

  it('looks at a path that is never quiet all the same, in bounded time', () => {
    const { clock, settle, batches } = settling();
    const began = clock.now();
    for (let ms = 0; ms < pendingMsMax + 100; ms += 5) {
      settle.note('a', { gone: false });
      clock.advance(5);
    }
    assert.equal(batches.length, 1);
    assert.equal(batches[0]?.[0]?.firstMs, began);
  });

  it('waits as long as it is told', () => {
    const { clock, settle, paths } = settling();
    settle.note('a', { gone: true }, 1000);
    clock.advance(999);
    assert.deepEqual(paths(), []);
    clock.advance(1);
    assert.deepEqual(paths(), [['-a']]);
  });

  it('does not stall when the wall clock is set back', () => {
    const { clock, settle, paths } = settling();
    settle.note('a', { gone: false });
    clock.set(clock.now() - 3_600_000);
    clock.advance(20);
    assert.deepEqual(paths(), [['+a']]);
  });

  it('gives nothing out for a path that is forgotten, or after it is closed', () => {
    const { clock, settle, paths } = settling();
    settle.note('a', { gone: false });
    settle.note('b', { gone: false });
    settle.forget('a');
    clock.advance(1000);
    settle.note('c', { gone: false });
    settle.close();
    clock.advance(1000);
    assert.deepEqual(paths(), [['+b']]);
  });
});
