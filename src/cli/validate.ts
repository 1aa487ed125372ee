// `monopod validate FILE…`: what monopod, and the kubelet, would say of manifests. Needs no engine, no running monopod
// and no root directory; exits with 1 if any is rejected.
import { hostname } from 'node:os';
import { type Command, Option } from 'commander';
import { nodeName } from '../config/values.ts';
import type { Paint } from '../manifest/render-verdict.ts';
import { CommandError } from './command-error.ts';
import type { TextFormat } from './print-document.ts';

type Options = { output?: TextFormat; strict?: true; hostnameOverride?: string };

export function addValidate(program: Command): void {
  program
    .command('validate')
    .description(
      'judge manifests as they would be judged if they were to run; exits with 1 if any is rejected',
    )
    .argument('<file...>', 'manifests, directories of them, pipes, or - for standard input')
    .addOption(new Option('-o, --output <format>', 'the verdicts as a list').choices(['json', 'yaml']))
    .option('--strict', 'reject unknown fields and keys that are there twice')
    .option('--hostname-override <name>', "name of the node (default: the host's name)")
    .action(validate);
}

async function validate(names: string[], options: Options): Promise<void> {
  const { stdin, stdout, stderr } = process;
  // Loaded for this verb alone: the others answer sooner without it.
  const { paintFor } = await import('./verdict-output.ts');
  const accepted = await validateManifests(names, options, {
    stdin,
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    paint: paintFor(stdout),
  });
  if (!accepted) process.exitCode = 1;
}

export type Streams = {
  stdin: AsyncIterable<Uint8Array>;
  out(text: string): unknown;
  err(text: string): unknown;
  paint?: Paint;
};

/** Whether all of them are accepted. Each verdict is written as soon as it is there. */
export async function validateManifests(
  names: string[],
  options: Options,
  streams: Streams,
): Promise<boolean> {
  const { manifestFiles } = await import('./manifest-files.ts');
  const { ManifestJudge } = await import('./judge-manifests.ts');
  const { verdictList, verdictText } = await import('./verdict-output.ts');
  const output = options.output ? await verdictList(streams, options.output) : verdictText(streams);
  const judge = new ManifestJudge({
    nodeName: nodeNameOf(options.hostnameOverride),
    strict: options.strict ?? false,
  });
  let accepted = true;
  for await (const file of manifestFiles(names, streams.stdin)) {
    if (file.kind === 'ignored') output.ignored(file);
    else {
      const judged = judge.judge(file);
      accepted &&= judged.verdict.accepted;
      output.judged(judged);
    }
    // Whoever reads along may have seen enough: that is heard between turns only.
    await nextTurn();
  }
  output.end();
  return accepted;
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function nodeNameOf(override: string | undefined): string {
  try {
    return nodeName(override ?? hostname());
  } catch (error) {
    const what = override === undefined ? `the host's name '${hostname()}'` : '--hostname-override';
    throw new CommandError(`${what} is invalid: ${(error as Error).message}`);
  }
}
