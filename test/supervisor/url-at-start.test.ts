// monopod starts while its URL does not answer: other sources go on, and nothing that the URL may own is touched.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunOptions } from '../../src/config/options.ts';
import type { ContainerObservation } from '../../src/engine/engine.ts';
import { writeCheckpoint } from '../../src/host/checkpoint.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import { checkpointText } from '../../src/pod/checkpoint.ts';
import { newGeneration, newPodState } from '../../src/pod/state.ts';
import { configuredSources, ownerOf } from '../../src/sources/configured.ts';
import { sourceIdOf } from '../../src/sources/service.ts';
import { entry, podOf, update } from './entries.ts';
import { supervised } from './supervised.ts';

const url = 'https://h/pods';
const sources = configuredSources({
  nodeName: 'n',
  rootDir: '/r',
  manifestPushPort: 0,
  podManifestPath: '/m',
  manifestUrl: url,
  manifestUrlHeader: {},
} as RunOptions);
const [fileId = '', urlId = ''] = sources.map(sourceIdOf);
const fromUrl = (name: string, version = 1, from = url): StaticPod => ({
  ...podOf(name, version),
  source: 'http',
  origin: `${from}#default/${name}`,
});

test('a URL that hangs, refuses, and answers at last', (t) => {
  const rootDir = mkdtempSync(join(tmpdir(), 'kt-url-'));
  t.after(() => rmSync(rootDir, { recursive: true, force: true }));
  const before = [fromUrl('web'), fromUrl('old'), fromUrl('former', 1, 'https://former/pods'), podOf('file')];
  for (const staticPod of before) {
    const current = newGeneration(1, staticPod, 'active', 0);
    const state = { ...newPodState(staticPod.key, { want: 'undecided' }), current };
    writeCheckpoint(rootDir, staticPod.key, checkpointText(state, undefined));
  }
  const on = supervised(rootDir, 110, [fileId, urlId]);
  const lastGood = on.supervisor.adopt((staticPod) => ownerOf(staticPod, sources));
  assert.deepEqual(
    lastGood
      .get(urlId)
      ?.map(({ key }) => key)
      .toSorted(),
    ['default/old', 'default/web'],
  );
  const stranger = { name: 'stranger', namespace: 'default', uid: 'stranger-1' };
  on.supervisor.engineHas([
    {
      id: 's',
      key: 'default/stranger',
      identity: stranger,
      name: 'main',
      labels: {},
    } as ContainerObservation,
  ]);

  // It hangs: the directory is heard alone.
  on.supervisor.update(
    update([entry(podOf('new')), entry(podOf('web', 2))], { sourceId: fileId, full: true }),
  );
  const wants = () =>
    Object.fromEntries(
      ['web', 'old', 'former', 'file', 'new'].map((name) => [name, on.last(name)?.want ?? 'undecided']),
    );
  const kept = { former: 'undecided', file: 'gone', new: 'run' };
  for (const name of ['web', 'old', 'former']) assert.notEqual(wants()[name], 'gone', name);
  assert.deepEqual({ ...wants(), web: '', old: '' }, { ...kept, web: '', old: '' });
  assert.equal(
    on.threads.some(({ boot }) => boot.key === 'default/stranger'),
    false,
  );
  assert.deepEqual(on.settled, []);

  // It refuses: its thread says what it began with.
  const unreadable = { message: 'refused', sinceMs: 0 };
  const keptEntries = [fromUrl('web'), fromUrl('old')].map((pod) => entry(pod, { state: 'kept' }));
  on.supervisor.update(update(keptEntries, { sourceId: urlId, full: true, unreadable }));
  assert.deepEqual(wants(), { ...kept, web: 'run', old: 'run' });
  assert.equal(on.last('web')?.uid, 'web-1', 'the directory does not get its name');
  const [trouble] = on.supervisor.hearing.troubles();
  assert.match(trouble?.message ?? '', /https:\/\/h\/pods cannot be read .*refused/);
  assert.deepEqual(on.settled, []);

  // It answers, without `old`: only now all is known.
  const answer = update([entry(fromUrl('web'))], { sourceId: urlId, removed: [`${url}#default/old`] });
  on.supervisor.update(answer);
  assert.deepEqual(wants(), { ...kept, web: 'run', old: 'gone', former: 'gone' });
  assert.equal(on.last('stranger')?.want, 'gone');
  assert.equal(on.settled.length, 1);
  assert.deepEqual(on.supervisor.hearing.troubles(), []);
});
