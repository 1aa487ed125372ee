// Where other volumes are mounted below a read-only one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nestedMountpoints } from '../../../src/host/volumes/nested-mountpoints.ts';
import { container, staticPod } from '../../pod/pods.ts';

const pod = (...mounts: [volume: string, path: string][][]) =>
  staticPod('u1', {
    containers: mounts.map((one, index) =>
      container(`c${index}`, { volumeMounts: one.map(([name, mountPath]) => ({ name, mountPath })) }),
    ),
  }).pod;

for (const [what, mounts, expected] of [
  [
    'nothing below it',
    [
      ['v', '/etc/v'],
      ['w', '/etc/vw'],
    ],
    [],
  ],
  [
    'another directly below',
    [
      ['v', '/etc/v'],
      ['w', '/etc/v/w'],
    ],
    ['w'],
  ],
  [
    'further down',
    [
      ['v', '/etc/v/'],
      ['w', '/etc/v/./a//b/'],
    ],
    ['a/b'],
  ],
  [
    'the outermost only',
    [
      ['w', '/v/a/b/c'],
      ['v', '/v'],
      ['w', '/v/a'],
      ['w', '/v/a/b'],
    ],
    ['a'],
  ],
  [
    'names that begin alike',
    [
      ['v', '/v'],
      ['w', '/v/a'],
      ['w', '/v/a-b'],
      ['w', '/v/a/x'],
    ],
    ['a', 'a-b'],
  ],
  [
    'of another volume',
    [
      ['w', '/v'],
      ['w', '/v/a'],
    ],
    [],
  ],
  [
    'mounted twice',
    [
      ['v', '/one'],
      ['v', '/two'],
      ['w', '/one/a'],
      ['w', '/two/b'],
    ],
    ['a', 'b'],
  ],
  [
    'no way out',
    [
      ['v', '/../etc'],
      ['w', '/etc/../etc/x'],
    ],
    ['x'],
  ],
] as [string, [string, string][], string[]][]) {
  test(what, () => assert.deepEqual(nestedMountpoints('v', pod(mounts)).sort(), expected));
}

test('each container counts, init containers too, and each place once', () => {
  const both = pod(
    [
      ['v', '/v'],
      ['w', '/v/a'],
    ],
    [
      ['v', '/v'],
      ['w', '/v/a'],
    ],
    [
      ['v', '/x'],
      ['w', '/v/b'],
    ],
  );
  const init = container('i', {
    volumeMounts: [
      { name: 'v', mountPath: '/i' },
      { name: 'w', mountPath: '/i/j' },
    ],
  });
  const spec = { ...both.spec, containers: both.spec?.containers ?? [], initContainers: [init] };
  assert.deepEqual(nestedMountpoints('v', { ...both, spec }).sort(), ['a', 'j']);
});
