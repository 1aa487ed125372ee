// What the engine in memory has beyond the contract: faults, fates of events, outages, and no time but its clock's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { EngineEvent } from '../../src/engine/engine.ts';
import { FakeEngine, type FakeEngineOptions } from '../../src/engine/fake/fake-engine.ts';
import type { Moment } from '../../src/engine/fake/script.ts';
import type { Result } from '../../src/errors.ts';
import { containerConfig, sandboxConfig } from '../contract/pods.ts';
import { image } from '../setup/images.ts';
import { FakeClock } from '../sources/fake-clock.ts';

const identity = { name: 'pod', namespace: 'ns', uid: 'uid' };
const key = 'ns/pod';

function setUp(hooks: FakeEngineOptions['hooks'] = {}) {
  const clock = new FakeClock();
  const engine = new FakeEngine({ nodeName: 'node', rootDir: '/fake', clock, hooks, listEveryMs: 0 });
  engine.images.set(image.pause, { present: true });
  engine.images.set(image.busybox, { present: true });
  const heard: EngineEvent[] = [];
  engine.attach(key, (event) => heard.push(event));
  /** Lets time pass until the call is answered; a call that takes longer than `withinMs` is a failure. */
  const done = async <T>(call: Promise<Result<T>>, withinMs = 1000): Promise<Result<T>> => {
    let answer: Result<T> | undefined;
    void call.then((result) => (answer = result));
    for (let ms = 0; ms <= withinMs; ms++) {
      await turn();
      if (answer) return answer;
      clock.advance(1);
    }
    assert.fail(`no answer within ${withinMs} ms`);
  };
  const get = async <T>(call: Promise<Result<T>>): Promise<T> => {
    const result = await done(call);
    assert.ok(result.ok, JSON.stringify(result));
    return result.value;
  };
  const runContainer = async () => {
    const sandboxId = await get(engine.createSandbox(sandboxConfig(identity)));
    await get(engine.start(sandboxId));
    const id = await get(engine.createContainer(containerConfig(identity, sandboxId, 'runs')));
    await get(engine.start(id));
    return { sandboxId, id };
  };
  return { clock, engine, heard, done, get, runContainer };
}

test('nothing happens while the clock stands still', async () => {
  const { engine } = setUp();
  let answered = false;
  void engine.list().then(() => (answered = true));
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(answered, false);
});

test('a fault fails the next call of its kind, without effect, and no other', async () => {
  const { engine, done, get } = setUp();
  engine.failNext('createSandbox', { kind: 'fail', code: 'EngineError' });
  await get(engine.version());
  const failed = await done(engine.createSandbox(sandboxConfig(identity)));
  assert.equal(failed.ok ? 'ok' : failed.error.code, 'EngineError');
  assert.deepEqual(engine.now(), []);
  await get(engine.createSandbox(sandboxConfig(identity)));
});

test('a call that runs into its time may have had its effect, or not', async () => {
  const { engine, done } = setUp();
  for (const effect of [false, true]) {
    engine.failNext('createSandbox', { kind: 'timeout', effect });
    const answer = await done(engine.createSandbox(sandboxConfig(identity)), 121_000);
    assert.equal(answer.ok ? 'ok' : answer.error.code, 'EngineTimeout');
    assert.equal(engine.now().length, effect ? 1 : 0);
  }
});

test('events are lost, late or repeated as the hook says, and tell what is so when they arrive', async () => {
  const fates = [[], [{ delayMs: 50 }], [{ delayMs: 0 }, { delayMs: 50 }]];
  const { clock, engine, heard, runContainer } = setUp({ fate: () => fates.shift() ?? [{ delayMs: 0 }] });
  const { sandboxId, id } = await runContainer();
  engine.killByHand(id);
  clock.advance(1000);
  assert.deepEqual(heard, []);
  engine.killByHand(sandboxId, 3);
  clock.advance(40);
  assert.deepEqual(heard, []);
  clock.advance(40);
  assert.equal(heard.length, 1);
  engine.removeByHand(id);
  clock.advance(1000);
  assert.deepEqual(heard.slice(1), [
    { type: 'removed', id },
    { type: 'removed', id },
  ]);
});

test('an outage: calls fail, events are lost, containers go on; after it one list', async () => {
  const { clock, engine, heard, done, runContainer } = setUp();
  const { sandboxId, id } = await runContainer();
  engine.beginOutage();
  engine.beginOutage();
  const failed = await done(engine.kill(id, 'SIGTERM'));
  assert.equal(failed.ok ? 'ok' : failed.error.code, 'EngineUnavailable');
  engine.killByHand(id);
  clock.advance(1000);
  engine.endOutage();
  assert.deepEqual(
    heard.map((event) => (event.type === 'engine' ? event.available : event)),
    [
      false,
      true,
      {
        type: 'listed',
        containers: [
          { id: sandboxId, state: 'running' },
          { id, state: 'exited' },
        ],
      },
    ],
  );
});

test('moments are told in order, with the signal that was sent', async () => {
  const moments: string[] = [];
  const moment = (seen: Moment) =>
    moments.push(`${seen.type} ${seen.container.name}${seen.type === 'signalled' ? ` ${seen.signal}` : ''}`);
  const { clock, engine, get, runContainer } = setUp({ moment: (seen) => void moment(seen) });
  const { id } = await runContainer();
  await get(engine.kill(id, 'SIGTERM'));
  clock.advance(10);
  await get(engine.remove(id, true));
  assert.deepEqual(moments, [
    'created POD',
    'started POD',
    'created runs',
    'started runs',
    'signalled runs SIGTERM',
    'exited runs',
    'removed runs',
  ]);
});

test('commands do as the script of their container says, and are told with its state as it was', async () => {
  const moments: Moment[] = [];
  const exec = ([program]: string[]) =>
    program === 'fails' ? { exitCode: 2, output: 'no', takesMs: 500 } : { hangs: program === 'hangs' };
  const hooks = { script: () => ({ exec }), moment: (seen: Moment) => void moments.push(seen) };
  const { clock, engine, done, get, runContainer } = setUp(hooks);
  const { id } = await runContainer();
  const run = (program: string, timeoutMs = 0) => engine.exec(id, [program], { timeoutMs, probe: true });
  assert.deepEqual(await get(run('fails')), { exitCode: 2, output: 'no' });
  assert.deepEqual(await get(run('other')), { exitCode: 0, output: '' });
  const early = await done(run('fails', 499));
  assert.equal(early.ok ? 'ok' : early.error.code, 'ExecTimeout');
  assert.equal((await get(run('fails', 500))).exitCode, 2);
  const hanging = run('hangs');
  clock.advance(10);
  await turn();
  clock.advance(100_000);
  engine.killByHand(id);
  assert.deepEqual(await get(hanging), { exitCode: 137, output: '' });
  const dead = await done(run('fails'));
  assert.equal(dead.ok ? 'ok' : dead.error.code, 'NoSuchContainer');
  const told = moments.flatMap((seen) =>
    seen.type === 'exec' ? `${seen.command} ${seen.probe} ${seen.container.state}` : [],
  );
  assert.deepEqual(told, [
    'fails true running',
    'other true running',
    'fails true running',
    'fails true running',
    'hangs true running',
    'fails true exited',
  ]);
});

test('a command ends when the engine goes away, and may meet a fault before it begins', async () => {
  const asked: string[] = [];
  const exec = ([program = '']: string[]) => {
    asked.push(program);
    return { hangs: true };
  };
  const { clock, engine, done, runContainer } = setUp({ script: () => ({ exec }) });
  const { id } = await runContainer();
  engine.failNext('exec', { kind: 'fail', code: 'ExecFailed' });
  const options = { timeoutMs: 0, probe: false };
  const failed = await done(engine.exec(id, ['first'], options));
  assert.equal(failed.ok ? 'ok' : failed.error.code, 'ExecFailed');
  const hanging = engine.exec(id, ['second'], options);
  clock.advance(10);
  await turn();
  engine.beginOutage();
  const ended = await done(hanging);
  assert.equal(ended.ok ? 'ok' : ended.error.code, 'EngineUnavailable');
  const away = await done(engine.exec(id, ['third'], options));
  assert.equal(away.ok ? 'ok' : away.error.code, 'EngineUnavailable');
  assert.deepEqual(asked, ['second']);
});

test('eight probes run at once; the timeout of one that waits counts from its turn', async () => {
  const begun: string[] = [];
  const exec = ([program = '']: string[]) => {
    begun.push(program);
    return program === 'ninth' ? { takesMs: 50 } : { hangs: true };
  };
  const { clock, engine, done, get, runContainer } = setUp({ script: () => ({ exec }) });
  const { id } = await runContainer();
  for (let number = 1; number <= 8; number++)
    void engine.exec(id, [`${number}`], { timeoutMs: 10_000, probe: true });
  const ninth = engine.exec(id, ['ninth'], { timeoutMs: 100, probe: true });
  clock.advance(10);
  await turn();
  clock.advance(9_000);
  await turn();
  assert.equal(begun.length, 8);
  const hook = await done(engine.exec(id, ['hook'], { timeoutMs: 10, probe: false }));
  assert.equal(hook.ok ? 'ok' : hook.error.code, 'ExecTimeout');
  clock.advance(1_000);
  assert.deepEqual(await get(ninth), { exitCode: 0, output: '' });
  assert.deepEqual(begun.slice(8), ['hook', 'ninth']);
});

test('pulls of one image are shared, and four run at once', async () => {
  const { clock, engine, done } = setUp();
  const names = Array.from({ length: 6 }, (_, number) => `registry.test/app-${number}:1`);
  for (const name of names) engine.images.set(name, { present: false, pullMs: 100 });
  const pulls = [...names, ...names].map((name) => engine.ensureImage(name, 'IfNotPresent'));
  for (let ms = 0; ms < 50; ms++) {
    clock.advance(1);
    await turn();
  }
  assert.equal(engine.pullCounts.size, 4);
  for (const pull of pulls) assert.equal((await done(pull)).ok, true);
  assert.deepEqual([...engine.pullCounts.values()], [1, 1, 1, 1, 1, 1]);
});
