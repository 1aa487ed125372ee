// Exec probes: what the engine is asked, and what is made of its answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FailureCode, fail, ok } from '../../../src/errors.ts';
import type { Container } from '../../../src/kubernetes/pod.ts';
import { runProbe } from '../../../src/pod/handlers/probe.ts';
import { type Exec, nothingLeft, Scene, targetWith } from './scene.ts';

const probed = (scene: Scene, command: string[] = ['true'], more: Partial<Container> = {}) =>
  runProbe({ exec: { command }, timeoutSeconds: 3 }, targetWith(more), scene.around);

const answering = (...answers: Awaited<ReturnType<Exec>>[]) =>
  new Scene(async () => answers.shift() ?? assert.fail('asked too often'));

test('runs the command in its container, in its turn and time', async () => {
  const scene = new Scene();
  assert.deepEqual(await probed(scene, ['test', '-f', '/ready']), { result: 'success', message: '' });
  assert.deepEqual(scene.execs, [
    { id: 'c1', command: ['test', '-f', '/ready'], options: { timeoutMs: 3000, probe: true } },
  ]);
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('a second is the timeout if none is given', async () => {
  for (const timeoutSeconds of [undefined, 0, 1]) {
    const scene = new Scene();
    await runProbe({ exec: { command: ['true'] }, timeoutSeconds }, targetWith(), scene.around);
    assert.equal(scene.execs[0]?.options.timeoutMs, 1000);
  }
});

test('any other exit code is a failure, with the output as its message', async () => {
  assert.deepEqual(await probed(answering(ok({ exitCode: 3, output: 'not yet\n' }))), {
    result: 'failure',
    message: 'not yet\n',
  });
});

test('of a command that says nothing the exit code is the message', async () => {
  assert.deepEqual(await probed(answering(ok({ exitCode: 3, output: '' }))), {
    result: 'failure',
    message: 'the command exited with 3',
  });
});

test('a timeout is a failure', async () => {
  const scene = answering(fail('ExecTimeout', 'x'));
  assert.deepEqual(await probed(scene, ['sh', '-c', 'sleep 9']), {
    result: 'failure',
    message: 'command timed out: "sh -c sleep 9" timed out after 3s',
  });
});

for (const code of ['ExecFailed', 'EngineError', 'EngineTimeout', 'EngineUnavailable'] as FailureCode[]) {
  test(`${code}: three tries, then unknown`, async () => {
    const scene = new Scene(async () => fail(code, `try ${scene.execs.length}`));
    assert.deepEqual(await probed(scene), { result: 'unknown', message: 'try 3' });
    assert.equal(scene.execs.length, 3);
  });
}

test('what becomes of the first try that can be run counts', async () => {
  const scene = answering(fail('EngineError', 'x'), ok({ exitCode: 1, output: 'no' }));
  assert.deepEqual(await probed(scene), { result: 'failure', message: 'no' });
});

test('a container that is gone is not asked again', async () => {
  const scene = answering(fail('NoSuchContainer', 'no such container'));
  assert.deepEqual(await probed(scene), { result: 'unknown', message: 'no such container' });
});

test('the engine thread gone', async () => {
  const scene = new Scene(() => Promise.reject(new Error('the engine thread has ended')));
  assert.deepEqual(await probed(scene), { result: 'unknown', message: 'the engine thread has ended' });
  assert.equal(scene.execs.length, 1);
});

test('variables of the container with a value of their own are expanded, unexpanded themselves', async () => {
  const scene = new Scene();
  await probed(scene, ['$(A)', '$(B)', '[$(C)]', '$(D)', '$$(A)', 'x$(E)'], {
    env: [
      { name: 'A', value: 'old' },
      { name: 'A', value: 'a' },
      { name: 'B', value: '$(A)' },
      { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'E' },
    ],
  });
  assert.deepEqual(scene.execs[0]?.command, ['a', '$(A)', '[]', '$(D)', '$(A)', 'x']);
});

test('the end of the container ends the probe while the command still runs', async () => {
  const scene = new Scene(() => new Promise(() => undefined));
  const verdict = probed(scene);
  scene.endContainer();
  assert.deepEqual(await verdict, { result: 'unknown', message: 'the container has ended' });
  assert.equal(scene.execs.length, 1);
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('a probe without a handler cannot be run', async () => {
  const verdict = await runProbe({}, targetWith(), new Scene().around);
  assert.deepEqual(verdict, { result: 'unknown', message: 'the probe has no handler' });
});
