// On the engine: only what monopod has pulled goes, and only if nobody uses it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import { DockerEngine } from '../../../src/engine/docker/docker-engine.ts';
import type { Disk, ImageGcPolicy } from '../../../src/engine/image-gc-plan.ts';
import { dockerApi } from '../../setup/docker-api.ts';
import { ensureEngine, type TestEngine } from '../../setup/engine.ts';
import { scratchDirectory } from '../../setup/scratch.ts';
import { startRegistry } from './registry.ts';
import { owner } from './watching.ts';

const full: Disk = { capacityBytes: 1e12, availableBytes: 0 };
const always: ImageGcPolicy = { highThreshold: 85, lowThreshold: 80, minAgeMs: 0, maxAgeMs: 0 };

describe('unused images', () => {
  let testEngine: TestEngine;
  let registry: Awaited<ReturnType<typeof startRegistry>>;
  let docker: ReturnType<typeof dockerApi>;
  const scratch = mkdtempSync(join(scratchDirectory(), 'image-gc-'));
  const pulled = new Set<string>();
  const containers: string[] = [];
  const name = (repository: string) => {
    const image = `${registry.address}/gc/${repository}:1`;
    pulled.add(image);
    return image;
  };
  before(async () => {
    testEngine = await ensureEngine(() => {});
    docker = dockerApi(testEngine.endpoint);
    registry = await startRegistry();
  });
  after(async () => {
    for (const id of containers) await docker.remove(id);
    for (const image of pulled) await docker.removeImage(image).catch(() => {});
    await registry.close();
    await testEngine.close();
    rmSync(scratch, { recursive: true });
  });

  let engines = 0;
  function open(
    over: { policy?: Partial<ImageGcPolicy>; disk?: Disk; needed?: string[]; record?: string } = {},
  ) {
    const recordPath = over.record ?? join(scratch, `record-${++engines}.json`);
    const logged: string[] = [];
    const engine = new DockerEngine({
      ...owner,
      endpoint: testEngine.endpoint,
      clock: systemClock,
      warn: () => {},
      imageGc: {
        policy: { ...always, ...over.policy },
        needed: over.needed ?? [],
        log: (_level, message) => logged.push(message),
        disk: async () => over.disk ?? full,
        recordPath,
      },
    });
    const pull = async (image: string) =>
      assert.equal((await engine.ensureImage(image, 'IfNotPresent')).ok, true);
    return { engine, recordPath, logged, pull };
  }
  const isThere = async (image: string) => Boolean(await docker.image(image));

  test('what monopod has pulled goes; what was there before, and what a container of anybody uses, stays', async () => {
    const { engine, pull, logged } = open();
    const [mine, foreign, used] = [name('mine'), name('foreign'), name('used')];
    const [repository = '', tag = ''] = [foreign.slice(0, -2), '1'];
    await docker.pullImage(repository, tag, 20_000);
    for (const image of [mine, foreign, used]) await pull(image);
    assert.equal((await engine.ensureImage(foreign, 'Always')).ok, true);
    containers.push(await docker.create('', { Image: used, Cmd: ['/none'] }));
    await engine.collectImages();
    assert.deepEqual([await isThere(mine), await isThere(foreign), await isThere(used)], [false, true, true]);
    assert.ok(logged.some((line) => line.startsWith('unused image removed')));
    await docker.remove(containers.pop() ?? '');
    await engine.collectImages();
    assert.equal(await isThere(used), false, 'it goes once it is not used any more');
    engine.close();
  });

  test("what somebody else has tagged is theirs too, and the sandbox's image stays", async () => {
    const [tagged, needed] = [name('tagged'), name('needed')];
    const { engine, pull } = open({ needed: [needed] });
    for (const image of [tagged, needed]) await pull(image);
    await docker.tagImage(tagged, `${registry.address}/gc/theirs`, '1');
    await engine.collectImages();
    assert.deepEqual([await isThere(tagged), await isThere(needed)], [true, true]);
    await docker.removeImage(`${registry.address}/gc/theirs:1`);
    await engine.collectImages();
    assert.equal(await isThere(tagged), false);
    engine.close();
  });

  test('an image that was pulled by several names goes with all of them', async () => {
    const first = name('twice');
    const second = `${first.slice(0, -2)}:2`;
    pulled.add(second);
    const { engine, pull, logged } = open();
    for (const image of [first, second]) await pull(image);
    await engine.collectImages();
    assert.deepEqual([await isThere(first), await isThere(second)], [false, false]);
    assert.equal(logged.filter((line) => line.startsWith('unused image removed')).length, 1);
    engine.close();
  });

  test('a disk with room keeps all, but what is too old', async () => {
    const image = name('room');
    const disk = { capacityBytes: 1e12, availableBytes: 1e12 };
    const { engine, pull, recordPath } = open({ disk });
    await pull(image);
    await engine.collectImages();
    assert.equal(await isThere(image), true);
    engine.close();
    const aged = open({ disk, policy: { maxAgeMs: 1 }, record: recordPath });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await aged.engine.collectImages();
    assert.equal(await isThere(image), false, 'and a later monopod knows what the one before has pulled');
    aged.engine.close();
  });

  test('a young image stays, and that not enough could be freed is said once', async () => {
    const image = name('young');
    const { engine, pull, logged } = open({ policy: { minAgeMs: 60_000 } });
    await pull(image);
    await engine.collectImages();
    await engine.collectImages();
    assert.equal(await isThere(image), true);
    assert.deepEqual(
      logged.map((line) => line.slice(0, 54)),
      ['Failed to garbage collect required amount of images. A'],
    );
    engine.close();
  });

  test('of a damaged record nothing is known, and nothing goes', async () => {
    const image = name('damaged-record');
    const { engine, pull, recordPath } = open();
    await pull(image);
    engine.close();
    assert.match(readFileSync(recordPath, 'utf8'), /damaged-record/);
    writeFileSync(recordPath, '{"version": 1, "images": [{');
    const later = open({ record: recordPath });
    await later.engine.collectImages();
    assert.equal(await isThere(image), true);
    later.engine.close();
  });
});
