// A DockerEngine before a scripted one, with short times, and a Pod that writes down what it hears.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import { DockerEngine, type DockerEngineOptions } from '../../../src/engine/docker/docker-engine.ts';
import type { EngineEvent } from '../../../src/engine/engine.ts';
import { until } from '../../contract/until.ts';
import { type ScriptedContainer, ScriptedEngine } from './scripted-engine.ts';

export const owner = { nodeName: 'node', rootDir: '/root-dir' };
export const key = 'ns/pod';
export const shortTimes = {
  timeoutMs: 400,
  slowMs: 60,
  pingTimeoutMs: 60,
  listTimeoutMs: 300,
  backoffMsMin: 5,
  backoffMsMax: 20,
};

export const podLabels = {
  'io.kubernetes.pod.name': 'pod',
  'io.kubernetes.pod.namespace': 'ns',
  'io.kubernetes.pod.uid': 'uid',
  'io.kubernetes.container.name': 'c',
  'io.kubernetes.docker.type': 'container',
  'monopod.dev/node': owner.nodeName,
  'monopod.dev/root-dir': owner.rootDir,
};

export async function watching(t: TestContext, times: DockerEngineOptions['times'] = {}) {
  const scripted = new ScriptedEngine();
  await scripted.up();
  const warnings: string[] = [];
  const engine = new DockerEngine({
    ...owner,
    endpoint: scripted.endpoint,
    clock: systemClock,
    warn: (message) => warnings.push(message),
    times: { ...shortTimes, ...times },
  });
  const heard: EngineEvent[] = [];
  engine.attach(key, (event) => heard.push(event));
  engine.open();
  // The system clock's timers do not keep a process alive.
  const alive = setInterval(() => {}, 1000);
  t.after(async () => {
    engine.close();
    clearInterval(alive);
    await scripted.down();
  });
  const hears = (type: EngineEvent['type'], count = 1) =>
    until(() => heard.filter((event) => event.type === type).length >= count);
  await hears('listed');
  assert.deepEqual(
    // On a loaded machine the first try may take longer than these short times allow.
    heard
      .slice(heard.findLastIndex((event) => event.type === 'engine' && !event.available) + 1)
      .map((event) => (event.type === 'engine' ? event.available : event.type)),
    [true, 'listed'],
  );
  heard.length = 0;
  const add = (id: string, state: string, exitCode?: number): ScriptedContainer => {
    const container = { id, state, labels: podLabels, exitCode };
    scripted.containers.set(id, container);
    return container;
  };
  return { scripted, engine, heard, hears, add, warnings };
}
