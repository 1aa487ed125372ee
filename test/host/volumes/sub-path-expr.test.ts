// What of a volume a mount asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subPathOf } from '../../../src/host/volumes/sub-path-expr.ts';
import type { VolumeMount } from '../../../src/kubernetes/pod.ts';
import { code, message, value } from '../../contract/results.ts';

const environment = new Map([
  ['POD', 'web-0'],
  ['EMPTY', ''],
  ['UP', '..'],
  ['ROOT', '/etc'],
]);
const of = (mount: Partial<VolumeMount>) => subPathOf({ name: 'v', mountPath: '/m', ...mount }, environment);

for (const [mount, path] of [
  [{}, ''],
  [{ subPath: 'a/b' }, 'a/b'],
  [{ subPath: '$(POD)' }, '$(POD)'],
  [{ subPathExpr: 'logs/$(POD)' }, 'logs/web-0'],
  [{ subPathExpr: '$$(POD)/$(POD)' }, '$(POD)/web-0'],
  [{ subPathExpr: 'a..b/..c' }, 'a..b/..c'],
] as [Partial<VolumeMount>, string][]) {
  test(`${JSON.stringify(mount)} is "${path}"`, () => assert.equal(value(of(mount)), path));
}

for (const [subPathExpr, problem] of [
  ['$(NOBODY)/$(EMPTY)/$(POD)/$(ABSENT)', 'missing value for ABSENT, EMPTY, NOBODY'],
  ['x/$(UP)/y', "unable to provision SubPath `x/../y`: must not contain '..'"],
  ['$(ROOT)/x', 'error SubPath `/etc/x` must not be an absolute path'],
] as const) {
  test(`${subPathExpr} is refused`, () => {
    assert.equal(code(of({ subPathExpr })), 'ContainerConfigInvalid');
    assert.equal(message(of({ subPathExpr })), problem);
  });
}

test('what is written plainly leads out no more than what is made of variables', () => {
  assert.equal(code(of({ subPath: '../x' })), 'ContainerConfigInvalid');
  assert.equal(code(of({ subPath: '/x' })), 'ContainerConfigInvalid');
});
