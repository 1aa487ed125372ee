import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { accepted, refused, start, startWith, text, write } from './files.ts';

const base = 'staticPodPath: /m\n';

test('drop-ins come in the order of their names, whatever is in sub-directories in its directory’s place', async () => {
  const { options } = await accepted({
    'config.yaml': `${base}maxPods: 1\nclusterDomain: base`,
    'conf.d/20-b.conf': 'maxPods: 3\nhealthzPort: 3',
    'conf.d/10-a.conf': 'maxPods: 2\nhealthzPort: 2\ncontainerLogMaxFiles: 2',
    'conf.d/15-more/z.conf': 'healthzPort: 15\ncontainerLogMaxFiles: 15',
    'conf.d/30.yaml': 'maxPods: 99',
    'conf.d/40.conf.bak': 'maxPods: x',
  });
  assert.deepEqual(
    [options.maxPods, options.healthzPort, options.containerLogMaxFiles, options.clusterDomain],
    [3, 3, 15, 'base'],
  );
});

test('maps are merged key by key, lists replaced; null takes a key away', async () => {
  const { options } = await accepted({
    'config.yaml': `${base}systemReserved: {cpu: '1', memory: 1Gi}\nclusterDNS: [10.0.0.1, 10.0.0.2]\nmaxPods: 7\nlogging: {verbosity: 3, format: json}`,
    'conf.d/1.conf':
      'systemReserved: {memory: 2Gi, pid: "5"}\nclusterDNS: [10.0.0.3]\nlogging: {verbosity: 2}',
    'conf.d/2.conf': 'systemReserved: {cpu: null}\nmaxPods: null',
  });
  assert.deepEqual(options.systemReserved, { memory: '2Gi', pid: '5' });
  assert.deepEqual(options.clusterDns, ['10.0.0.3']);
  assert.deepEqual([options.maxPods, options.verbosity, options.logFormat], [110, 2, 'json']);
});

test('hard eviction: drop-ins are merged over the default thresholds, or over those of the file', async () => {
  const evictionOf = async (files: Record<string, string>) =>
    (await accepted({ 'conf.d/0.conf': base, ...files })).options.evictionHard;
  const drop = { 'conf.d/1.conf': 'evictionHard: {memory.available: 1Gi}' };
  assert.deepEqual(await evictionOf(drop), { 'memory.available': '1Gi', 'nodefs.available': '10%' });
  assert.deepEqual(await evictionOf({ 'config.yaml': base, ...drop }), {
    'memory.available': '1Gi',
    'nodefs.available': '10%',
  });
  const own = 'evictionHard: {nodefs.available: 5%}';
  assert.deepEqual(await evictionOf({ 'config.yaml': own }), { 'nodefs.available': '5%' });
  assert.deepEqual(await evictionOf({ 'config.yaml': `mergeDefaultEvictionSettings: true\n${own}` }), {
    'memory.available': '100Mi',
    'nodefs.available': '5%',
  });
  assert.deepEqual(await evictionOf({ 'config.yaml': own, ...drop }), {
    'memory.available': '1Gi',
    'nodefs.available': '5%',
  });
  assert.deepEqual(await evictionOf({ 'config.yaml': 'evictionHard: {}' }), {});
});

test('no --config is needed, and flags win over drop-ins', async () => {
  const { options } = await accepted({ 'conf.d/1.conf': `${base}maxPods: 4` }, ['--max-pods=5']);
  assert.deepEqual([options.podManifestPath, options.maxPods], ['/m', 5]);
});

test('an error names the drop-in that wrote the value, and paths begin at its directory', async () => {
  const wrong = { 'config.yaml': `${base}maxPods: 1`, 'conf.d/a.conf': 'maxPods: -2', 'conf.d/b.conf': '' };
  assert.match(await refused(wrong), /error: conf\.d\/a\.conf:3:1: maxPods: /);
  const { options, path } = await accepted({ 'conf.d/a/1.conf': 'staticPodPath: here' });
  assert.equal(options.podManifestPath, path('conf.d/a/here'));
  const unread = await refused({ 'conf.d/1.conf': base, 'conf.d/2.conf': 'maxPods: 1\nmaxPods: 2' });
  assert.match(unread, /conf\.d\/2\.conf:4:1: .*maxPods.* again/);
  const overwritten = { 'config.yaml': `${base}maxPods: x`, 'conf.d/1.conf': 'maxPods: 2' };
  assert.match(await refused(overwritten), /config\.yaml:4:1: maxPods: text is here/);
});

test('each drop-in says what it is; one that is empty or cannot be read is refused', async () => {
  const { path } = await start({ 'conf.d/1.conf': base });
  const said = async () =>
    (await startWith([`--config-dir=${path('conf.d')}`])).error.replaceAll(path('/'), '');
  assert.equal(await said(), '');
  write(path('conf.d/2.conf'), 'maxPods: 1');
  assert.match(await said(), /conf\.d\/2\.conf: it must say apiVersion/);
  write(path('conf.d/2.conf'), '');
  assert.match(await said(), /2\.conf: it is empty/);
  write(path('conf.d/2.conf'), text('maxPods: 3'));
  symlinkSync('/nowhere', path('conf.d/3.conf'));
  assert.match(await said(), /3\.conf: cannot read it: no such file/);
  const gone = await startWith([`--config-dir=${path('gone')}`]);
  assert.match(gone.error, /gone: cannot read it: no such file/);
});

test('a link to a file is read, one to a directory is none', async () => {
  const { path } = await start({
    'conf.d/1.conf': base,
    'else/9.conf': 'maxPods: 9',
    'more/5.conf': 'maxPods: 5',
  });
  symlinkSync(path('else/9.conf'), path('conf.d/9.conf'));
  symlinkSync(path('more'), path('conf.d/99'));
  mkdirSync(path('conf.d/empty'));
  assert.equal((await startWith([`--config-dir=${path('conf.d')}`])).options?.maxPods, 9);
});
