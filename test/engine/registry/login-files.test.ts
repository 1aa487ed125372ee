// Where the logins for registries are looked for.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loginFiles } from '../../../src/engine/registry/login-files.ts';
import { scratchDirectory } from '../../setup/scratch.ts';

function places(t: TestContext) {
  const scratch = mkdtempSync(join(scratchDirectory(), 'logins-'));
  t.after(() => rmSync(scratch, { recursive: true, force: true }));
  const [rootDir, workingDir, home] = ['root', 'work', 'home'].map((name) => {
    mkdirSync(join(scratch, name));
    return join(scratch, name);
  }) as [string, string, string];
  mkdirSync(join(home, '.docker'));
  const warnings: string[] = [];
  const loginsOf = loginFiles({ rootDir, workingDir, home }, (message) => warnings.push(message));
  const user = async () => (await loginsOf('r.example/app'))[0]?.username;
  const auths = (username: string) => ({ 'r.example': { username, password: 'secret' } });
  const config = (directory: string, username: string) =>
    writeFileSync(join(directory, 'config.json'), JSON.stringify({ auths: auths(username) }));
  const dockercfg = (directory: string, username: string) =>
    writeFileSync(join(directory, '.dockercfg'), JSON.stringify(auths(username)));
  return { rootDir, workingDir, home, warnings, user, config, dockercfg };
}

test('the root directory first, then where monopod runs, then the home; config.json before .dockercfg', async (t) => {
  const { rootDir, workingDir, home, user, config, dockercfg } = places(t);
  assert.equal(await user(), undefined);
  dockercfg(home, 'home-older');
  assert.equal(await user(), 'home-older');
  dockercfg(rootDir, 'root-older');
  assert.equal(await user(), 'root-older');
  config(join(home, '.docker'), 'home');
  assert.equal(await user(), 'home');
  config(workingDir, 'work');
  assert.equal(await user(), 'work');
  config(rootDir, 'root');
  assert.equal(await user(), 'root');
});

test('a changed file counts at once', async (t) => {
  const { rootDir, user, config } = places(t);
  config(rootDir, 'one');
  assert.equal(await user(), 'one');
  config(rootDir, 'two');
  assert.equal(await user(), 'two');
});

test('a broken file is passed over, and said to be so once until that changes', async (t) => {
  const { rootDir, home, user, config, warnings } = places(t);
  config(join(home, '.docker'), 'home');
  writeFileSync(join(rootDir, 'config.json'), '{"auths": {"r.example": {"password": "secret"');
  assert.equal(await user(), 'home');
  assert.equal(await user(), 'home');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /root\/config\.json.*not JSON/);
  assert.doesNotMatch(warnings.join(), /secret/);
  config(rootDir, 'root');
  assert.equal(await user(), 'root');
});

test('a config.json that is of some other program does not hide the next', async (t) => {
  const { workingDir, home, user, config, warnings } = places(t);
  writeFileSync(join(workingDir, 'config.json'), '{"name": "something else"}');
  config(join(home, '.docker'), 'home');
  assert.equal(await user(), 'home');
  assert.deepEqual(warnings, []);
});
