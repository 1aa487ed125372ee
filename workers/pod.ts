// A Pod's thread: one actor, its two ports to the engine, nothing else. It starts as a warm spare without a Pod.
import type { MessagePort } from 'node:worker_threads';
import { type Connection, connect } from '../src/actors/call.ts';
import { GiveBack } from '../src/actors/memory.ts';
import { enter, postSpans } from '../src/actors/thread.ts';
import { systemClock } from '../src/clock.ts';
import type { Engine } from '../src/engine/engine.ts';
import { invariant } from '../src/errors.ts';
import { removeCheckpoint, writeCheckpoint } from '../src/host/checkpoint.ts';
import { linkLog } from '../src/host/log-links.ts';
import { podHost } from '../src/host/pod-host.ts';
import { type ActorHost, PodActor } from '../src/pod/actor.ts';
import { DETACHED } from '../src/pod/events.ts';
import { effectRunner } from '../src/pod/run-effect.ts';
import type { PodBoot, PodParent, PodThread } from '../src/pod/service.ts';
import { startRecording } from '../src/telemetry/recorder.ts';

enter<PodParent, PodThread, undefined>(({ parent, thread }) => {
  startRecording({ thread, sink: postSpans, clock: systemClock });
  const memory = new GiveBack(systemClock);
  let actor: PodActor | undefined;
  let engine: Connection<Engine> | undefined;
  const attach = (calls: MessagePort, events: MessagePort) => {
    engine?.close('the engine thread was replaced');
    const connection = connect<Engine>(calls);
    engine = connection;
    calls.once('close', () => connection.close('the engine thread has ended'));
    events.on('message', (event) => actor?.receive(event));
  };
  return {
    begin(boot, calls, events) {
      attach(calls, events);
      const runEffect = effectRunner({
        boot,
        clock: systemClock,
        host: podHost(boot),
        engine() {
          invariant(engine, 'a Pod has its engine from its first moment');
          return engine.remote;
        },
        warn: (message, fields) => void parent.log('warn', message, { pod: boot.key, ...fields }),
      });
      actor = new PodActor({
        boot,
        clock: systemClock,
        runEffect(effect, state, signal) {
          if (!DETACHED.has(effect.type)) memory.touched();
          return runEffect(effect, state, signal);
        },
        host: hostOf(boot),
        parent,
      });
    },
    desire: (desired, version) => actor?.desire(desired, version),
    discard: (id) => actor?.receive({ type: 'discard', id }),
    attach,
  };
});

const hostOf = ({ rootDir, podLogsDir, key }: PodBoot): ActorHost => ({
  checkpoint: (text) => (text === '' ? removeCheckpoint(rootDir, key) : writeCheckpoint(rootDir, key, text)),
  linkLog({ identity, container, attempt, logPath }) {
    // A link that cannot be made costs the link, not the container.
    linkLog(podLogsDir, identity, container, { attempt, logPath }).catch(() => undefined);
  },
});
