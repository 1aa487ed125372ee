// The private engine: runs beside others, its containers outlive its daemon, and nothing of it outlives its starter.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../e2e/harness/until.ts';
import { dockerApi } from './docker-api.ts';
import { ensureImages, image } from './images.ts';
import { startPrivateEngine } from './private-engine.ts';

const needs = { skip: process.getuid?.() === 0 ? false : 'only root can start an engine' };

const directoryOf = (endpoint: string) => dirname(new URL(endpoint).pathname);

const processesNaming = (directory: string) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(directory);
      } catch {
        return false;
      }
    });

test(
  'containers go on while the daemon is stopped, killed or paused, and are reachable',
  needs,
  async (t) => {
    const engine = await startPrivateEngine();
    t.after(() => engine.remove());
    const docker = dockerApi(engine.endpoint);
    await ensureImages(engine.endpoint);
    const id = await docker.create('', {
      Image: image.busybox,
      Cmd: ['httpd', '-f', '-p', '80', '-h', '/etc'],
    });
    await docker.start(id);
    const before = await docker.inspect(id);
    const reachable = async () =>
      (await fetch(`http://${before?.NetworkSettings.IPAddress}/passwd`)).status === 200;
    await until('the container answers', reachable);

    await engine.kill();
    await assert.rejects(docker.version());
    assert.ok(await reachable());
    await engine.start();
    await engine.stop();
    await engine.start();
    engine.pause();
    await assert.rejects(docker.version(200), /not answered/);
    engine.resume();
    await docker.version();
    assert.equal((await docker.inspect(id))?.State.StartedAt, before?.State.StartedAt);
  },
);

test('when its starter is killed, daemons, containers, bridge and files are gone', needs, async () => {
  const script = `
    import { startPrivateEngine } from '${import.meta.dirname}/private-engine.ts';
    import { ensureImages, image } from '${import.meta.dirname}/images.ts';
    import { dockerApi } from '${import.meta.dirname}/docker-api.ts';
    const { endpoint } = await startPrivateEngine();
    await ensureImages(endpoint);
    const docker = dockerApi(endpoint);
    await docker.start(await docker.create('', { Image: image.busybox, Cmd: ['sleep', '3600'] }));
    console.log(endpoint);
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(starter.stdout, 'data');
  const directory = directoryOf(`${line}`.trim());
  const bridge = readFileSync(join(directory, 'bridge'), 'utf8');
  assert.ok(networkInterfaces()[bridge]);
  starter.kill('SIGKILL');
  await until(
    'nothing of it is left',
    () => !existsSync(directory) && processesNaming(directory).length === 0,
  );
  assert.equal(networkInterfaces()[bridge], undefined);
});
