// What is asked of the engine once for as long as it is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AskedOnce } from '../../../src/engine/docker/asked-once.ts';
import { fail, ok, type Result } from '../../../src/errors.ts';

test('an answer is kept until the engine has gone; a failure is not', async () => {
  const answers: Result<string>[] = [fail('EngineUnavailable', 'away'), ok('first'), ok('second')];
  const asked = new AskedOnce(async () => answers.shift() ?? fail('EngineError', 'asked once too often'));
  assert.deepEqual(await asked.get(), fail('EngineUnavailable', 'away'));
  for (let times = 0; times < 2; times++) assert.deepEqual(await asked.get(), ok('first'));
  asked.forget();
  for (let times = 0; times < 2; times++) assert.deepEqual(await asked.get(), ok('second'));
});
