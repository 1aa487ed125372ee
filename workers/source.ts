// Source thread: one source, its watch and its last good set.
import { join } from 'node:path';
import { GiveBack } from '../src/actors/memory.ts';
import { enter, postSpans, workersDirectory } from '../src/actors/thread.ts';
import { systemClock } from '../src/clock.ts';
import { DecodePool } from '../src/sources/decode-pool.ts';
import type { PushCalls } from '../src/sources/push/calls.ts';
import type { SourceChild, SourceData, SourceParent } from '../src/sources/service.ts';
import { makeSource } from '../src/sources/source.ts';
import { startRecording } from '../src/telemetry/recorder.ts';

enter<SourceParent, SourceChild & Partial<PushCalls>, SourceData>(({ parent, data, thread }) => {
  const recording = startRecording({ thread, sink: postSpans, clock: systemClock });
  const memory = new GiveBack(systemClock);
  memory.touched();
  const source = makeSource(data, {
    clock: systemClock,
    decoder: new DecodePool({ clock: systemClock, filename: join(workersDirectory(), 'decode.cjs') }),
    post(update) {
      memory.touched();
      const taken = parent.update(update);
      // If main cannot take it this thread ends, whoever else waits for it.
      void taken.then(() => undefined);
      return taken;
    },
  });
  void source.start();
  return {
    ...source.calls,
    rescan: () => source.rescan(),
    async stop() {
      await source.stop();
      recording.stop();
    },
  };
});
