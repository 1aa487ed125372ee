// The kubelet's log layout over the engine's log files.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkLog } from '../../src/host/log-links.ts';
import { identity, scratch } from './scratch.ts';

const on = scratch();

test('logs lie as the kubelet lays them; a link is replaced', async () => {
  for (const text of ['one', 'two']) {
    writeFileSync(on.at(text), text);
    await linkLog(on.logs, identity, 'main', { attempt: 3, logPath: on.at(text) });
  }
  assert.equal(readFileSync(join(on.logs, 'default_web-node_u1/main/3.log'), 'utf8'), 'two');
});
