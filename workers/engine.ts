// The engine thread: dockerode and its connections, the one event stream, image pulls. One a monopod.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { GiveBack } from '../src/actors/memory.ts';
import { enter, postSpans } from '../src/actors/thread.ts';
import { systemClock } from '../src/clock.ts';
import { DockerEngine } from '../src/engine/docker/docker-engine.ts';
import { loginFiles } from '../src/engine/registry/login-files.ts';
import {
  type EngineThread,
  type EngineThreadData,
  type EngineThreadParent,
  serveEngine,
} from '../src/engine/service.ts';
import { startRecording } from '../src/telemetry/recorder.ts';

// The endpoint is what main says. docker-modem reads these of its own accord, and ends the thread over a bad one.
delete process.env.DOCKER_HOST;

enter<EngineThreadParent, EngineThread, EngineThreadData>(({ parent, data, thread }) => {
  const recording = startRecording({ thread, sink: postSpans, clock: systemClock });
  // Main may be gone by then; there is nobody else to tell.
  const log: EngineThreadParent['log'] = (...line) => void parent.log(...line).catch(() => {});
  const warn = (message: string) => log('warn', message, {});
  const { endpoint, nodeName, formerNames, rootDir, images } = data;
  const { pullsMax, stallTimeoutMs, gc: policy, needed } = images;
  const engine = new DockerEngine({
    endpoint,
    nodeName,
    ...(formerNames && { formerNames }),
    rootDir,
    clock: systemClock,
    warn,
    loginsOf: loginFiles({ rootDir, workingDir: process.cwd(), home: homedir() }, warn),
    imageGc: { policy, needed, log, recordPath: join(rootDir, 'pulled-images.json') },
    times: { pullsMax, stallTimeoutMs },
  });
  engine.open();
  const memory = new GiveBack(systemClock);
  memory.touched();
  const service = serveEngine(engine, () => {
    engine.close();
    recording.flush();
  });
  return {
    ...service,
    // A Pod that comes is a burst of calls.
    attach(key, calls, events) {
      memory.touched();
      service.attach(key, calls, events);
    },
  };
});
