// What every implementation of Engine does alike with commands in containers. Part of the contract of an engine.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NewPod, Subject } from './new-pod.ts';
import { commands } from './pods.ts';
import { code, message, value } from './results.ts';

export function execContract(subject: () => Subject, newPod: NewPod): void {
  describe('a command in a container', () => {
    const exec = (id: string, name: keyof typeof commands, { timeoutMs = 0, probe = false } = {}) =>
      subject().engine.exec(id, [...commands[name].command], { timeoutMs, probe });

    test('answers with its exit code and what it wrote, to stdout or stderr', async () => {
      const { id } = await (await newPod()).run('runs');
      assert.deepEqual(value(await exec(id, 'hello')), { exitCode: 0, output: 'hello\n' });
      assert.deepEqual(value(await exec(id, 'fails-3')), { exitCode: 3, output: 'to stderr\n' });
      const probed = await exec(id, 'takes-a-while', { timeoutMs: 60_000, probe: true });
      assert.deepEqual(value(probed), { exitCode: 0, output: 'done\n' });
    });

    test('that writes much is answered with the first 10 KiB of it', async () => {
      const { id } = await (await newPod()).run('runs');
      assert.deepEqual(value(await exec(id, 'writes-20k')), { exitCode: 4, output: 'x'.repeat(10_240) });
    });

    test("that is not there has the engine's exit code, and its words", async () => {
      const { id } = await (await newPod()).run('runs');
      const { exitCode, output } = value(await exec(id, 'no-program'));
      assert.ok(exitCode === 126 || exitCode === 127, `${exitCode}`);
      assert.match(output, /no such file or directory$|no such file or directory: unknown$/);
    });

    test('that is none fails', async () => {
      const { id } = await (await newPod()).run('runs');
      assert.equal(code(await subject().engine.exec(id, [], { timeoutMs: 0, probe: false })), 'ExecFailed');
    });

    test('that takes too long times out, and takes nothing with it', async () => {
      const { id } = await (await newPod()).run('runs');
      const late = await exec(id, 'hangs', { timeoutMs: 200 });
      assert.equal(code(late), 'ExecTimeout');
      assert.match(message(late), /timed out after 0.2 s$/);
      assert.equal(value(await subject().engine.inspect(id)).state, 'running');
      assert.equal(value(await exec(id, 'hello')).exitCode, 0);
    });

    test('is run in a running container only', async () => {
      const { create, run, exitOf } = await newPod();
      const created = await create('runs');
      assert.equal(code(await exec(created, 'hello')), 'NoSuchContainer');
      const { id } = await run('stubborn');
      await subject().killByHand(id);
      await exitOf(id);
      assert.equal(code(await exec(id, 'hello')), 'NoSuchContainer');
      value(await subject().engine.remove(id, true));
      assert.equal(code(await exec(id, 'hello')), 'NoSuchContainer');
    });

    test('ends with its container', async () => {
      const { run, exitOf } = await newPod();
      const { id } = await run('runs');
      const hanging = exec(id, 'hangs');
      value(await exec(id, 'takes-a-while'));
      await subject().killByHand(id);
      const ended = await hanging;
      // Its process is killed with the container's, unless the engine has forgotten it by then.
      assert.ok(ended.ok ? ended.value.exitCode === 137 : ended.error.code === 'NoSuchContainer');
      await exitOf(id);
    });

    test('waits for its turn where it is a probe, and only then', async () => {
      const { run } = await newPod();
      const [busy, free] = [(await run('runs')).id, (await run('runs', { attempt: 1 })).id];
      const hanging = Array.from({ length: 8 }, () => exec(busy, 'hangs', { probe: true }));
      let answered = false;
      const waiting = exec(free, 'hello', { probe: true }).finally(() => (answered = true));
      for (let hook = 0; hook < 3; hook++) value(await exec(free, 'hello'));
      assert.equal(answered, false);
      await subject().killByHand(busy);
      assert.deepEqual(value(await waiting), { exitCode: 0, output: 'hello\n' });
      await Promise.all(hanging);
    });
  });
}
