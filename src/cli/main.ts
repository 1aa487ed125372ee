// The command line, dist/cli.cjs: verbs to their files, and every way to fail to one line and an exit code.
import { Command } from 'commander';
import { normaliseFlagNames } from '../config/flags.ts';
import { StartupError } from '../config/startup-error.ts';
import { version } from '../config/version.ts';
import { CommandError } from './command-error.ts';
import { addDescribe } from './describe.ts';
import { addDiff } from './diff.ts';
import { addGetManifests } from './get-manifests.ts';
import { addGetPods } from './get-pods.ts';
import { addLogs } from './logs.ts';
import { addRestart, addStart, addStop } from './order-pods.ts';
import { addRun } from './run.ts';
import { addTrace } from './trace.ts';
import { addValidate } from './validate.ts';

const program = new Command('monopod')
  .description('Runs Kubernetes static Pods on the container engine of this machine, without a kubelet.')
  .version(`monopod ${version()}`, '--version', 'show the version')
  .helpOption('-h, --help', 'show this')
  .helpCommand('help [verb]', 'show the help of a verb');
const run = addRun(program);
const get = program.command('get').description('show Pods or manifests');
addGetPods(get);
addGetManifests(get);
addLogs(program);
const describe = addDescribe(program);
addDiff(program);
addRestart(program);
addStop(program);
addStart(program);
addTrace(program);
addValidate(program);
for (const command of [program, ...program.commands, ...get.commands, ...describe.commands])
  explainErrors(command);

// `monopod get pods | head` closes the pipe when it has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const [verb = '', ...args] = process.argv.slice(2);
const normalised = verb === 'run' ? normaliseFlagNames(args, run) : args;
program.parseAsync(verb === '' ? [] : [verb, ...normalised], { from: 'user' }).catch((error: unknown) => {
  const expected = error instanceof CommandError || error instanceof StartupError;
  process.stderr.write(expected ? `error: ${error.message}\n` : `${(error as Error)?.stack ?? error}\n`);
  process.exit(error instanceof CommandError ? error.exitCode : 1);
});

function explainErrors(command: Command): void {
  const names = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  command.showHelpAfterError(`See '${names.join(' ')} --help'.`);
}
