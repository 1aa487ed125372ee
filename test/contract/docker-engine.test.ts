// Docker behind DockerEngine keeps the contract of an engine.
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { DockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { startRegistry } from '../engine/docker/registry.ts';
import { dockerApi } from '../setup/docker-api.ts';
import { ensureEngine } from '../setup/engine.ts';
import { ensureImages, image } from '../setup/images.ts';
import { scratchDirectory } from '../setup/scratch.ts';
import { engineContract } from './engine-contract.ts';
import { until } from './until.ts';

engineContract('Docker', async () => {
  const testEngine = await ensureEngine(() => {});
  const images = await ensureImages(testEngine.endpoint);
  const docker = dockerApi(testEngine.endpoint);
  const owner = { nodeName: 'node', rootDir: join(scratchDirectory(), `contract-${process.pid}`) };
  const engine = new DockerEngine({
    ...owner,
    endpoint: testEngine.endpoint,
    clock: systemClock,
    warn: () => {},
  });
  let available = false;
  const stop = engine.watch((event) => {
    if (event.type === 'engine') available = event.available;
  });
  engine.open();
  await until(() => available);
  stop();
  const registry = await startRegistry();
  registry.beforeManifest = () => new Promise(() => {});
  const foreign: string[] = [];
  return {
    engine,
    owner,
    slowImage: `${registry.address}/slow:1`,
    addForeign: async (name, labels) => {
      const id = await docker.create(name, { Image: image.busybox, Cmd: ['true'], Labels: labels });
      foreign.push(id);
      return id;
    },
    foreignExists: async (id) => (await docker.inspect(id)) !== undefined,
    killByHand: async (id) => void (await docker.kill(id)),
    removeByHand: async (id) => void (await docker.remove(id)),
    close: async () => {
      engine.close();
      await registry.close();
      const ours = await docker.containers([`monopod.dev/root-dir=${owner.rootDir}`]);
      await Promise.all([...ours.map(({ Id }) => Id), ...foreign].map((id) => docker.remove(id)));
      await images.remove();
      await testEngine.close();
    },
  };
});
