// What the run before has left in checkpoints: each Pod as it was, and the version that it was to run. Texts in; a
// damaged one is told of and left out.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { readCheckpoints } from '../host/checkpoint.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { PodKey, StaticPod } from '../manifest/static-pod.ts';
import { restore } from '../pod/checkpoint.ts';
import { lastSeen } from '../pod/publication.ts';
import { type Generation, generationsOf, type PodState } from '../pod/state.ts';
import type { Log } from '../telemetry/log.ts';

export type Adopted = {
  key: PodKey;
  checkpoint: string;
  /** Undefined: it was to go. */
  runs: StaticPod | undefined;
  generations: Generation[];
  /** As last seen, so that a Pod which runs on does not vanish while monopod restarts. */
  pod: Pod | undefined;
};

export function* adoptable(
  { rootDir, hostIps }: { rootDir: string; hostIps: string[] },
  clock: Clock,
  log: Log,
): Generator<Adopted> {
  for (const [key, checkpoint] of readCheckpoints(rootDir)) {
    const restored = restore(checkpoint);
    if (restored?.state.key !== key) {
      log.warn('a damaged checkpoint is ignored; the engine has the essentials', { pod: key });
      continue;
    }
    const { state, conditions } = restored;
    let pod: Pod | undefined;
    try {
      pod = lastSeen(state, conditions, hostIps, clock.now());
    } catch (error) {
      // Not of our shape after all: that is the actor's affair, and must not be the end of main.
      log.warn('a Pod cannot be shown from its checkpoint', { pod: key, cause: messageOf(error) });
    }
    yield { key, checkpoint, runs: desiredOf(state), generations: generationsOf(state), pod };
  }
}

/** The manifest that the checkpointed Pod was to run, if it was not to go. */
function desiredOf({ current, next }: PodState): StaticPod | undefined {
  if (next) return next.staticPod;
  return current && current.stage !== 'terminating' ? current.staticPod : undefined;
}
