// How a Pod looks whose actor dies again and again. Pure.
import type { Pod } from '../kubernetes/pod.ts';

export function withActorDeath(pod: Pod, deaths: number, cause: string, delayMs: number): Pod {
  const message = `the Pod's actor has died ${deaths} times in a row (${cause}); its containers run on, it is revived in ${delayMs / 1000} s`;
  return { ...pod, status: { ...pod.status, reason: 'ActorDied', message } };
}
