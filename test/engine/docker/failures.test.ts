// What the engine answers, and what it means for the call it answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createFailure,
  isDone,
  isGone,
  isNameConflict,
  plainFailure,
  type Refusal,
  refusalOf,
  startFailure,
} from '../../../src/engine/docker/failures.ts';

const status = (code: number, message: string): Refusal => ({ kind: 'status', status: code, message });
const unreachable: Refusal = { kind: 'unreachable', message: 'connect ECONNREFUSED' };
const late: Refusal = { kind: 'timeout', message: 'no answer within 5 ms' };

test("a thrown error with a status is the engine's word; any other is a broken connection", () => {
  const answered = Object.assign(new Error('(HTTP code 409) conflict - in use '), {
    statusCode: 409,
    json: { message: 'in use\n' },
  });
  assert.deepEqual(refusalOf(answered), status(409, 'in use'));
  const withoutBody = Object.assign(new Error('(HTTP code 500) server error - oops '), {
    statusCode: 500,
    json: null,
  });
  assert.deepEqual(refusalOf(withoutBody), status(500, 'oops'), "not dockerode's word before it");
  const broken = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  assert.deepEqual(refusalOf(broken), { kind: 'unreachable', message: 'socket hang up' });
});

test('what is so already is done', () => {
  assert.ok(isDone(status(304, '')));
  assert.ok(isDone(status(409, 'Cannot kill container: abc: Container abc is not running')));
  assert.ok(isDone(status(409, 'removal of container abc is already in progress')));
  assert.ok(!isDone(status(409, 'Conflict. The container name "/x" is already in use by container "abc".')));
  assert.ok(!isDone(status(500, 'Container abc is not running')));
  assert.ok(isGone(status(404, '')));
  assert.ok(!isGone(unreachable));
});

test('every call tells an engine that is away from one that is late and from one that is in trouble', () => {
  const all = (refusal: Refusal) => [
    plainFailure(refusal, 'x').code,
    createFailure('sandbox', refusal, 'x').code,
    createFailure('container', refusal, 'x').code,
    startFailure('sandbox', refusal, 'x').code,
    startFailure('container', refusal, 'x').code,
  ];
  assert.deepEqual(new Set(all(unreachable)), new Set(['EngineUnavailable']));
  assert.deepEqual(new Set(all(late)), new Set(['EngineTimeout']));
  assert.deepEqual(new Set(all(status(503, 'x'))), new Set(['EngineError']));
  // No fault of the container: the engine is stopping.
  assert.deepEqual(new Set(all(status(500, 'ttrpc: closed: unknown'))), new Set(['EngineError']));
});

test('a create that is refused says by what', () => {
  const name = status(409, 'Conflict. The container name "/x" is already in use by container "abc".');
  assert.ok(isNameConflict(name));
  assert.equal(createFailure('container', name, 'x').code, 'NameInUse');
  assert.equal(createFailure('container', status(404, 'No such image: a:1'), 'x').code, 'NoSuchImage');
  assert.equal(
    createFailure('container', status(400, 'No such container: abc'), 'x').code,
    'NoSuchContainer',
  );
  assert.equal(
    createFailure('container', status(400, 'invalid CapAdd: unknown capability: "CAP_X"'), 'x').code,
    'ContainerCreateFailed',
  );
  assert.equal(createFailure('container', status(500, 'no space left'), 'x').code, 'ContainerCreateFailed');
  assert.equal(createFailure('sandbox', status(400, 'bad sysctl'), 'x').code, 'SandboxCreateFailed');
  assert.equal(createFailure('sandbox', status(500, 'no space left'), 'x').code, 'SandboxCreateFailed');
});

test("a container that is to get more than the engine has: the engine's word, and what it means", () => {
  const said = 'runc create failed: unable to apply caps: operation not permitted: unknown';
  const { code, message } = startFailure('container', status(500, said), 'abc');
  assert.equal(code, 'ContainerStartFailed');
  assert.ok(message.includes(said));
  assert.match(message, /the engine itself does not have all capabilities/);
});

test('a start that fails is told apart from one of a container that is gone', () => {
  assert.equal(
    startFailure('container', status(404, 'No such container: abc'), 'abc').code,
    'NoSuchContainer',
  );
  assert.equal(
    startFailure('container', status(404, 'No such container: its-sandbox'), 'abc').code,
    'ContainerStartFailed',
  );
  assert.equal(
    startFailure('container', status(404, 'exec: "x": not found'), 'abc').code,
    'ContainerStartFailed',
  );
  assert.equal(
    startFailure('sandbox', status(500, 'port is already allocated'), 'abc').code,
    'SandboxCreateFailed',
  );
});
