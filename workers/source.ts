// Source thread: one source, its watch and its last good set.
import { join } from 'node:path';
import { GiveBack } from '../src/actors/memory.ts';
import { enter, postSpans, workersDirectory } from '../src/actors/thread.ts';
import { systemClock } from '../src/clock.ts';
import { DecodePool } from '../src/sources/decode-pool.ts';
import type { SourceChild, SourceData, SourceParent } from '../src/sources/service.ts';
import { makeSource } from '../src/sources/source.ts';
import { startRecording } from '../src/telemetry/recorder.ts';

enter<SourceParent, SourceChild, SourceData>(({ parent, data, thread }) => {
  const recording = startRecording({ thread, sink: postSpans, clock: systemClock });
  const memory = new GiveBack(systemClock);
  memory.touched();
  const source = makeSource(data, {
    clock: systemClock,
    decoder: new DecodePool({ clock: systemClock, filename: join(workersDirectory(), 'decode.cjs') }),
    post(update) {
      memory.touched();
      void parent.update(update);
    },
  });
  void source.start();
  return {
    rescan: () => source.rescan(),
    async stop() {
      await source.stop();
      recording.stop();
    },
  };
});
