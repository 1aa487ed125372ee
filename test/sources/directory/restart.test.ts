import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { staticPod } from '../toy-decoder.ts';
import { opened, temporary, watched } from './scene.ts';

const limit = { timeout: 20_000 };

describe('a directory source after a restart', limit, () => {
  it('keeps what was last good of a file that is invalid now', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'nonsense');
    const { table } = await watched(test, dir, { lastGood: [staticPod(file, 'web', 'one')] });
    assert.equal(table.updates[0]?.changed[0]?.state, 'kept');
    assert.equal(table.image(file), 'one');
    assert.match(table.entries.get(file)?.reason ?? '', /nonsense/);
  });

  it('removes in its first update what is gone', async (test) => {
    const dir = temporary(test);
    const gone = join(dir, 'gone.yaml');
    const { table } = await watched(test, dir, { lastGood: [staticPod(gone, 'gone', 'one')] });
    assert.deepEqual(table.updates[0]?.removed, [gone]);
    assert.deepEqual(table.updates[0]?.changed, []);
  });

  it('tells an unchanged Pod exactly as it was', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const before = staticPod(file, 'web', 'one', '2020-01-01T00:00:00Z');
    const { table } = await watched(test, dir, { lastGood: [before] });
    assert.equal(table.state(file), 'accepted');
    assert.deepEqual(table.entries.get(file)?.staticPod, before);
  });

  it('tells a Pod that was edited meanwhile as a new one', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web two');
    const before = staticPod(file, 'web', 'one', '2020-01-01T00:00:00Z');
    const { table } = await watched(test, dir, { lastGood: [before] });
    const after = table.entries.get(file)?.staticPod;
    assert.notEqual(after?.uid, before.uid);
    const seen = (pod = before.pod) => pod.metadata?.annotations?.['kubernetes.io/config.seen'];
    assert.notEqual(seen(after?.pod), seen());
  });

  it('keeps everything while the directory is missing, and compares when it is back', async (test) => {
    const dir = join(temporary(test), 'manifests');
    const [same, edited, gone] = ['same', 'edited', 'gone'].map((name) => join(dir, `${name}.yaml`)) as [
      string,
      string,
      string,
    ];
    const lastGood = [same, edited, gone].map((file, i) => staticPod(file, `p${i}`, 'one'));
    const { table } = await watched(test, dir, { lastGood });
    assert.match(table.unreadable ?? '', /is gone/);
    assert.deepEqual(
      [...table.entries.values()].map(({ state }) => state),
      ['kept', 'kept', 'kept'],
    );
    mkdirSync(dir);
    writeFileSync(same, 'pod p0 one');
    writeFileSync(edited, 'pod p1 two');
    await table.until(() => table.image(edited) === 'two' && table.everRemoved(gone));
    assert.equal(table.unreadable, undefined);
    assert.equal(table.state(same), 'accepted');
    assert.equal(table.entries.get(same)?.staticPod?.uid, lastGood[0]?.uid);
  });

  it('does not wait for a decoder that is stuck for its first update', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web two');
    const { table, source, decoder } = opened(test, dir, {
      lastGood: [staticPod(file, 'web', 'one')],
      stuckMs: 50,
    });
    let open = () => {};
    decoder.gate = new Promise((resolve) => {
      open = resolve;
    });
    await source.start();
    assert.equal(table.state(file), 'kept');
    assert.equal(table.image(file), 'one');
    open();
    await table.until(() => table.image(file) === 'two');
  });
});
