// What a container's environment takes from files of its Pod's volumes.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { readFileKeys } from '../../src/host/env-files.ts';
import type { V1FileKeySelector } from '../../src/kubernetes/generated/shapes.ts';
import type { Volume } from '../../src/kubernetes/pod.ts';
import { code, message, value } from '../contract/results.ts';
import { container, staticPod } from '../pod/pods.ts';

let base = '';
let directory = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'kt env-'));
  directory = join(base, 'root/pods/u1/volumes/kubernetes.io~empty-dir/v');
  mkdirSync(directory, { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const volumes: Volume[] = [
  { name: 'v', emptyDir: {} },
  { name: 'host', hostPath: { path: '/etc' } },
];
const read = (...references: V1FileKeySelector[]) => {
  const env = references.map((fileKeyRef, index) => ({ name: `V${index}`, valueFrom: { fileKeyRef } }));
  const main = container('main', { env: [{ name: 'PLAIN', value: 'x' }, ...env] });
  const { pod } = staticPod('u1', { volumes, containers: [main] });
  return readFileKeys(join(base, 'root'), 'u1', pod, main);
};
const reference = (path: string, key: string, optional = false): V1FileKeySelector => ({
  volumeName: 'v',
  path,
  key,
  optional,
});

test('values by their references, from one file and several', async () => {
  mkdirSync(join(directory, 'dir'));
  writeFileSync(join(directory, 'env'), "# secrets\nA='1'\nB='two\nlines'\n");
  writeFileSync(join(directory, 'dir/more'), "A='other'");
  const all = [reference('env', 'A'), reference('env', 'B'), reference('dir/more', 'A')];
  const found = value(await read(...all));
  assert.deepEqual(
    all.map((one) => found.get(one)),
    ['1', 'two\nlines', 'other'],
  );
});

test('a key or a file that is not there: an error with the file’s name, unless it is optional', async () => {
  writeFileSync(join(directory, 'env'), "A='1'\nEMPTY=''");
  for (const [path, key, expected] of [
    [
      'env',
      'B',
      `environment variable V0: environment variable key "B" not found in file "${directory}/env"`,
    ],
    [
      'env',
      'EMPTY',
      `environment variable V0: environment variable key "EMPTY" not found in file "${directory}/env"`,
    ],
    ['none', 'A', `environment variable V0: couldn't parse env file "${directory}/none": no such file`],
    [
      'none/deep',
      'A',
      `environment variable V0: couldn't parse env file "${directory}/none/deep": no such file`,
    ],
  ] as const) {
    const refused = await read(reference(path, key));
    assert.deepEqual([code(refused), message(refused)], ['ContainerConfigInvalid', expected]);
    assert.equal(value(await read(reference(path, key, true))).size, 0);
  }
});

test('a file that is no env file is refused even where it is optional, and is not quoted', async () => {
  writeFileSync(join(directory, 'env'), "A='1'\npassword hunter2\n");
  for (const optional of [false, true]) {
    const refused = await read(reference('env', 'B', optional));
    assert.equal(
      message(refused),
      "environment variable V0: couldn't parse env file: invalid environment variable format at line 2: missing '='",
    );
  }
  assert.match(message(await read(reference('env/below', 'A'))), /env\/below": ENOTDIR: not a directory$/);
  mkdirSync(join(directory, 'dir'));
  assert.match(message(await read(reference('dir', 'A', true))), /dir is not a file/);
});

test('what lies outside of the volume is not read', async () => {
  writeFileSync(join(base, 'secret'), "A='secret'");
  symlinkSync(join(base, 'secret'), join(directory, 'link'));
  symlinkSync(base, join(directory, 'dir'));
  for (const path of ['link', 'dir/secret', '../../../../../../secret'])
    assert.equal(code(await read(reference(path, 'A'))), 'ContainerConfigInvalid', path);
});

test('a file larger than any environment is not read', async () => {
  writeFileSync(join(directory, 'env'), `A='1'\n${'#\n'.repeat(2 ** 19)}`);
  assert.match(message(await read(reference('env', 'A'))), /larger than 1048576 bytes/);
});

for (const volumeName of ['nothing', 'host']) {
  test(`only an emptyDir of the Pod: ${volumeName}`, async () => {
    const refused = await read({ volumeName, path: 'passwd', key: 'A', optional: true });
    assert.match(
      message(refused),
      new RegExp(`cannot find the volume "${volumeName}" referenced by FileKeyRef`),
    );
  });
}
