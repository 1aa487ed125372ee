import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import { ConfigWatch } from '../../src/supervisor/config-watch.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { accepted, start, startWith, text, write } from '../config/kubelet/files.ts';

/** Timers are due as soon as nothing else is. */
const clock: Clock = {
  now: () => 0,
  after(_delayMs, callback) {
    const handle = setImmediate(callback);
    return { cancel: () => clearImmediate(handle) };
  },
  random: () => 0.5,
};

let watch: ConfigWatch | undefined;
afterEach(() => watch?.close());

/** Whole at once: nobody sees half of it. */
function replace(path: string, keys: string): void {
  write(`${path}~`, text(keys));
  renameSync(`${path}~`, path);
}

type Given = Pick<Awaited<ReturnType<typeof accepted>>, 'options' | 'config'>;

/** `said`: the log's next line. */
function watchOver({ options, config }: Given) {
  const lines = new EventEmitter();
  const write = (line: string) => void lines.emit('line', line);
  const log = createLog({ format: 'text', verbosity: 0, write, now: clock.now });
  watch = new ConfigWatch({ running: options, config, clock, log });
  const watched = watch;
  return {
    notice: () => watched.notice(),
    async said(change: () => void): Promise<string> {
      const next = once(lines, 'line');
      change();
      return (await next)[0];
    },
  };
}

const base = 'staticPodPath: /m\nmaxPods: 10\n';

test('a change is said with the old value and the new, until it is reverted', async () => {
  const given = await accepted({ 'config.yaml': base });
  const { said, notice } = watchOver(given);
  const set = (keys: string) => () => replace(given.path('config.yaml'), keys);
  const line = await said(set('staticPodPath: /m\nmaxPods: 20\nfileCheckFrequency: 1m\n'));
  assert.match(line, /WARN .*restart.*fileCheckFrequency from 20s to 1m0s, maxPods from 10 to 20/);
  assert.match(notice() ?? '', /maxPods from 10 to 20/);
  assert.match(
    await said(set('maxPods: ten\n')),
    /WARN .*is broken.*config\.yaml:3:1: maxPods: text is here/,
  );
  assert.match(notice() ?? '', /is broken/);
  assert.match(await said(set(base)), /INFO .*again what monopod runs with/);
  assert.equal(notice(), undefined);
});

test('secrets are not said', async () => {
  const keys = 'staticPodURL: http://h/\nstaticPodURLHeader: {Authorization: [old-secret]}';
  const given = await accepted({ 'config.yaml': keys });
  const { said, notice } = watchOver(given);
  const changed =
    'staticPodURL: http://h/?token=new-secret\nstaticPodURLHeader: {Authorization: [new-secret]}';
  const line = await said(() => replace(given.path('config.yaml'), changed));
  assert.match(line, /staticPodURL, staticPodURLHeader/);
  assert.doesNotMatch(`${line}${notice()}`, /secret/);
});

test('drop-ins that come and go, in a directory that comes and goes', async () => {
  const given = await accepted({ 'config.yaml': base, 'conf.d/1.conf': 'clusterDomain: a.b' });
  const { said, notice } = watchOver(given);
  const { path } = given;
  assert.match(await said(() => replace(path('conf.d/2.conf'), 'maxPods: 2')), /maxPods from 10 to 2/);
  mkdirSync(path('aside'));
  assert.match(await said(() => renameSync(path('conf.d'), path('aside/conf.d'))), /broken.*conf\.d: cannot/);
  assert.match(await said(() => renameSync(path('aside/conf.d'), path('conf.d'))), /maxPods from 10 to 2/);
  await said(() => rmSync(path('conf.d/2.conf')));
  assert.equal(notice(), undefined);
  mkdirSync(path('aside/sub'));
  replace(path('aside/sub/3.conf'), 'clusterDomain: c.d');
  await said(() => renameSync(path('aside/sub'), path('conf.d/sub')));
  assert.match(notice() ?? '', /clusterDomain from "a\.b" to "c\.d"/);
});

test('a file behind links is watched where it is, as in a mounted ConfigMap', async () => {
  const { path } = await start({ 'v1/config.yaml': base, 'v2/config.yaml': `${base}clusterDomain: x` });
  symlinkSync('v1', path('..data'));
  symlinkSync('..data/config.yaml', path('config.yaml'));
  const { options, config } = await startWith([`--config=${path('config.yaml')}`]);
  assert.ok(options && config);
  const { said, notice } = watchOver({ options, config });
  symlinkSync('v2', path('..data_tmp'));
  await said(() => renameSync(path('..data_tmp'), path('..data')));
  assert.match(notice() ?? '', /clusterDomain from "" to "x"/);
  await said(() => replace(path('v2/config.yaml'), base));
  assert.equal(notice(), undefined);
});

test('a configuration directory behind a link', async () => {
  const { path } = await start({ 'v1/conf.d/1.conf': base });
  symlinkSync('v1', path('current'));
  const { options, config } = await startWith([
    `--config-dir=${path('current/conf.d')}`,
    `--config=${path('current/conf.d/1.conf')}`,
  ]);
  assert.ok(options && config);
  const { said, notice } = watchOver({ options, config });
  await said(() => replace(path('v1/conf.d/2.conf'), 'maxPods: 3'));
  assert.match(notice() ?? '', /maxPods from 10 to 3/);
});

test('what a flag says is not changed by a file', async () => {
  const given = await accepted({ 'config.yaml': base }, ['--max-pods=5']);
  const { said, notice } = watchOver(given);
  await said(() => replace(given.path('config.yaml'), 'staticPodPath: /n\nmaxPods: 11'));
  assert.match(notice() ?? '', /staticPodPath from "\/m" to "\/n"$/);
});
