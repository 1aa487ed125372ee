// A probe that runs a command in its container (pkg/probe/exec).
import { formatDuration } from '../../config/duration.ts';
import type { ExecOutcome } from '../../engine/engine.ts';
import { FAILURES, messageOf } from '../../errors.ts';
import { expand } from '../../kubernetes/expansion.ts';
import type { V1ExecAction } from '../../kubernetes/generated/shapes.ts';
import type { Container } from '../../kubernetes/pod.ts';
import { type Around, bounded } from './around.ts';
import type { Target } from './target.ts';
import { type Attempt, containerEnded, failure, success, unknown } from './verdict.ts';

/** The engine keeps the time: it counts from the command's start, and the command may have to wait for its turn. */
export function execProbe(
  { command = [] }: V1ExecAction,
  { container, containerId }: Target,
  timeoutMs: number,
  around: Around,
): Promise<Attempt> {
  const expanded = withStaticEnvironment(command, container);
  const run = async () => {
    const outcome = await around.engine.exec(containerId, expanded, { timeoutMs, probe: true });
    if (outcome.ok) return judged(outcome.value);
    const { code, message } = outcome.error;
    if (code === 'ExecTimeout') return failure(commandTimedOut(expanded, timeoutMs));
    return unknown(message, FAILURES[code].retry);
  };
  return bounded(
    around,
    0,
    // Rejects only when the engine's thread is gone.
    () => run().catch((error) => unknown(messageOf(error))),
    () => unknown(containerEnded),
  );
}

/** The kubelet shows the output alone, which of a command that says nothing is nothing. */
const judged = ({ exitCode, output }: ExecOutcome): Attempt =>
  exitCode === 0 ? success() : failure(output.trim() === '' ? `the command exited with ${exitCode}` : output);

/** ExpandContainerCommandOnlyStatic: values as written, and nothing where the value comes from elsewhere. */
function withStaticEnvironment(command: string[], { env = [] }: Container): string[] {
  const values = new Map(env.map(({ name, value }) => [name, value ?? '']));
  return command.map((argument) => expand(argument, values));
}

export const commandTimedOut = (command: string[], timeoutMs: number): string =>
  `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${formatDuration(timeoutMs)}`;
