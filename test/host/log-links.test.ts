// The kubelet's log layout over the engine's log files, and what becomes of it when these go.
import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { dropAllDeadLinks, dropDeadLinks, findLog, linkLog } from '../../src/host/log-links.ts';
import { identity, scratch } from './scratch.ts';

const on = scratch();

/** As the engine has it. */
function engineLog(id: string, text = id): string {
  const path = on.at(`engine/${id}/${id}-json.log`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
const link = (id: string, attempt: number, container = 'main') =>
  linkLog(on.logs, identity, container, { attempt, logPath: engineLog(id) });
const removeOnEngine = (id: string) => rmSync(on.at(`engine/${id}`), { recursive: true });
const logs = (container = 'main') => {
  const directory = join(on.logs, 'default_web-node_u1', container);
  return existsSync(directory) ? readdirSync(directory).toSorted() : [];
};
const byContainer = () => readdirSync(on.at('containers')).toSorted();

test('logs lie as the kubelet lays them, by Pod and by container', async () => {
  await link('abc', 3);
  const path = join(on.logs, 'default_web-node_u1/main/3.log');
  assert.equal(readFileSync(path, 'utf8'), 'abc');
  assert.equal(readlinkSync(on.at('containers/web-node_default_main-abc.log')), path);
});

test('a link is replaced where it led elsewhere', async () => {
  await link('one', 0);
  await link('two', 0);
  assert.equal(readFileSync(join(on.logs, 'default_web-node_u1/main/0.log'), 'utf8'), 'two');
});

test('a name that is too long for a file is cut, as the kubelet cuts it', async () => {
  const [name, id] = ['x'.repeat(200), 'a'.repeat(64)];
  await linkLog(on.logs, { ...identity, name }, 'main', { attempt: 0, logPath: engineLog(id) });
  assert.deepEqual(byContainer(), [`${`${name}_default_main-${id}`.slice(0, 251)}.log`]);
});

test('a log is found by its container, whatever its attempt', async () => {
  await link('one', 0);
  await link('two', 7);
  assert.equal(await findLog(on.logs, identity, 'main', 'two'), on.at('engine/two/two-json.log'));
  assert.equal(await findLog(on.logs, identity, 'main', 'three'), undefined);
  assert.equal(await findLog(on.logs, identity, 'other', 'one'), undefined);
});

test('the links of a container that was removed go with the next attempt, or when they are looked at', async () => {
  for (const attempt of [0, 1]) await link(`a${attempt}`, attempt);
  removeOnEngine('a0');
  await link('a2', 2);
  assert.deepEqual(logs(), ['1.log', '2.log']);
  assert.deepEqual(byContainer(), ['web-node_default_main-a1.log', 'web-node_default_main-a2.log']);
  removeOnEngine('a1');
  await dropDeadLinks(on.logs, identity);
  assert.deepEqual(logs(), ['2.log']);
  assert.deepEqual(byContainer(), ['web-node_default_main-a2.log']);
});

test('a log that is being rotated keeps its link', async () => {
  await link('a', 0);
  const path = on.at('engine/a/a-json.log');
  renameSync(path, `${path}.1`);
  await dropDeadLinks(on.logs, identity);
  await dropAllDeadLinks(on.logs, () => false);
  assert.deepEqual([logs(), byContainer()], [['0.log'], ['web-node_default_main-a.log']]);
});

test('all links go with the Pod', async () => {
  await on.prepared();
  await link('a', 0);
  await linkLog(on.logs, { ...identity, name: 'other' }, 'main', { attempt: 0, logPath: engineLog('b') });
  assert.ok((await on.clean()).ok);
  assert.deepEqual(readdirSync(on.logs), ['default_other_u1']);
  assert.deepEqual(byContainer(), ['other_default_main-b.log']);
});

test('what Pods have left that nobody knows goes; what may be of others stays', async () => {
  const dead = async (uid: string) => {
    await linkLog(on.logs, { ...identity, uid }, 'main', { attempt: 0, logPath: engineLog(uid) });
    removeOnEngine(uid);
  };
  await dead('unknown');
  await dead('known');
  await linkLog(on.logs, { ...identity, uid: 'alive' }, 'main', { attempt: 0, logPath: engineLog('alive') });
  const kubelets = join(on.logs, 'default_of-kubelet_k/main');
  mkdirSync(kubelets, { recursive: true });
  writeFileSync(join(kubelets, '0.log'), 'text');
  mkdirSync(join(on.logs, 'default_starting_s/main'), { recursive: true });
  symlinkSync('/nowhere/x.log', on.at('containers/foreign.log'));
  await dropAllDeadLinks(on.logs, (uid) => uid === 'known');
  assert.deepEqual(readdirSync(on.logs).toSorted(), [
    'default_of-kubelet_k',
    'default_starting_s',
    'default_web-node_alive',
    'default_web-node_known',
  ]);
  assert.equal(readFileSync(join(kubelets, '0.log'), 'utf8'), 'text');
  assert.ok(lstatSync(on.at('containers/foreign.log')));
});
