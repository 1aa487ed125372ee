// A thread that steps back does so alone.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const module = join(import.meta.dirname, '../../src/actors/step-back.ts');

test('the thread that steps back is nicer than before, the others are as they were', async () => {
  const before = getPriority();
  const code = `
    const { readlinkSync } = require('node:fs');
    const { getPriority } = require('node:os');
    const { parentPort } = require('node:worker_threads');
    const own = () => getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)));
    import(${JSON.stringify(module)}).then(({ stepBack }) => {
      const first = own();
      stepBack(3);
      const second = own();
      stepBack(100);
      parentPort.postMessage([second - first, own()]);
    });`;
  const [told] = await once(new Worker(code, { eval: true }), 'message');
  assert.deepEqual(told, [Math.min(3, 19 - before), 19]);
  assert.equal(getPriority(), before);
});
