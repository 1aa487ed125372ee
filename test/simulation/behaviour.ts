// What a container does, as data, and the engine's script made of it. After the last fault everything behaves: nothing
// fails for good that its Pod is to come through, or no life could be judged by how it ends.
import type { ContainerScript, ExecScript } from '../../src/engine/fake/script.ts';
import type { Container, PodSpec } from '../../src/kubernetes/pod.ts';
import { startsAgain } from './policy.ts';

export type Behaviour = {
  /** By attempt; the last of them holds for all that follow. */
  runs: Run[];
  /** From the stop signal to the end. */
  stopsAfterMs: number;
  ignoresTerm?: true;
  stopExitCode?: number;
  /** By the command's last word: a kind of probe, or a hook. */
  execs?: Record<string, Command>;
};

/** Without `exitAfterMs` it runs until it is stopped. */
export type Run = { exitAfterMs?: number; exitCode?: number; oom?: true; failsToStart?: true };

/** Does well, but for a time of its container's life, or by turns. */
export type Command = {
  takesMs: number;
  bad?: 'fails' | 'hangs';
  /** Since the container's start. */
  badFromMs?: number;
  badUntilMs?: number;
  /** Bad and well by turns. */
  flapsEveryMs?: number;
};

type Scene = {
  pod: PodSpec;
  container: Container;
  attempt: number;
  calm: () => boolean;
  /** How long the container has been running. */
  ageMs: () => number;
};

export function scriptOf(behaviour: Behaviour, scene: Scene): ContainerScript {
  const run = behaviour.runs[Math.min(scene.attempt, behaviour.runs.length - 1)] ?? {};
  const { exitAfterMs, exitCode, oom, failsToStart } = scene.calm() ? calmed(run, scene) : run;
  return {
    stopsAfterMs: behaviour.stopsAfterMs,
    ...(behaviour.stopExitCode !== undefined && { stopExitCode: behaviour.stopExitCode }),
    ...(behaviour.ignoresTerm && { ignores: ['SIGTERM'] }),
    ...(exitAfterMs !== undefined && { exitAfterMs, exitCode: exitCode ?? 0 }),
    ...(oom && { oom }),
    ...(failsToStart && { failsToStart: 'exec: "main": not found', failsToStartCode: 127 }),
    exec: (command) => {
      const does = behaviour.execs?.[command.at(-1) ?? ''];
      return does && execScript(does, scene);
    },
  };
}

/** Nothing ends any more that would only start again. */
function calmed({ exitAfterMs, exitCode = 0 }: Run, { pod, container }: Scene): Run {
  const ordinaryInit = pod.initContainers?.includes(container) && container.restartPolicy !== 'Always';
  if (ordinaryInit)
    return { exitAfterMs: exitAfterMs ?? 0, exitCode: startsAgain(pod, container, exitCode) ? 0 : exitCode };
  const endsForGood = exitAfterMs !== undefined && !startsAgain(pod, container, exitCode);
  return endsForGood ? { exitAfterMs, exitCode } : {};
}

function execScript(command: Command, { calm, ageMs }: Scene): ExecScript {
  if (calm()) return { takesMs: Math.min(command.takesMs, 100) };
  if (!isBad(command, ageMs())) return { takesMs: command.takesMs };
  return command.bad === 'hangs'
    ? { hangs: true }
    : { takesMs: command.takesMs, exitCode: 1, output: 'not well' };
}

function isBad({ bad, badFromMs = 0, badUntilMs, flapsEveryMs }: Command, ageMs: number): boolean {
  if (!bad || ageMs < badFromMs || (badUntilMs !== undefined && ageMs >= badUntilMs)) return false;
  return flapsEveryMs === undefined || Math.floor(ageMs / flapsEveryMs) % 2 === 0;
}
