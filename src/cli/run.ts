// `monopod run`: the flags, then main, until a signal. A signal stops monopod, not the Pods.
import type { Command } from 'commander';
import { sleep, systemClock } from '../clock.ts';
import { addRunFlags, toRunOptions } from '../config/flags.ts';
import type { ConfigReader } from '../config/kubelet/document.ts';
import type { ConfigInUse } from '../config/kubelet/in-use.ts';
import { StartupError } from '../config/startup-error.ts';

/** The threads are ended by then, or go with the process: containers do not mind. */
const stopMsMax = 8_000;

/** The terminal sends Ctrl-C to each process of its group, and npm or the launcher sends it on: that is one, not two. */
const repeatedSignalMs = 500;

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
type Signal = keyof typeof exitCodes;

export function addRun(program: Command): Command {
  const command = program
    .command('run')
    .description(
      'run the Pods of a directory of manifests, or of a URL, on this node, until a signal ends monopod (not the Pods)',
    )
    .usage('--pod-manifest-path=PATH [flags]')
    .action(() => run(command, config()));
  const config = addRunFlags(command, undefined, configReader);
  return command;
}

/** Loaded only where there are configuration files. */
async function configReader(): Promise<ConfigReader> {
  const [{ readDocument }, { nearName }] = await Promise.all([
    import('../manifest/read-document.ts'),
    import('../kubernetes/near-name.ts'),
  ]);
  return { read: readDocument, nearName };
}

async function run(command: Command, config: ConfigInUse | undefined): Promise<void> {
  let onSignal: (signal: Signal) => void = () => process.exit(0);
  let first: { signal: Signal; atMs: number } | undefined;
  for (const signal of Object.keys(exitCodes) as Signal[])
    process.on(signal, () => {
      const now = systemClock.now();
      if (first === undefined) {
        first = { signal, atMs: now };
        onSignal(signal);
      } else if (first.signal !== signal || now - first.atMs > repeatedSignalMs)
        process.exit(exitCodes[signal]);
    });
  // Loaded for this verb alone: the others answer sooner without it.
  const main = await import('../main.ts');
  const running = await main.run(toRunOptions(command), config).catch((error: unknown) => {
    if (!(error instanceof StartupError) || !config) throw error;
    throw new StartupError(config.withPlaces(error.message), { cause: error });
  });
  const signalled = new Promise<void>((resolve) => {
    onSignal = (signal) => {
      resolve(Promise.race([running.stop(signal), sleep(systemClock, stopMsMax)]));
    };
  });
  await Promise.race([signalled, running.stopped]);
  process.exit(0);
}
