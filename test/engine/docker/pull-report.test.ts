// How the engine's report of a pull may end: well, with an error, cut off, broken, or not at all.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { watching } from './watching.ts';

const image = 'registry.test/app:1';

/** The code that a pull with this report ends with; the image is there after a pull, whatever its report said. */
async function pullWith(t: TestContext, report: (answer: ServerResponse) => void | Promise<void>) {
  const { scripted, engine } = await watching(t, { stallTimeoutMs: 100 });
  let pulled = false;
  scripted.handler = async ({ method, path }, answer) => {
    if (path === '/images/create') {
      pulled = true;
      answer.writeHead(200, { 'Content-Type': 'application/json' });
      await report(answer);
      return 'done';
    }
    if (method !== 'GET' || !path.startsWith('/images/')) return 'usual';
    if (pulled) answer.writeHead(200).end('{"Id":"sha256:1","RepoDigests":[],"Config":{}}');
    else answer.writeHead(404).end('{"message":"No such image"}');
    return 'done';
  };
  const result = await engine.ensureImage(image, 'IfNotPresent');
  const create = scripted.requestsTo(/^POST \/images\/create$/)[0];
  assert.equal(create?.query.get('fromImage'), 'registry.test/app');
  assert.equal(create?.query.get('tag'), '1');
  return { code: result.ok ? 'ok' : result.error.code, message: result.ok ? '' : result.error.message };
}

const line = (value: object) => `${JSON.stringify(value)}\r\n`;

test('a report that ends well is a pull', async (t) => {
  const { code } = await pullWith(t, (answer) => {
    answer.write(line({ status: 'Downloading' }));
    answer.end(line({ status: 'Downloaded newer image' }));
  });
  assert.equal(code, 'ok');
});

test('an error in the report is the failure, though the status was 200', async (t) => {
  const { code, message } = await pullWith(t, (answer) => {
    answer.write(line({ status: 'Downloading' }));
    answer.end(line({ errorDetail: { message: 'no space left on device' }, error: 'no space' }));
  });
  assert.equal(code, 'ImagePullFailed');
  assert.match(message, /registry\.test\/app:1.*no space left on device/);
});

test('a report that ends in the middle of a line is no pull', async (t) => {
  const { code } = await pullWith(t, (answer) => void answer.end('{"status":"Downl'));
  assert.equal(code, 'ImagePullFailed');
});

test('a report that is no JSON is no pull', async (t) => {
  const { code } = await pullWith(t, (answer) => void answer.end('<html>\n'));
  assert.equal(code, 'ImagePullFailed');
});

test('a connection that breaks during the report is the engine gone, not the image bad', async (t) => {
  const { code } = await pullWith(t, async (answer) => {
    answer.write(line({ status: 'Downloading' }));
    await pause(10);
    answer.destroy();
  });
  assert.equal(code, 'EngineUnavailable');
});

test('a pull that moves is waited for, one that stands still is given up', async (t) => {
  const stalled = await pullWith(t, async (answer) => {
    for (let step = 0; step < 6; step++) {
      answer.write(line({ status: 'Downloading', step }));
      await pause(40);
    }
  });
  assert.equal(stalled.code, 'ImagePullFailed');
  assert.match(stalled.message, /no progress for 0\.1 s/);
  const slow = await pullWith(t, async (answer) => {
    for (let step = 0; step < 6; step++) {
      answer.write(line({ status: 'Downloading', step }));
      await pause(40);
    }
    answer.end();
  });
  assert.equal(slow.code, 'ok');
});
