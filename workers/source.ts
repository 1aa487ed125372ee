// Source thread: one source, its watch and its last good set.
import { join } from 'node:path';
import { GiveBack } from '../src/actors/memory.ts';
import { enter, postSpans, workersDirectory } from '../src/actors/thread.ts';
import { systemClock } from '../src/clock.ts';
import { DecodePool } from '../src/sources/decode-pool.ts';
import { DirectorySource } from '../src/sources/directory/directory-source.ts';
import type { DirectorySourceData, SourceChild, SourceParent } from '../src/sources/service.ts';
import { startRecording } from '../src/telemetry/recorder.ts';

enter<SourceParent, SourceChild, DirectorySourceData>(({ parent, data, thread }) => {
  const recording = startRecording({ thread, sink: postSpans, clock: systemClock });
  const memory = new GiveBack(systemClock);
  memory.touched();
  const source = new DirectorySource({
    ...data,
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
