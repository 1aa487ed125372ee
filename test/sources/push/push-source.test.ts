// The source of pushed manifests on a real directory: what each call answers, what main is told, and what a restart finds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { StaticPod } from '../../../src/manifest/static-pod.ts';
import type { PutOptions } from '../../../src/sources/push/calls.ts';
import { PushSource } from '../../../src/sources/push/push-source.ts';
import { Table, temporary } from '../directory/scene.ts';
import { FakeClock } from '../fake-clock.ts';
import { staticPod, ToyDecoder } from '../toy-decoder.ts';

const plain: PutOptions = { dryRun: false, fieldValidation: 'Warn', describe: false };
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

async function opened(test: TestContext, directory: string, lastGood: StaticPod[] = []) {
  const table = new Table();
  const decoder = new ToyDecoder();
  const clock = new FakeClock();
  const source = new PushSource({
    directory,
    nodeName: 'node',
    lastGood,
    clock,
    decoder,
    post: (update) => table.take(structuredClone(update)),
  });
  test.after(() => source.stop());
  await source.start();
  const put = (name: string, text: string, options: Partial<PutOptions> = {}) =>
    source.put(name, bytes(text), { ...plain, ...options });
  return { source, table, decoder, clock, put };
}

const fresh = (test: TestContext) => {
  const directory = join(temporary(test), 'pushed');
  return { directory, file: (name: string) => join(directory, name) };
};

describe('the source of pushed manifests', { timeout: 20_000 }, () => {
  it('has its directory for itself, and tells at once that there is nothing', async (test) => {
    const { directory } = fresh(test);
    const { table } = await opened(test, directory);
    assert.deepEqual(table.updates, [{ sourceId: 'push', full: true, changed: [], removed: [] }]);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
  });

  it('has written a manifest, for itself alone, and told main before it answers', async (test) => {
    const { directory, file } = fresh(test);
    const { table, put } = await opened(test, directory);
    const answer = await put('web', 'pod web image:1');
    assert.equal(answer.outcome, 'created');
    assert.equal(readFileSync(file('web'), 'utf8'), 'pod web image:1');
    assert.equal(statSync(file('web')).mode & 0o777, 0o600);
    assert.equal(table.state('push:web'), 'accepted');
    assert.equal(table.image('push:web'), 'image:1');
    assert.deepEqual(readdirSync(directory), ['web']);
  });

  it('tells a change from the same again, by content', async (test) => {
    const { directory, file } = fresh(test);
    const { table, put } = await opened(test, directory);
    const first = await put('web', 'pod web image:1');
    const written = statSync(file('web'), { bigint: true });
    const updates = table.updates.length;
    const same = await put('web', 'pod web image:1');
    assert.equal(same.outcome, 'unchanged');
    assert.equal(table.updates.length, updates);
    assert.equal(statSync(file('web'), { bigint: true }).mtimeNs, written.mtimeNs);
    const second = await put('web', 'pod web image:2');
    assert.equal(second.outcome, 'changed');
    assert.ok('tag' in first && 'tag' in same && 'tag' in second);
    assert.equal(first.tag, same.tag);
    assert.notEqual(first.tag, second.tag);
    assert.equal(table.image('push:web'), 'image:2');
  });

  it('answers what it refuses; of a new name nothing is kept, of a known one the last good version', async (test) => {
    const { directory, file } = fresh(test);
    const { table, put } = await opened(test, directory);
    const none = await put('web', 'nonsense');
    assert.equal(none.outcome, 'rejected');
    assert.ok('verdict' in none && none.verdict.errors.length === 1 && none.tag === undefined);
    assert.equal(table.entries.size, 0);
    assert.deepEqual(readdirSync(directory), []);
    const good = await put('web', 'pod web image:1');
    const bad = await put('web', 'nonsense');
    assert.ok('tag' in good && 'tag' in bad);
    assert.equal(bad.outcome, 'rejected');
    assert.equal(bad.tag, good.tag);
    assert.equal(table.state('push:web'), 'kept');
    assert.equal(table.entries.get('push:web')?.errors.length, 1);
    assert.equal(table.image('push:web'), 'image:1');
    assert.equal(readFileSync(file('web'), 'utf8'), 'pod web image:1');
    assert.equal((await put('web', 'pod web image:1')).outcome, 'unchanged');
    assert.equal(table.state('push:web'), 'accepted');
  });

  it('changes nothing, on disk or in main, in a dry run', async (test) => {
    const { directory } = fresh(test);
    const { source, table, put } = await opened(test, directory);
    assert.equal((await put('web', 'pod web image:1', { dryRun: true })).outcome, 'created');
    assert.deepEqual(readdirSync(directory), []);
    await put('web', 'pod web image:1');
    const updates = table.updates.length;
    assert.equal((await put('web', 'pod web image:2', { dryRun: true })).outcome, 'changed');
    assert.equal((await put('web', 'nonsense', { dryRun: true })).outcome, 'rejected');
    assert.equal((await source.remove('web', { dryRun: true })).outcome, 'removed');
    assert.equal(table.updates.length, updates);
    const got = await source.get('web');
    assert.ok(got.outcome === 'found');
    assert.equal(Buffer.from(got.bytes).toString(), 'pod web image:1');
  });

  it('holds unknown fields to the measure that is asked for', async (test) => {
    const { table, put } = await opened(test, fresh(test).directory);
    const text = 'pod web image:1 # no such field';
    const strict = await put('web', text, { fieldValidation: 'Strict' });
    assert.ok(strict.outcome === 'rejected' && strict.verdict.errors[0]?.message === ' no such field');
    assert.equal(table.entries.size, 0);
    const ignored = await put('web', text, { fieldValidation: 'Ignore' });
    assert.ok(ignored.outcome === 'created' && ignored.verdict.warnings.length === 0);
    assert.equal(table.entries.get('push:web')?.warnings.length, 1);
  });

  it('removes', async (test) => {
    const { directory } = fresh(test);
    const { source, table, put } = await opened(test, directory);
    assert.equal((await source.remove('web', { dryRun: false })).outcome, 'absent');
    await put('web', 'pod web image:1');
    assert.equal((await source.remove('web', { dryRun: false })).outcome, 'removed');
    assert.ok(table.everRemoved('push:web'));
    assert.deepEqual(readdirSync(directory), []);
    assert.equal((await source.get('web')).outcome, 'absent');
    assert.equal((await put('web', 'pod web image:1')).outcome, 'created');
  });

  it('writes only over what the writer has seen', async (test) => {
    const { source, put } = await opened(test, fresh(test).directory);
    assert.equal((await put('web', 'pod web image:1', { ifMatch: '*' })).outcome, 'changed-meanwhile');
    const first = await put('web', 'pod web image:1', { ifNoneMatch: '*' });
    assert.ok(first.outcome === 'created' && first.tag !== undefined);
    assert.equal((await put('web', 'pod web image:2', { ifNoneMatch: '*' })).outcome, 'changed-meanwhile');
    const both = await Promise.all([
      put('web', 'pod web image:2', { ifMatch: [first.tag] }),
      put('web', 'pod web image:3', { ifMatch: [first.tag] }),
    ]);
    assert.deepEqual(
      both.map(({ outcome }) => outcome),
      ['changed', 'changed-meanwhile'],
    );
    const removal = await source.remove('web', { dryRun: false, ifMatch: [first.tag] });
    assert.equal(removal.outcome, 'changed-meanwhile');
  });

  it('takes pushes of one name in order, and those of others meanwhile', async (test) => {
    const { directory, file } = fresh(test);
    const { decoder, table, put } = await opened(test, directory);
    let open: () => void = () => undefined;
    decoder.gate = new Promise((resolve) => {
      open = resolve;
    });
    const pushes = [1, 2, 3].map((version) => put('web', `pod web image:${version}`));
    decoder.gate = Promise.resolve();
    await Promise.race([put('api', 'pod api image:9'), ...pushes]);
    // Each begins when the one before it has ended, so that only the first waits at the gate.
    open();
    const outcomes = (await Promise.all(pushes)).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ['created', 'changed', 'changed']);
    assert.equal(readFileSync(file('web'), 'utf8'), 'pod web image:3');
    assert.equal(table.image('push:web'), 'image:3');
    assert.equal(table.image('push:api'), 'image:9');
  });

  it('is clean after many pushes and removals at once', async (test) => {
    const { directory } = fresh(test);
    const { source, table, put } = await opened(test, directory);
    const names = Array.from({ length: 20 }, (_, at) => `pod-${at}`);
    await Promise.all(
      names.flatMap((name) => [
        put(name, `pod ${name} image:1`),
        source.remove(name, { dryRun: false }),
        put(name, `pod ${name} image:2`),
      ]),
    );
    assert.deepEqual(readdirSync(directory).sort(), names.toSorted());
    for (const name of names) assert.equal(table.image(`push:${name}`), 'image:2');
  });
});

describe('a restart', { timeout: 20_000 }, () => {
  it('knows all that was pushed, and as the same Pods', async (test) => {
    const { directory } = fresh(test);
    const before = await opened(test, directory);
    for (let at = 0; at < 40; at++) await before.put(`pod-${at}`, `pod pod-${at} image:1`);
    const lastGood = [...before.table.entries.values()].flatMap((entry) => entry.staticPod ?? []);
    await before.source.stop();
    for (const known of [lastGood, []]) {
      const after = await opened(test, directory, known);
      assert.equal(after.table.updates.length, 1);
      assert.equal(after.table.updates[0]?.full, true);
      assert.deepEqual(
        [...after.table.entries.values()].map((entry) => entry.staticPod?.uid).sort(),
        lastGood.map(({ uid }) => uid).sort(),
      );
      assert.equal((await after.put('pod-0', 'pod pod-0 image:1')).outcome, 'unchanged');
      await after.source.stop();
    }
  });

  it('does not know what was removed just before it', async (test) => {
    const { directory } = fresh(test);
    const before = await opened(test, directory);
    await before.put('web', 'pod web image:1');
    const lastGood = before.table.entries.get('push:web')?.staticPod;
    assert.ok(lastGood);
    await before.source.stop();
    rmSync(join(directory, 'web'));
    const { table } = await opened(test, directory, [lastGood]);
    assert.equal(table.entries.size, 0);
  });

  it('keeps the last good version of what is damaged, tells of it, and lets it be replaced', async (test) => {
    const { directory, file } = fresh(test);
    mkdirSync(directory);
    writeFileSync(file('web'), 'p\0d');
    writeFileSync(file('lost'), 'nothing that is one');
    mkdirSync(file('folder'));
    writeFileSync(file('Not_A_Name'), 'pod x image:1');
    const last = staticPod('push:web', 'web', 'image:1');
    const { source, table, put } = await opened(test, directory, [last]);
    assert.equal(table.state('push:web'), 'kept');
    assert.deepEqual(table.entries.get('push:web')?.staticPod, last);
    assert.equal(table.state('push:lost'), 'rejected');
    assert.equal(table.state('push:folder'), 'ignored');
    assert.equal(table.state('push:Not_A_Name'), 'ignored');
    assert.equal((await put('web', 'pod web image:2')).outcome, 'changed');
    assert.equal(table.image('push:web'), 'image:2');
    assert.equal((await source.remove('lost', { dryRun: false })).outcome, 'removed');
    assert.equal((await source.get('folder')).outcome, 'unavailable');
  });

  it('follows no link that stands where a manifest was pushed, when it writes', async (test) => {
    const { directory, file } = fresh(test);
    const elsewhere = join(temporary(test), 'victim');
    writeFileSync(elsewhere, 'as it was');
    mkdirSync(directory);
    symlinkSync(elsewhere, file('web'));
    const { put } = await opened(test, directory);
    await put('web', 'pod web image:1');
    assert.equal(readFileSync(elsewhere, 'utf8'), 'as it was');
    assert.equal(readFileSync(file('web'), 'utf8'), 'pod web image:1');
  });

  it('clears away what a crash left half-written, and closes what stands open', async (test) => {
    const { directory } = fresh(test);
    mkdirSync(directory);
    chmodSync(directory, 0o755);
    writeFileSync(join(directory, '.partial-1'), 'pod half');
    writeFileSync(join(directory, 'web'), 'pod web image:1');
    const { table, put } = await opened(test, directory);
    assert.deepEqual([...table.entries.keys()], ['push:web']);
    assert.deepEqual(readdirSync(directory), ['web']);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.equal((await put('api', 'pod api image:1')).outcome, 'created');
  });

  it('tries again what the decoder could not be started for', async (test) => {
    const { directory } = fresh(test);
    mkdirSync(directory);
    writeFileSync(join(directory, 'web'), 'pod web image:1');
    const { source, table, decoder, clock } = await opened(test, directory, [
      staticPod('push:web', 'web', 'image:1'),
    ]);
    assert.equal(table.state('push:web'), 'accepted');
    decoder.failure = () => 'no thread';
    decoder.fault = 'decoder';
    await source.rescan();
    assert.equal(table.state('push:web'), 'kept');
    decoder.failure = () => undefined;
    clock.advance(20_000);
    await table.until(() => table.state('push:web') === 'accepted');
  });
});

/** A directory that is a mount of its own; both are gone after the test. */
function mounted(test: TestContext, options: (path: string) => string[]): string {
  const path = mkdtempSync(join(tmpdir(), 'monopod-pushed-'));
  execFileSync('mount', options(path));
  test.after(() => {
    execFileSync('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  });
  return path;
}

describe('a disk that does not do', { timeout: 20_000 }, () => {
  it('is full: nothing has changed, and there is room again later', async (test) => {
    const mount = mounted(test, (path) => ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'none', path]);
    const { source, table, put } = await opened(test, join(mount, 'pushed'));
    await put('web', 'pod web image:1');
    writeFileSync(join(mount, 'ballast'), Buffer.alloc(48 * 1024));
    const large = `pod web image:2 #${'x'.repeat(32 * 1024)}`;
    const full = await put('web', large);
    assert.equal(full.outcome, 'full');
    assert.equal((await put('other', large)).outcome, 'full');
    assert.deepEqual(readdirSync(join(mount, 'pushed')), ['web']);
    assert.equal(readFileSync(join(mount, 'pushed/web'), 'utf8'), 'pod web image:1');
    assert.equal(table.image('push:web'), 'image:1');
    assert.equal(table.state('push:web'), 'accepted');
    rmSync(join(mount, 'ballast'));
    assert.equal((await put('web', large)).outcome, 'changed');
    assert.equal((await source.get('web')).outcome, 'found');
  });

  it('is gone: all runs on, no push is taken, and an empty directory is believed', async (test) => {
    const { directory } = fresh(test);
    const { source, table, clock, put } = await opened(test, directory, [
      staticPod('push:web', 'web', 'image:1'),
    ]);
    assert.match(table.unreadable ?? '', /is gone/);
    assert.equal(table.state('push:web'), 'kept');
    assert.equal((await put('web', 'pod web image:2')).outcome, 'unavailable');
    assert.equal((await source.remove('web', { dryRun: false })).outcome, 'unavailable');
    assert.equal((await source.get('web')).outcome, 'unavailable');
    assert.ok(!existsSync(directory));
    mkdirSync(directory);
    clock.advance(20_000);
    await table.until(() => table.unreadable === undefined && table.entries.size === 0);
    assert.equal((await put('web', 'pod web image:2')).outcome, 'created');
  });

  it('is read-only: the push fails, and what is there is as it was', async (test) => {
    const directory = mounted(test, (path) => ['--bind', path, path]);
    const { source, table, put } = await opened(test, directory);
    await put('web', 'pod web image:1');
    execFileSync('mount', ['-o', 'remount,bind,ro', directory]);
    assert.equal((await put('web', 'pod web image:2')).outcome, 'unavailable');
    assert.equal((await source.remove('web', { dryRun: false })).outcome, 'unavailable');
    await source.rescan();
    assert.equal(table.image('push:web'), 'image:1');
    assert.equal(readFileSync(join(directory, 'web'), 'utf8'), 'pod web image:1');
  });
});
