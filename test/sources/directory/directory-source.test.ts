import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { staticPod } from '../toy-decoder.ts';
import { opened, temporary, watched } from './scene.ts';

const limit = { timeout: 20_000 };

describe('a directory source', limit, () => {
  it('tells all that is there in one full first update', async (test) => {
    const dir = temporary(test);
    writeFileSync(join(dir, 'a.yaml'), 'pod a one');
    writeFileSync(join(dir, 'b.json'), 'nonsense');
    writeFileSync(join(dir, '.hidden.yaml'), 'pod hidden one');
    writeFileSync(join(dir, 'a.yaml~'), 'pod a old');
    mkdirSync(join(dir, 'sub'));
    writeFileSync(join(dir, 'sub/c.yaml'), 'pod c one');
    const { table, decoder } = await watched(test, dir);
    const [first] = table.updates;
    assert.equal(first?.sourceId, `file:${dir}`);
    assert.deepEqual(
      first?.changed.map(({ origin, state }) => [origin.slice(dir.length + 1), state]).sort(),
      [
        ['a.yaml', 'accepted'],
        ['a.yaml~', 'ignored'],
        ['b.json', 'rejected'],
        ['sub', 'ignored'],
      ],
    );
    assert.deepEqual(decoder.decoded.sort(), [join(dir, 'a.yaml'), join(dir, 'b.json')]);
    assert.match(table.entries.get(join(dir, 'b.json'))?.reason ?? '', /^line 2, column 7: kind: "nonsense"/);
    assert.match(table.entries.get(join(dir, 'sub'))?.reason ?? '', /directory/);
  });

  it('tells an empty directory as a full update of nothing', async (test) => {
    const { table } = await watched(test, temporary(test));
    assert.deepEqual(table.updates[0]?.changed, []);
    assert.equal(table.unreadable, undefined);
  });

  it('sees a file appear, change and go', async (test) => {
    const dir = temporary(test);
    const { table } = await watched(test, dir);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    await table.until(() => table.image(file) === 'one');
    writeFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
    unlinkSync(file);
    await table.until(() => table.everRemoved(file));
    assert.equal(table.entries.size, 0);
  });

  it('says nothing while nothing changes, however often it looks', async (test) => {
    const dir = temporary(test);
    writeFileSync(join(dir, 'web.yaml'), 'pod web one');
    writeFileSync(join(dir, 'bad.yaml'), 'bad');
    const { table, source, decoder } = await watched(test, dir);
    const [updates, decoded] = [table.updates.length, decoder.decoded.length];
    for (let i = 0; i < 3; i++) await source.rescan();
    assert.equal(table.updates.length, updates);
    assert.equal(decoder.decoded.length, decoded);
  });

  it('decodes nothing again for a touch', async (test) => {
    const dir = temporary(test);
    const [file, next] = [join(dir, 'web.yaml'), join(dir, 'next.yaml')];
    writeFileSync(file, 'pod web one');
    const { table, decoder } = await watched(test, dir);
    utimesSync(file, new Date(), new Date(0));
    await new Promise((resolve) => setTimeout(resolve, 5));
    writeFileSync(next, 'pod next one');
    await table.until(() => table.state(next) === 'accepted');
    assert.deepEqual(decoder.decoded, [file, next]);
  });

  it('ends right when a file is written in pieces', async (test) => {
    const dir = temporary(test);
    const { table } = await watched(test, dir);
    const file = join(dir, 'web.yaml');
    const descriptor = openSync(file, 'w');
    for (const piece of ['po', 'd we', 'b tw', 'o']) {
      writeSync(descriptor, piece);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    closeSync(descriptor);
    await table.until(() => table.image(file) === 'two');
  });

  it('keeps the Pod while its file is truncated and rewritten', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, dir);
    truncateSync(file);
    await table.until(() => table.state(file) === 'kept');
    assert.equal(table.image(file), 'one');
    appendFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
    assert.equal(table.everRemoved(file), false);
  });

  it('takes a file renamed over another for a change of that one', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, dir);
    writeFileSync(join(dir, '.web.yaml.new'), 'pod web two');
    renameSync(join(dir, '.web.yaml.new'), file);
    await table.until(() => table.image(file) === 'two');
    assert.equal(table.everRemoved(file), false);
  });

  it('takes a file removed and re-added within milliseconds for a change', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web 0');
    const { table } = await watched(test, dir);
    for (let i = 1; i <= 5; i++) {
      unlinkSync(file);
      writeFileSync(file, `pod web ${i}`);
      await table.until(() => table.image(file) === `${i}`);
    }
    assert.equal(table.everRemoved(file), false);
  });

  it('sees each of many quick removals and additions', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    const { table } = await watched(test, dir);
    for (let i = 1; i <= 5; i++) {
      writeFileSync(file, `pod web ${i}`);
      await table.until(() => table.image(file) === `${i}`);
      unlinkSync(file);
      await table.until(() => table.state(file) === undefined);
    }
  });

  it('tells both ends of a rename in one update', async (test) => {
    const dir = temporary(test);
    const [before, after] = [join(dir, 'before.yaml'), join(dir, 'after.yaml')];
    writeFileSync(before, 'pod web one');
    const { table } = await watched(test, dir);
    renameSync(before, after);
    await table.until(() => table.everRemoved(before));
    const last = table.updates.at(-1);
    assert.deepEqual(last?.removed, [before]);
    assert.deepEqual(
      last?.changed.map(({ origin, state }) => [origin, state]),
      [[after, 'accepted']],
    );
  });

  it('stops the Pod of a file that is renamed to a backup', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, dir);
    renameSync(file, `${file}.bak`);
    await table.until(() => table.everRemoved(file));
    await table.until(() => table.state(`${file}.bak`) === 'ignored');
    assert.equal(table.image(`${file}.bak`), undefined);
  });

  it('keeps the last good version of a file that stops being valid, and says why', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, dir);
    const good = table.entries.get(file)?.staticPod;
    writeFileSync(file, 'pood web two');
    await table.until(() => table.state(file) === 'kept');
    const kept = table.entries.get(file);
    assert.deepEqual(kept?.staticPod, good);
    assert.equal(kept?.errors[0]?.line, 2);
    writeFileSync(file, 'pood web three');
    await table.until(() => /three/.test(table.entries.get(file)?.reason ?? ''));
    assert.equal(table.entries.get(file)?.sinceMs, kept?.sinceMs);
    writeFileSync(file, 'pod web one');
    await table.until(() => table.state(file) === 'accepted');
    assert.deepEqual(table.entries.get(file)?.staticPod, good);
    assert.deepEqual(table.entries.get(file)?.errors, []);
  });

  it('leaves a Pod alone whose file only gets a comment', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, dir);
    const good = table.entries.get(file)?.staticPod;
    writeFileSync(file, 'pod web one #remark');
    await table.until(() => table.entries.get(file)?.warnings.length === 1);
    assert.deepEqual(table.entries.get(file)?.staticPod, good);
  });

  it('keeps the last good version of a file that grows over 10 MiB', async (test) => {
    const dir = temporary(test);
    const [file, never] = [join(dir, 'web.yaml'), join(dir, 'never.yaml')];
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, dir);
    truncateSync(file, 10 * 1024 * 1024 + 1);
    writeFileSync(never, '');
    truncateSync(never, 11 * 1024 * 1024);
    await table.until(
      () => table.state(file) === 'kept' && /MiB/.test(table.entries.get(file)?.reason ?? ''),
    );
    await table.until(() => /MiB/.test(table.entries.get(never)?.reason ?? ''));
    assert.equal(table.image(file), 'one');
    assert.equal(table.state(never), 'rejected');
  });

  it('never opens a pipe, and keeps the Pod whose file one replaces', async (test) => {
    const dir = temporary(test);
    const [file, pipe] = [join(dir, 'web.yaml'), join(dir, 'pipe.yaml')];
    writeFileSync(file, 'pod web one');
    execFileSync('mkfifo', [pipe]);
    const { table } = await watched(test, dir);
    assert.equal(table.state(pipe), 'ignored');
    unlinkSync(file);
    execFileSync('mkfifo', [`${file}.new`]);
    renameSync(`${file}.new`, file);
    await table.until(() => table.state(file) === 'kept');
    assert.match(table.entries.get(file)?.reason ?? '', /pipe/);
  });

  it('reads names with spaces, newlines and bytes that are not UTF-8', async (test) => {
    const dir = temporary(test);
    const odd = join(dir, 'a b\nc.yaml');
    const raw = (name: string) => Buffer.from(join(dir, name), 'latin1');
    writeFileSync(odd, 'pod a one');
    writeFileSync(raw('caf\xe9.yaml'), 'pod cafe one');
    const { table } = await watched(test, dir);
    const cafe = join(dir, 'caf\\xe9.yaml');
    assert.equal(table.image(odd), 'one');
    assert.equal(table.image(cafe), 'one');
    writeFileSync(raw('caf\xe9.yaml'), 'pod cafe two');
    writeFileSync(odd, 'pod a two');
    await table.until(() => table.image(odd) === 'two' && table.image(cafe) === 'two');
    unlinkSync(raw('caf\xe9.yaml'));
    await table.until(() => table.everRemoved(cafe));
  });

  it('finds by its rescan what no event told: a change through another name of the file', async (test) => {
    const [dir, elsewhere] = [temporary(test), temporary(test)];
    const file = join(dir, 'web.yaml');
    writeFileSync(join(elsewhere, 'web'), 'pod web one');
    linkSync(join(elsewhere, 'web'), file);
    const { table, source } = await watched(test, dir);
    assert.equal(table.image(file), 'one');
    writeFileSync(join(elsewhere, 'web'), 'pod web two');
    await source.rescan();
    assert.equal(table.image(file), 'two');
  });

  it('finds a change that leaves size and time of the file as they were', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { mtime } = statSync(file);
    const { table } = await watched(test, dir);
    writeFileSync(file, 'pod web two');
    utimesSync(file, mtime, mtime);
    await table.until(() => table.image(file) === 'two');
  });

  it('drops a verdict that a later look has overtaken', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    const { table, decoder } = await watched(test, dir);
    let open = () => {};
    decoder.gate = new Promise((resolve) => {
      open = resolve;
    });
    writeFileSync(file, 'pod web one');
    const mark = join(dir, 'mark.txt~');
    writeFileSync(mark, '');
    await table.until(() => table.state(mark) === 'ignored');
    unlinkSync(file);
    unlinkSync(mark);
    await table.until(() => table.everRemoved(mark));
    open();
    const last = join(dir, 'last.yaml');
    writeFileSync(last, 'pod last one');
    await table.until(() => table.state(last) === 'accepted');
    assert.equal(table.state(file), undefined);
  });

  it('goes on when the decoder fails at a file, and tries it again a few times', async (test) => {
    const dir = temporary(test);
    const [file, other] = [join(dir, 'web.yaml'), join(dir, 'other.yaml')];
    writeFileSync(file, 'pod web one');
    const { table, source, decoder } = await watched(test, dir);
    decoder.failure = ({ origin }) => (origin === file ? 'decoding it ended the decoder' : undefined);
    writeFileSync(file, 'pod web two');
    writeFileSync(other, 'pod other one');
    await table.until(() => table.state(file) === 'kept' && table.state(other) === 'accepted');
    assert.equal(table.image(file), 'one');
    assert.match(table.entries.get(file)?.reason ?? '', /ended the decoder/);
    for (let i = 0; i < 6; i++) await source.rescan();
    assert.equal(decoder.decoded.filter((origin) => origin === file).length, 4);
    decoder.failure = () => undefined;
    writeFileSync(file, 'pod web three');
    await table.until(() => table.image(file) === 'three');
  });

  it('tries on while no decoder can be started', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    const { table, source, decoder } = await watched(test, dir);
    decoder.fault = 'decoder';
    decoder.failure = () => 'no thread';
    writeFileSync(file, 'pod web one');
    await table.until(() => table.state(file) === 'rejected');
    for (let i = 0; i < 6; i++) await source.rescan();
    assert.equal(table.state(file), 'rejected');
    decoder.failure = () => undefined;
    await source.rescan();
    assert.equal(table.image(file), 'one');
  });

  it('begins decoding threads when a file comes, not when one goes', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table, decoder } = await watched(test, dir);
    const warmed = decoder.warmed;
    unlinkSync(file);
    await table.until(() => table.everRemoved(file));
    assert.equal(decoder.warmed, warmed);
    writeFileSync(file, 'pod web one');
    await table.until(() => table.state(file) === 'accepted');
    assert.ok(decoder.warmed > warmed);
  });
});

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

describe('the directory of a source', limit, () => {
  it('may be named with a slash at its end', async (test) => {
    const dir = temporary(test);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, `${dir}/`);
    assert.equal(table.image(file), 'one');
    writeFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
  });

  it('is seen to go while the decoder is stuck', async (test) => {
    const dir = join(temporary(test), 'manifests');
    mkdirSync(dir);
    const { table, source, decoder } = await watched(test, dir);
    let open = () => {};
    decoder.gate = new Promise((resolve) => {
      open = resolve;
    });
    writeFileSync(join(dir, 'web.yaml'), 'pod web one');
    const judged = source.rescan();
    renameSync(dir, `${dir}.away`);
    await table.until(() => table.unreadable !== undefined);
    open();
    await judged;
  });

  it('is waited for', async (test) => {
    const dir = join(temporary(test), 'etc/kubernetes/manifests');
    const { table } = await watched(test, dir);
    assert.match(table.unreadable ?? '', /does not exist yet/);
    mkdirSync(dir, { recursive: true });
    await table.until(() => table.unreadable === undefined);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    await table.until(() => table.image(file) === 'one');
  });

  it('may be moved away and back: nothing is removed meanwhile', async (test) => {
    const parent = temporary(test);
    const [dir, away] = [join(parent, 'manifests'), join(parent, 'away')];
    mkdirSync(dir);
    const [file, other] = [join(dir, 'web.yaml'), join(dir, 'other.yaml')];
    writeFileSync(file, 'pod web one');
    writeFileSync(other, 'pod other one');
    const { table } = await watched(test, dir);
    renameSync(dir, away);
    await table.until(() => table.unreadable !== undefined);
    assert.match(table.unreadable ?? '', /is gone/);
    writeFileSync(join(away, 'web.yaml'), 'pod web two');
    unlinkSync(join(away, 'other.yaml'));
    renameSync(away, dir);
    await table.until(() => table.image(file) === 'two' && table.unreadable === undefined);
    assert.deepEqual(
      table.updates.filter(({ unreadable }) => unreadable).flatMap(({ removed }) => removed),
      [],
    );
    await table.until(() => table.everRemoved(other));
    writeFileSync(file, 'pod web three');
    await table.until(() => table.image(file) === 'three');
  });

  it('may be removed with all that is in it, and made anew: its Pods stay', async (test) => {
    const dir = join(temporary(test), 'manifests');
    mkdirSync(dir);
    const file = join(dir, 'web.yaml');
    writeFileSync(file, 'pod web one');
    const { table } = await watched(test, dir);
    rmSync(dir, { recursive: true });
    await table.until(() => table.unreadable !== undefined);
    mkdirSync(dir);
    await table.until(() => table.unreadable === undefined);
    writeFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
    assert.equal(table.everRemoved(file), false);
  });

  it('may be replaced by another in one step', async (test) => {
    const parent = temporary(test);
    const [dir, next] = [join(parent, 'manifests'), join(parent, 'next')];
    for (const directory of [dir, next]) mkdirSync(directory);
    writeFileSync(join(dir, 'web.yaml'), 'pod web one');
    writeFileSync(join(dir, 'old.yaml'), 'pod old one');
    writeFileSync(join(next, 'web.yaml'), 'pod web two');
    const { table, source } = await watched(test, dir);
    renameSync(dir, join(parent, 'previous'));
    renameSync(next, dir);
    await source.rescan();
    await table.until(() => table.image(join(dir, 'web.yaml')) === 'two');
    await table.until(() => table.everRemoved(join(dir, 'old.yaml')));
    writeFileSync(join(dir, 'web.yaml'), 'pod web three');
    await table.until(() => table.image(join(dir, 'web.yaml')) === 'three');
  });

  it('may be one file, by whatever name', async (test) => {
    const file = join(temporary(test), 'only.bak');
    writeFileSync(file, 'pod web one');
    writeFileSync(join(file, '../other.yaml'), 'pod other one');
    const { table } = await watched(test, file);
    assert.deepEqual([...table.entries.keys()], [file]);
    writeFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
    unlinkSync(file);
    await table.until(() => table.everRemoved(file));
    writeFileSync(file, 'pod web three');
    await table.until(() => table.image(file) === 'three');
    writeFileSync(join(file, '../other.yaml'), 'pod other two');
    writeFileSync(file, 'pod web four');
    await table.until(() => table.image(file) === 'four');
    assert.deepEqual([...table.entries.keys()], [file]);
  });

  it('may be one file that went while monopod was down', async (test) => {
    const file = join(temporary(test), 'only.yaml');
    const { table } = await watched(test, file, { lastGood: [staticPod(file, 'web', 'one')] });
    assert.deepEqual(table.updates[0]?.removed, [file]);
    writeFileSync(file, 'pod web two');
    await table.until(() => table.image(file) === 'two');
  });

  it('may be a file where a directory is needed on the way', async (test) => {
    const dir = temporary(test);
    writeFileSync(join(dir, 'etc'), '');
    const { table } = await watched(test, join(dir, 'etc/manifests'));
    assert.match(table.unreadable ?? '', /a part of the path is a file/);
    unlinkSync(join(dir, 'etc'));
    mkdirSync(join(dir, 'etc/manifests'), { recursive: true });
    await table.until(() => table.unreadable === undefined);
  });
});
