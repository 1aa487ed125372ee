// A Pod's uid: the same for the same manifest however it is written, another for every change that matters.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import type { ManifestOrigin } from '../../src/manifest/identity.ts';

const here: ManifestOrigin = { origin: '/m/x.yaml', source: 'file', nodeName: 'n', seenAtMs: 1 };

function uid(text: string, where: Partial<ManifestOrigin> = {}): string {
  const verdict = decodeManifest(Buffer.from(text), { ...here, ...where });
  assert.ok(verdict.accepted, JSON.stringify(verdict.errors));
  return verdict.staticPod.uid;
}

const yaml = `apiVersion: v1
kind: Pod
metadata:
  name: p
  annotations: {a: "1", b: é}
spec:
  containers:
  - name: a
    image: b
`;

test('comments, formatting, key order, anchors and the time seen change nothing', () => {
  const same = [
    `# hello\n---\n${yaml.replaceAll('\n', '\r\n')}`,
    '{"spec":{"containers":[{"image":"b","name":"a"}]},"metadata":{"annotations":{"b":"\\u00e9","a":"1"},"name":"p"},"kind":"Pod","apiVersion":"v1"}',
    yaml.replace('name: p', 'name: &n p').replace('image: b', "'image': 'b'"),
  ];
  for (const text of same) assert.equal(uid(text), uid(yaml), text);
  assert.equal(uid(yaml, { seenAtMs: 2 }), uid(yaml));
});

test('content, path, node and source make another Pod', () => {
  const others = [
    uid(yaml.replace('image: b', 'image: c')),
    uid(`${yaml}    stdin: false\n`),
    uid(`${yaml}unknown: 1\n`),
    uid(yaml, { origin: '/m/y.yaml' }),
    uid(yaml, { nodeName: 'm' }),
    uid(yaml, { source: 'http' }),
  ];
  assert.equal(new Set([uid(yaml), ...others]).size, others.length + 1);
});

test('the hash is not to change between versions of monopod: it would restart every Pod', () => {
  assert.equal(uid(yaml), '04c01e0baaa84913c3e979f1b9de44de');
});

test('a uid in the manifest is not taken over: it names directories and logs', () => {
  const written = uid(yaml.replace('name: p', 'name: p\n  uid: ../../etc'));
  assert.match(written, /^[0-9a-f]{32}$/);
});

test('a toleration of NoExecute that is there already is not repeated', () => {
  const verdict = decodeManifest(
    Buffer.from(`${yaml}  tolerations: [{operator: Exists, effect: NoExecute, tolerationSeconds: 5}]\n`),
    here,
  );
  assert.ok(verdict.accepted);
  assert.deepEqual(verdict.staticPod.pod.spec?.tolerations, [{ operator: 'Exists', effect: 'NoExecute' }]);
});

test('of tolerations of NoExecute each that is as wide is replaced, and only a Pod of a file or a push gets one', () => {
  const tolerations = (written: string, where: Partial<ManifestOrigin> = {}) => {
    const verdict = decodeManifest(Buffer.from(`${yaml}  tolerations: ${written}\n`), { ...here, ...where });
    assert.ok(verdict.accepted);
    return verdict.staticPod.pod.spec?.tolerations;
  };
  const given = { operator: 'Exists', effect: 'NoExecute' };
  const other = { key: 'a', operator: 'Exists', effect: 'NoExecute' };
  const twice =
    '[{operator: Exists, effect: NoExecute, tolerationSeconds: 1}, {operator: Exists, effect: NoExecute}]';
  assert.deepEqual(tolerations(twice), [given, given]);
  assert.deepEqual(tolerations('[{key: a, operator: Exists, effect: NoExecute}]'), [other, given]);
  assert.deepEqual(tolerations('[{operator: Exists}]'), [{ operator: 'Exists' }, given]);
  assert.deepEqual(tolerations('[]', { source: 'api' }), [given]);
  assert.equal(tolerations('[]', { source: 'http' }), undefined);
});

test('annotations may weigh 256 KiB with the hash, and without when and where the Pod was seen', () => {
  const hash = 'kubernetes.io/config.hash'.length + 32;
  const judged = (length: number) =>
    decodeManifest(Buffer.from(yaml.replace('"1"', 'x'.repeat(length)).replace(', b: é', '')), here);
  const room = 256 * 1024 - hash - 'a'.length;
  assert.ok(judged(room).accepted);
  assert.deepEqual(
    judged(room + 1).errors.map(({ field, type }) => `${field}: ${type}`),
    ['metadata.annotations: Too long'],
  );
});
