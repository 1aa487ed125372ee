import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { temporary, watched } from './scene.ts';

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
