// Which sources the options name, and whose a Pod of the run before is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunOptions } from '../../src/config/options.ts';
import type { ConfigSource } from '../../src/manifest/static-pod.ts';
import { configuredSources, ownerOf } from '../../src/sources/configured.ts';
import { sourceIdOf } from '../../src/sources/service.ts';
import { staticPod } from './toy-decoder.ts';

const options = (more: Partial<RunOptions>) =>
  ({ nodeName: 'node', rootDir: '/r', manifestPushPort: 0, manifestUrlHeader: {}, ...more }) as RunOptions;
const ids = (more: Partial<RunOptions>) => configuredSources(options(more)).map(sourceIdOf);

test('a source for each that is named, none for what is not', () => {
  assert.deepEqual(ids({ podManifestPath: '/m' }), ['file:/m']);
  assert.deepEqual(ids({ podManifestPath: '', manifestUrl: '' }), []);
  assert.deepEqual(ids({ podManifestPath: '/m', manifestUrl: 'https://h/pods' }), [
    'file:/m',
    'https://h/pods',
  ]);
});

test('what is pushed lies under the root directory, and is a source while there is a port', () => {
  const [source, ...others] = configuredSources(options({ manifestPushPort: 8443 }));
  assert.deepEqual(others, []);
  assert.deepEqual(source, { kind: 'push', nodeName: 'node', directory: '/r/pushed' });
  const pod = { ...staticPod('push:web', 'web', 'i'), source: 'api' } as const;
  assert.equal(ownerOf(pod, source ? [source] : []), 'push');
  assert.equal(ownerOf(pod, configuredSources(options({ podManifestPath: '/m' }))), undefined);
});

test('no password is part of a name', () => {
  assert.deepEqual(ids({ manifestUrl: 'HTTPS://user:secret@H:443/pods?a=b#c' }), ['https://h/pods?a=b']);
});

test('a Pod is of the source that it came from: of another URL, of none', () => {
  const sources = configuredSources(
    options({ podManifestPath: '/m', manifestUrl: 'https://user:secret@h/pods' }),
  );
  const owner = (source: ConfigSource, origin: string) =>
    ownerOf({ ...staticPod(origin, 'a', 'i'), source }, sources);
  assert.equal(owner('http', 'https://h/pods#default/a'), 'https://h/pods');
  assert.equal(owner('http', 'https://h/pods/other#default/a'), undefined);
  assert.equal(owner('http', 'https://h/pod#default/a'), undefined);
  assert.equal(owner('file', '/m/a.yaml'), 'file:/m');
  const fileAlone = configuredSources(options({ podManifestPath: '/m' }));
  assert.equal(
    ownerOf({ ...staticPod('https://h/pods#default/a', 'a', 'i'), source: 'http' }, fileAlone),
    undefined,
  );
});

test('a Pod is of the directory that its file lies in, or of the one file: not of another that was configured before', () => {
  const owner = (podManifestPath: string, origin: string) =>
    ownerOf(staticPod(origin, 'a', 'i'), configuredSources(options({ podManifestPath })));
  assert.equal(owner('/m/', '/m/a.yaml'), 'file:/m/');
  assert.equal(owner('/m/a.yaml', '/m/a.yaml'), 'file:/m/a.yaml');
  for (const [path, origin] of [
    ['/m', '/m1/a.yaml'],
    ['/m', '/m/old/a.yaml'],
    ['/m/a.yaml', '/m/b.yaml'],
  ] as const)
    assert.equal(owner(path, origin), undefined, `${path} ${origin}`);
});
