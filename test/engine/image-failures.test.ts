// The kubelet's words for what is wrong with an image.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pullCode } from '../../src/engine/docker/failures.ts';
import { aggregate, invalidName, pull } from '../../src/engine/image-failures.ts';

for (const [image, why] of [
  ['Not/An Image', 'invalid reference format'],
  ['busybox:', 'invalid reference format'],
  ['App', 'invalid reference format: repository name (library/App) must be lowercase'],
  ['r.example:5000/Team/app:1', 'invalid reference format: repository name (Team/app) must be lowercase'],
  ['a'.repeat(64), `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
] as const)
  test(`${image.slice(0, 30)}: ${why.slice(0, 60)}`, () => {
    const { code, message } = invalidName(image);
    assert.equal(code, 'ImageNameInvalid');
    assert.equal(
      message,
      `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${why}`,
    );
  });

test('several logins that fail say what each came to, once', () => {
  const failed = (words: string) => pull('ImagePullFailed', 'a:1', words);
  assert.deepEqual(aggregate([failed('x'), failed('x')]), failed('x'));
  assert.equal(
    aggregate([failed('x'), failed('y')])?.message,
    '[failed to pull image "a:1": x, failed to pull image "a:1": y]',
  );
});

for (const [words, code] of [
  ['received unexpected HTTP status: 503 Service Unavailable', 'RegistryUnavailable'],
  ['error parsing HTTP 502 response body: 502 Bad Gateway', 'RegistryUnavailable'],
  ['received unexpected HTTP status: 500 Internal Server Error', 'ImagePullFailed'],
  ['dial tcp 127.0.0.1:5000: connect: connection refused', 'ImagePullFailed'],
  ['manifest for app:503 not found: manifest unknown', 'ImagePullFailed'],
] as const)
  test(`${words}: ${code}`, () => assert.equal(pullCode(words), code));
