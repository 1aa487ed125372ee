// Image references as distribution/reference reads them, and the pull policy that follows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPullPolicy, parseImageName } from '../../src/kubernetes/image-name.ts';

test('references are completed', () => {
  const sha = `sha256:${'a'.repeat(64)}`;
  assert.deepEqual(parseImageName('nginx'), {
    repository: 'docker.io/library/nginx',
    tag: 'latest',
    digest: undefined,
  });
  assert.deepEqual(parseImageName('a/b:1'), { repository: 'docker.io/a/b', tag: '1', digest: undefined });
  assert.deepEqual(parseImageName('index.docker.io/a'), {
    repository: 'docker.io/library/a',
    tag: 'latest',
    digest: undefined,
  });
  assert.deepEqual(parseImageName('localhost:5000/a'), {
    repository: 'localhost:5000/a',
    tag: 'latest',
    digest: undefined,
  });
  assert.deepEqual(parseImageName(`r.io/a@${sha}`), { repository: 'r.io/a', tag: undefined, digest: sha });
  assert.deepEqual(parseImageName('[::1]:5000/a:v'), {
    repository: '[::1]:5000/a',
    tag: 'v',
    digest: undefined,
  });
});

test('what is no reference is refused', () => {
  for (const image of ['', ' ', 'A', 'a:', 'a:b:c', 'a@sha256:00', 'a//b', '-a', 'a b', 'f'.repeat(64)])
    assert.equal(parseImageName(image), undefined, image);
});

test('the pull policy is Always for latest, named or implied', () => {
  assert.equal(defaultPullPolicy('nginx'), 'Always');
  assert.equal(defaultPullPolicy('nginx:latest'), 'Always');
  assert.equal(defaultPullPolicy('nginx:1.25'), 'IfNotPresent');
  assert.equal(defaultPullPolicy('NGINX'), 'IfNotPresent');
  assert.equal(defaultPullPolicy(`nginx@sha256:${'0'.repeat(64)}`), 'IfNotPresent');
});
