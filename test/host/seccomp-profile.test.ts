// A seccomp profile below <root-dir>/seccomp: read as JSON, or refused by its path alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readSeccompProfile } from '../../src/host/seccomp-profile.ts';

const rootDir = mkdtempSync(join(tmpdir(), 'monopod-seccomp-'));
const at = (path: string) => join(rootDir, 'seccomp', path);
mkdirSync(at('profiles'), { recursive: true });
after(() => rmSync(rootDir, { recursive: true }));

async function refusal(path: string, cause: RegExp) {
  const answer = await readSeccompProfile(rootDir, path);
  assert.ok(!answer.ok, path);
  assert.equal(answer.error.code, 'ContainerCreateFailed');
  assert.equal(answer.error.message, `cannot load seccomp profile "${at(path)}"`);
  assert.match(answer.error.cause ?? '', cause);
}

test('is given as compact JSON', async () => {
  writeFileSync(at('profiles/a.json'), '{\n  "defaultAction": "SCMP_ACT_ALLOW"\n}\n');
  const value = '{"defaultAction":"SCMP_ACT_ALLOW"}';
  assert.deepEqual(await readSeccompProfile(rootDir, 'profiles/a.json'), { ok: true, value });
  symlinkSync('profiles/a.json', at('link.json'));
  assert.deepEqual(await readSeccompProfile(rootDir, 'link.json'), { ok: true, value });
});

describe('is refused', () => {
  test('when it is missing, or no file', async () => {
    await refusal('missing.json', /^no such file or directory$/);
    await refusal('profiles', /not a regular file/);
    execFileSync('mkfifo', [at('fifo')]);
    await refusal('fifo', /not a regular file/);
  });

  test('when it is no JSON, without a word of what it is', async () => {
    writeFileSync(at('shadow'), 'root:secret');
    const answer = await readSeccompProfile(rootDir, 'shadow');
    assert.ok(!answer.ok);
    assert.doesNotMatch(JSON.stringify(answer.error), /secret/);
    await refusal('shadow', /^it is not JSON$/);
    for (const text of ['[]', 'null', '"x"']) {
      writeFileSync(at('other'), text);
      await refusal('other', /not a JSON object/);
    }
  });

  test('when it is huge', async () => {
    writeFileSync(at('huge'), `{"a":"${'x'.repeat(1 << 20)}"}`);
    await refusal('huge', /more than 1048576 bytes/);
  });

  test('when it lies outside, by .. or by a link', async () => {
    writeFileSync(join(rootDir, 'outside.json'), '{}');
    await refusal('../outside.json', /lies outside/);
    symlinkSync('../outside.json', at('leads-out'));
    await refusal('leads-out', /lies outside/);
    symlinkSync(rootDir, at('up'));
    await refusal('up/outside.json', /lies outside/);
  });
});
