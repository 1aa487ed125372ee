// downwardAPI and projected volumes: what the Pod says of itself, as files on the host, from preparing to cleaning up.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { cleanHost } from '../../../src/host/prepare.ts';
import { hostPathOf, isReadOnly, prepareVolume } from '../../../src/host/volumes/volumes.ts';
import type { V1DownwardAPIVolumeFile } from '../../../src/kubernetes/generated/shapes.ts';
import type { PodSpec, Volume } from '../../../src/kubernetes/pod.ts';
import { message } from '../../contract/results.ts';
import { container, staticPod } from '../../pod/pods.ts';

let rootDir = '';
beforeEach(() => {
  rootDir = mkdtempSync(join(tmpdir(), 'kt downward-'));
});
afterEach(() => rmSync(rootDir, { recursive: true, force: true }));

const allocatable = { cpu: '4', memory: '8Gi' };
const main = container('main', { resources: { limits: { cpu: '1500m' }, requests: { memory: '64Mi' } } });
const prepare = (volume: Volume, spec: Partial<PodSpec> = {}) => {
  const { pod } = staticPod('u1', { containers: [main], volumes: [volume], ...spec });
  const metadata = {
    ...pod.metadata,
    labels: { app: 'web', tier: 'a "b"' },
    annotations: { note: 'two\nlines' },
  };
  const setting = { rootDir, uid: 'u1', pod: { ...pod, metadata }, node: { capacity: {}, allocatable } };
  return prepareVolume(setting, volume);
};

const field = (path: string, fieldPath: string, mode?: number): V1DownwardAPIVolumeFile => ({
  path,
  fieldRef: { fieldPath },
  ...(mode !== undefined && { mode }),
});
const resource = (path: string, name: string, divisor = '1'): V1DownwardAPIVolumeFile => ({
  path,
  resourceFieldRef: { containerName: 'main', resource: name, divisor },
});
const items = [
  field('labels', 'metadata.labels'),
  field('annotations', 'metadata.annotations'),
  field('one/app', "metadata.labels['app']", 0o400),
  field('uid', 'metadata.uid'),
  resource('cpu', 'limits.cpu', '1m'),
  resource('memory', 'limits.memory', '1Gi'),
];
const contents = {
  labels: 'app="web"\ntier="a \\"b\\""',
  annotations: 'note="two\\nlines"',
  'one/app': 'web',
  uid: 'u1',
  cpu: '1500',
  memory: '8',
};

const downward: Volume = { name: 'info', downwardAPI: { items, defaultMode: 0o640 } };
const split: Volume = {
  name: 'info',
  projected: {
    sources: [
      { downwardAPI: { items: items.slice(0, 2) } },
      { downwardAPI: { items: items.slice(2) } },
      { downwardAPI: {} },
    ],
    defaultMode: 0o640,
  },
};

for (const [plugin, volume] of [
  ['downward-api', downward],
  ['projected', split],
] as const) {
  const directory = () => join(rootDir, `pods/u1/volumes/kubernetes.io~${plugin}/info`);
  const mode = (path: string) => (statSync(join(directory(), path)).mode & 0o7777).toString(8);

  test(`${plugin}: its files lie where the kubelet lays them, and are mounted read-only`, async () => {
    assert.deepEqual(await prepare(volume), { ok: true, value: undefined });
    assert.equal(hostPathOf(rootDir, 'u1', volume), directory());
    assert.ok(isReadOnly(volume));
    for (const [path, content] of Object.entries(contents))
      assert.equal(readFileSync(join(directory(), path), 'utf8'), content, path);
    assert.equal(readlinkSync(join(directory(), 'one')), '..data/one');
    assert.deepEqual(['.', 'labels', 'one/app', 'cpu'].map(mode), ['1777', '640', '400', '640']);
  });

  test(`${plugin}: with an fsGroup all can be read by it`, async () => {
    await prepare(volume, { securityContext: { fsGroup: 4321 } });
    assert.deepEqual(['.', 'labels', 'one/app', 'one'].map(mode), ['3777', '640', '440', '2755']);
    for (const path of ['.', 'labels', 'one/app', 'one'])
      assert.equal(statSync(join(directory(), path)).gid, 4321, path);
  });

  test(`${plugin}: preparing again changes nothing`, async () => {
    await prepare(volume);
    const before = readdirSync(directory()).sort();
    await prepare(volume);
    assert.deepEqual(readdirSync(directory()).sort(), before);
  });

  test(`${plugin}: places for mounts below it are there`, async () => {
    const volumeMounts = [
      { name: 'info', mountPath: '/info' },
      { name: 'other', mountPath: '/info/below/it' },
    ];
    await prepare(volume, { containers: [{ ...main, volumeMounts }] });
    assert.ok(statSync(join(directory(), 'below/it')).isDirectory());
  });

  test(`${plugin}: all of it is gone with the Pod`, async () => {
    await prepare(volume);
    const identity = { name: 'web-node', namespace: 'default', uid: 'u1' };
    const cleaned = await cleanHost({ rootDir, podLogsDir: join(rootDir, 'logs') }, identity);
    assert.deepEqual(cleaned, { ok: true, value: undefined });
    assert.ok(!existsSync(join(rootDir, 'pods/u1')));
  });
}

test('what cannot be had is named, all of it, and nothing is written', async () => {
  const refused = await prepare({
    name: 'info',
    downwardAPI: {
      items: [
        field('fine', 'metadata.name'),
        field('ip', 'status.podIP'),
        { path: 'gpu', resourceFieldRef: { containerName: 'main', resource: 'limits.gpu' } },
        { path: 'who', resourceFieldRef: { containerName: 'nobody', resource: 'limits.cpu' } },
        { path: 'nothing' },
      ],
    },
  });
  assert.equal(refused.ok ? '' : refused.error.code, 'HostPreparationFailed');
  for (const problem of [
    /volume "info"/,
    /ip: unsupported fieldPath: status\.podIP/,
    /gpu: unsupported container resource : limits\.gpu/,
    /who: container nobody not found/,
    /nothing: has neither/,
  ])
    assert.match(message(refused), problem);
  assert.ok(!existsSync(join(rootDir, 'pods/u1/volumes/kubernetes.io~downward-api/info/fine')));
});

test('a path that leads out of the volume writes nothing outside', async () => {
  const refused = await prepare({
    name: 'info',
    downwardAPI: { items: [field('../../out', 'metadata.name')] },
  });
  assert.match(message(refused), /volume "info" : .*invalid path/);
  assert.ok(!existsSync(join(rootDir, 'pods/u1/volumes/out')));
});

test('a source that only an API server has is refused by name', async () => {
  const volume = { name: 'info', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } };
  assert.match(message(await prepare(volume)), /serviceAccountToken/);
});

test('a volume of no items is an empty directory', async () => {
  for (const volume of [
    { name: 'a', downwardAPI: {} },
    { name: 'b', projected: { sources: [] } },
  ]) {
    assert.equal((await prepare(volume)).ok, true);
    const visible = readdirSync(hostPathOf(rootDir, 'u1', volume) ?? '').filter(
      (name) => !name.startsWith('..'),
    );
    assert.deepEqual(visible, []);
  }
});
