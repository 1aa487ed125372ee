// `npm test`: one engine and its images for all, then every test file by Node's test runner, a process a file.
// Arguments choose among them: paths of test files or folders, or --only=PART of a path.
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { ensureEngine, NoEngineError } from './engine.ts';
import { ensureImages } from './images.ts';
import { scratchDirectory, sweep } from './scratch.ts';

const startedMs = performance.now();
const root = join(import.meta.dirname, '../..');
/** Against a hang only: a machine that is busy with other things as well must not fail for it. */
const totalMsMax = 15 * 60_000;
const fileMsMax = 4 * 60_000;
/** A file is a process that often has a monopod and containers beside it. */
const concurrency = Math.min(4, availableParallelism());

const secondsSoFar = () => ((performance.now() - startedMs) / 1000).toFixed(1);

function chosenFiles(args: string[]): string[] {
  const all = globSync('test/**/*.test.ts', { cwd: root }).toSorted();
  if (args.length === 0) return all;
  const isChosen = (file: string) =>
    args.some((arg) => {
      if (arg.startsWith('--only=')) return file.includes(arg.slice('--only='.length));
      const path = relative(root, resolve(root, arg));
      return file === path || file.startsWith(`${path}/`);
    });
  return all.filter(isChosen);
}

type TestEvent = { type: string; data: { message?: string; nesting?: number } };

/** Puts the whole time, engine and images included, above the summary that Node's runner ends with. */
async function* withTotalTime(events: AsyncIterable<TestEvent>) {
  for await (const event of events) {
    const { message = '', nesting } = event.data;
    if (event.type === 'test:diagnostic' && nesting === 0 && /^tests \d+$/.test(message)) {
      yield {
        ...event,
        data: { ...event.data, message: `total ${secondsSoFar()} s, engine and images included` },
      };
    }
    yield event;
  }
}

async function main(): Promise<void> {
  const files = chosenFiles(process.argv.slice(2));
  if (files.length === 0) {
    console.error(`no test file matches ${process.argv.slice(2).join(' ')}`);
    process.exitCode = 1;
    return;
  }
  const engine = await ensureEngine((line) => console.error(line));
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      process.exitCode = 1;
      stopping.abort();
    });
  }
  const bound = setTimeout(() => {
    console.error(`the tests have not ended within ${totalMsMax / 60_000} minutes: stopped`);
    process.exitCode = 1;
    stopping.abort();
  }, totalMsMax);
  const scratch = scratchDirectory();
  const images = await ensureImages(engine.endpoint);
  try {
    const results = run({
      files: files.map((file) => join(root, file)),
      concurrency,
      timeout: fileMsMax,
      signal: stopping.signal,
    });
    results.on('test:fail', () => {
      process.exitCode = 1;
    });
    for await (const text of results.compose(withTotalTime).compose(spec)) process.stdout.write(text);
  } finally {
    clearTimeout(bound);
    await sweep(engine.endpoint, scratch);
    if (!engine.private) await images.remove();
    await engine.close();
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof NoEngineError ? error.message : error);
  process.exitCode = 1;
});
