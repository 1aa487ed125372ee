// Containers are made as early as can be; some have to wait for what they are made of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../src/kubernetes/pod.ts';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

const fromFile = { name: 'V', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'f', key: 'K' } } };
const created = (life: Life) => life.of('create-container').map((effect) => effect.container);

for (const [what, more] of [
  ['a variable from a file', { env: [fromFile] }],
  ['a subPath', { volumeMounts: [{ name: 'v', mountPath: '/m', subPath: 'made/by/init' }] }],
  ['a subPathExpr', { volumeMounts: [{ name: 'v', mountPath: '/m', subPathExpr: '$(V)' }] }],
] as [string, Partial<Container>][]) {
  test(`one with ${what} is made when its turn has come, after the init containers`, () => {
    const initContainers = [container('i1'), container('i2', more)];
    const life = Life.running(staticPod('v1', { initContainers, containers: [container('main', more)] }));
    assert.deepEqual(created(life), ['i1']);
    life.ends('i1', 0);
    life.go();
    assert.deepEqual(created(life), ['i1', 'i2']);
    life.ends('i2', 0);
    life.go();
    assert.deepEqual(created(life), ['i1', 'i2', 'main']);
    assert.equal(life.slot('main').phase.at, 'running');
  });
}

test('all others are made at once', () => {
  const life = Life.running(staticPod('v1', { initContainers: [container('i1')] }));
  assert.deepEqual(created(life), ['i1', 'main']);
});

test('one that restarts is made anew, with what the file says then', () => {
  const life = Life.running(staticPod('v1', { containers: [container('main', { env: [fromFile] })] }));
  life.ends('main', 1);
  life.go();
  assert.deepEqual(created(life), ['main', 'main']);
  assert.equal(life.slot('main').phase.at, 'running');
});
