// Read-only mounts and what is mounted below them: as the Pod says and as the engine can.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AskedOnce } from '../../../src/engine/docker/asked-once.ts';
import { binds } from '../../../src/engine/docker/binds.ts';
import { type EngineVersion, settledFor, settleMounts } from '../../../src/engine/docker/read-only-mounts.ts';
import type { Mount } from '../../../src/engine/engine.ts';
import { fail, ok } from '../../../src/errors.ts';
import { code, message, value } from '../../contract/results.ts';

const mount = (containerPath: string, more: Partial<Mount> = {}): Mount => ({
  hostPath: '/h',
  containerPath,
  readOnly: true,
  propagation: 'private',
  ...more,
});
const recursive = (mode: 'IfPossible' | 'Enabled') => ({ recursiveReadOnly: { mode, volume: 'mnt' } });
const old = { ApiVersion: '1.41', KernelVersion: '6.1.0' };
const recent = { ApiVersion: '1.44', KernelVersion: '5.12.0-1-generic' };
const onOldKernel = { ApiVersion: '1.51', KernelVersion: '5.10.200' };
const bound = (version: EngineVersion, ...mounts: Mount[]) => binds(value(settledFor(mounts, version)));

test('an engine that knows no recursion makes just the mount itself read-only, where that is enough', () => {
  const mounts = [mount('/ro'), mount('/if', recursive('IfPossible')), mount('/rw', { readOnly: false })];
  assert.deepEqual(bound(old, ...mounts), { Binds: ['/h:/ro:ro', '/h:/if:ro', '/h:/rw:rw'] });
});

for (const version of [old, onOldKernel])
  test(`where it is not enough it refuses, with the kubelet’s words: ${JSON.stringify(version)}`, () => {
    const result = settledFor([mount('/ro'), mount('/must', recursive('Enabled'))], version);
    assert.equal(code(result), 'ContainerConfigInvalid');
    assert.equal(
      message(result),
      'failed to resolve recursive read-only mode: volume "mnt" requested recursive read-only mode, but it is not supported by the runtime',
    );
  });

test('an engine that would make all below read-only is told when to, and when not', () => {
  const mounts = [
    mount('/ro'),
    mount('/if', recursive('IfPossible')),
    mount('/must', recursive('Enabled')),
    mount('/slave', { propagation: 'rslave' }),
    mount('/rw', { readOnly: false }),
    mount('/relabelled', { relabel: true }),
  ];
  const entry = (Target: string, BindOptions: object) => ({
    Type: 'bind',
    Source: '/h',
    Target,
    ReadOnly: true,
    BindOptions: { ...BindOptions, CreateMountpoint: true },
  });
  assert.deepEqual(bound(recent, ...mounts), {
    Binds: ['/h:/rw:rw', '/h:/relabelled:ro,z'],
    Mounts: [
      entry('/ro', { ReadOnlyNonRecursive: true }),
      entry('/if', { Propagation: 'rprivate', ReadOnlyForceRecursive: true }),
      entry('/must', { Propagation: 'rprivate', ReadOnlyForceRecursive: true }),
      entry('/slave', { Propagation: 'rslave', ReadOnlyNonRecursive: true }),
    ],
  });
  const [notForced] = bound(onOldKernel, mount('/if', recursive('IfPossible'))).Mounts ?? [];
  assert.deepEqual(notForced, entry('/if', { ReadOnlyNonRecursive: true }));
});

test('the engine is asked for its version for a read-only mount only', async () => {
  const away = new AskedOnce<EngineVersion>(async () => fail('EngineUnavailable', 'away'));
  assert.equal(code(await settleMounts([mount('/rw', { readOnly: false })], away)), 'ok');
  assert.equal(code(await settleMounts([mount('/ro')], away)), 'EngineUnavailable');
  const there = new AskedOnce<EngineVersion>(async () => ok(recent));
  assert.equal(value(await settleMounts([mount('/ro')], there))[0]?.below, 'ReadOnlyNonRecursive');
});
