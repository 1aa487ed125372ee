// The engine in memory keeps the contract of an engine.
import { systemClock } from '../../src/clock.ts';
import { FakeEngine } from '../../src/engine/fake/fake-engine.ts';
import { SANDBOX_NAME } from '../../src/engine/labels.ts';
import { image } from '../setup/images.ts';
import { engineContract } from './engine-contract.ts';
import { type BehaviourName, behaviours } from './pods.ts';

engineContract('in memory', async () => {
  const owner = { nodeName: 'node', rootDir: '/fake' };
  const engine = new FakeEngine({
    ...owner,
    clock: systemClock,
    hooks: {
      script: (config) =>
        'name' in config && config.name !== SANDBOX_NAME
          ? behaviours[config.name as BehaviourName].script
          : {},
    },
  });
  engine.images.set(image.pause, { present: true });
  engine.images.set(image.busybox, { present: true });
  engine.images.set(image.stopsOnUsr1, { present: true, stopSignal: 'SIGUSR1' });
  engine.images.set(image.asUser1234, { present: true, user: '1234:1234' });
  const slowImage = 'slow.test/slow:1';
  engine.images.set(slowImage, { present: false, pullMs: 600_000 });
  engine.open();
  const foreign = new Set<string>();
  // The system clock's timers do not keep a process alive; this does, until `close`.
  const alive = setInterval(() => {}, 1000);
  return {
    engine,
    owner,
    slowImage,
    addForeign: async (name) => {
      const id = engine.addForeign(name);
      foreign.add(id);
      return id;
    },
    foreignExists: async (id) => foreign.has(id) && !engine.now().some((ours) => ours.id === id),
    killByHand: async (id) => engine.killByHand(id),
    removeByHand: async (id) => engine.removeByHand(id),
    close: async () => {
      engine.close();
      clearInterval(alive);
    },
  };
});
