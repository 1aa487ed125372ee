// Images from a real registry that wants a login, over a line that is slow, cut and dead; and what of earlier attempts
// of a container stays. What is told of it, and that nothing secret is.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { image } from '../setup/images.ts';
import { scratchDirectory } from '../setup/scratch.ts';
import { type BadLine, badLine } from './harness/bad-line.ts';
import { pod, shell } from './harness/manifest.ts';
import { makeNode, type TestNode } from './harness/node.ts';
import { login, privateRegistry } from './harness/private-registry.ts';
import { until } from './harness/until.ts';

const repositories = ['team/app', 'held', 'cut', 'silent', 'left', 'denied'];

const waiting = ({ status }: Pod) => status?.containerStatuses?.[0]?.state?.waiting;
const basic = (password: string) => ({
  auth: Buffer.from(`${login.username}:${password}`).toString('base64'),
});

const manifestOf = (name: string, wanted: string, more = {}) =>
  pod(name, { containers: [shell(undefined, { image: wanted, ...more })] });

async function setUp(t: TestContext) {
  const scratch = mkdtempSync(join(scratchDirectory(), 'images-'));
  const registry = await privateRegistry(t, join(scratch, 'registry'));
  const line = await badLine(t, registry.address);
  const names = Object.fromEntries(
    repositories.map((name) => [
      name,
      `${name === 'denied' ? 'localhost' : '127.0.0.1'}:${line.port}/${name}`,
    ]),
  );
  const digests = new Map<string, string>();
  for (const name of repositories) digests.set(name, await registry.put(name));
  const node = await makeNode({
    flags: [
      '--image-pull-progress-deadline=8s',
      '--max-parallel-image-pulls=10',
      '--maximum-dead-containers=0',
    ],
  });
  t.after(async () => {
    if (!t.passed) console.error(`--- log of ${node.name}\n${node.logTail()}---`);
    await node.dispose();
    rmSync(scratch, { recursive: true, force: true });
    for (const name of Object.values(names)) await node.docker.removeImage(`${name}:1`).catch(() => {});
    await node.docker.removeImage(`${names['team/app']}@${digests.get('team/app')}`).catch(() => {});
  });
  mkdirSync(node.root, { mode: 0o700 });
  const host = `127.0.0.1:${line.port}`;
  const logins = (more = {}) =>
    writeFileSync(
      join(node.root, 'config.json'),
      JSON.stringify({
        auths: { [`${host}/team`]: basic('out-of-date'), [`http://${host}`]: basic(login.password), ...more },
      }),
    );
  return { node, line, names, digests, logins };
}

test('pulls with a login over a bad line, the words for what fails, and what stays of dead containers', async (t) => {
  const { node, line, names, digests, logins } = await setUp(t);
  logins();
  line.troubles.set('held', 'held').set('silent', 'held').set('left', 'held').set('cut', 'cut once');
  const of = (name: string, wanted: string, more = {}) =>
    node.write(`${name}.yaml`, manifestOf(name, wanted, more));
  await of('app', `${names['team/app']}@${digests.get('team/app')}`);
  for (const name of ['held', 'cut', 'silent', 'left', 'denied']) await of(name, `${names[name]}:1`);
  await of('never', 'monopod.test/absent', { imagePullPolicy: 'Never' });
  await of('misnamed', 'Not/A/Name');
  const once = 'if [ -e /once/ran ]; then exec sleep 3600; fi; touch /once/ran; exit 3';
  await node.write(
    'once.yaml',
    pod('once', {
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: 'once', emptyDir: {} }],
      containers: [shell(once, { volumeMounts: [{ name: 'once', mountPath: '/once' }] })],
    }),
  );
  await node.start();
  await Promise.all([
    progress(node, line),
    denied(node, line, logins),
    letsGo(node, line, manifestOf('left', `${names.left}:1`)),
    deadLine(node),
    secondLogin(node, `${names['team/app']}@${digests.get('team/app')}`),
    words(t, node),
    noDeadContainer(node),
    // A line that is cut half-way costs time, not the pull.
    node.running('cut').then(() => assert.equal(line.troubles.has('cut'), false)),
  ]);
  await noSecrets(node);
});

async function progress(node: TestNode, line: BadLine): Promise<void> {
  const shown = await node.shows('held', 'shows its progress', (seen) =>
    /\([1-9]\d%\)/.test(waiting(seen)?.message ?? ''),
  );
  assert.equal(waiting(shown)?.reason, 'ContainerCreating');
  assert.match(
    waiting(shown)?.message ?? '',
    /^Pulling image "127.*held:1": \d\.\d MB of 4\.2 MB \([1-9]\d%\)$/,
  );
  const row = new RegExp(`held-${node.name} +0/1 +Pulling [1-9]\\d% `);
  await until('get pods shows it', async () => row.test((await node.cli('get', 'pods')).stdout));
  line.release('held');
  await node.running('held');
}

async function denied(node: TestNode, line: BadLine, logins: (more: object) => void): Promise<void> {
  const failed = await node.shows('denied', 'is denied', (seen) => waiting(seen)?.reason === 'ErrImagePull');
  assert.match(waiting(failed)?.message ?? '', /denied:1.*(unauthorized|no basic auth)/);
  logins({ [`localhost:${line.port}`]: basic(login.password) });
  await node.running('denied');
}

/** Nothing waits for the pull of a Pod that is removed, and nothing is left of it to stand in the way of the next. */
async function letsGo(node: TestNode, line: BadLine, manifest: Pod): Promise<void> {
  await until('its layer is half here', () => line.halfWay('left'));
  await node.remove('left.yaml');
  await node.gone('left');
  line.troubles.delete('left');
  await node.write('left.yaml', manifest);
  await node.running('left');
}

async function deadLine(node: TestNode): Promise<void> {
  const failed = await node.shows(
    'silent',
    'is given up',
    (seen) => waiting(seen)?.reason === 'ErrImagePull',
  );
  assert.match(waiting(failed)?.message ?? '', /silent:1.*no progress for 8 s/);
}

/** The one for the longest path is tried first. */
async function secondLogin(node: TestNode, ref: string): Promise<void> {
  const { status } = await node.running('app');
  assert.equal(status?.containerStatuses?.[0]?.imageID, ref);
}

async function words(t: TestContext, node: TestNode): Promise<void> {
  const said = async (name: string, reason: string) =>
    waiting(await node.shows(name, `waits: ${reason}`, (seen) => waiting(seen)?.reason === reason))?.message;
  assert.equal(
    await said('never', 'ErrImageNeverPull'),
    'Container image "monopod.test/absent" is not present with pull policy of Never',
  );
  assert.equal(
    await said('misnamed', 'InvalidImageName'),
    'Failed to apply default image tag "Not/A/Name": couldn\'t parse image name "Not/A/Name": invalid reference format: repository name (Not/A/Name) must be lowercase',
  );
  // Brought by hand, as for a machine without a registry.
  t.after(() => node.docker.removeImage('monopod.test/absent:latest'));
  await node.docker.tagImage(image.busybox, 'monopod.test/absent', 'latest');
  await node.running('never');
}

async function noDeadContainer(node: TestNode): Promise<void> {
  await node.shows('once', 'runs again, and nothing is left of before', ({ status }) => {
    const [seen] = status?.containerStatuses ?? [];
    return seen?.restartCount === 1 && seen.state?.running !== undefined && !seen.lastState?.terminated;
  });
  await until('one container is left', async () => {
    const all = await node.containers('once');
    return all.filter(({ name }) => name === 'main').length === 1;
  });
}

async function noSecrets(node: TestNode): Promise<void> {
  const secrets = new RegExp(`${login.password}|out-of-date|${basic(login.password).auth}`);
  const { stdout } = await node.cli('trace', `denied-${node.name}`);
  assert.match(stdout, /ensureImage/);
  assert.doesNotMatch(stdout + node.log + JSON.stringify(await node.pods()), secrets);
  const files = readdirSync(node.root, { recursive: true, withFileTypes: true }).filter(
    (file) => file.isFile() && file.name !== 'config.json',
  );
  assert.ok(files.length > 0);
  for (const { parentPath, name } of files)
    assert.doesNotMatch(readFileSync(join(parentPath, name), 'utf8'), secrets, name);
}
