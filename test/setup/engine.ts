// The engine that tests and the demo run on: the one that answers, else a private one for as long as this process lives.
import { existsSync } from 'node:fs';
import { dockerApi } from './docker-api.ts';
import { canInstallPackages, installPackages, program } from './packages.ts';
import { enginePackages, startPrivateEngine } from './private-engine.ts';

export type TestEngine = {
  /** Also set as DOCKER_HOST for child processes. */
  endpoint: string;
  /** Whether it is ours, and with it all that it holds. */
  private: boolean;
  close(): Promise<void>;
};

/** What a person can do about it; the message is all there is to say. */
export class NoEngineError extends Error {
  override readonly name = 'NoEngineError';
}

const defaultEndpoint = 'unix:///var/run/docker.sock';

/** `MONOPOD_TEST_ENGINE=private` passes over an engine that answers. `say` gets a line where it takes long. */
export async function ensureEngine(say: (line: string) => void): Promise<TestEngine> {
  const found = await answeringEngine();
  if (found !== undefined) return use(found);
  const missing = ['dockerd', 'containerd', 'runc'].filter((name) => program(name) === undefined);
  if (missing.length > 0) {
    if (!canInstallPackages()) throw new NoEngineError(advice);
    say('no engine answers: installing docker.io');
    installPackages(enginePackages);
  } else if (process.getuid?.() !== 0) throw new NoEngineError(advice);
  say('starting a private engine, which ends with this command');
  const engine = await startPrivateEngine();
  process.env.DOCKER_HOST = engine.endpoint;
  // For a child process this is the engine that answers.
  delete process.env.MONOPOD_TEST_ENGINE;
  return { endpoint: engine.endpoint, private: true, close: engine.remove };
}

const advice = `no Docker Engine answers at ${process.env.DOCKER_HOST ?? defaultEndpoint}
start one, or set DOCKER_HOST; as root on Debian or Ubuntu this command brings its own`;

function use(endpoint: string): TestEngine {
  process.env.DOCKER_HOST = endpoint;
  return { endpoint, private: false, close: async () => {} };
}

async function answeringEngine(): Promise<string | undefined> {
  if (process.env.MONOPOD_TEST_ENGINE === 'private') return undefined;
  for (const endpoint of new Set([process.env.DOCKER_HOST ?? defaultEndpoint, defaultEndpoint])) {
    if (endpoint.startsWith('unix://') && !existsSync(new URL(endpoint).pathname)) continue;
    const answer = await dockerApi(endpoint)
      .version()
      .catch(() => undefined);
    if (answer) return endpoint;
  }
  return undefined;
}
