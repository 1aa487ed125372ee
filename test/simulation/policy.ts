// Which containers start again, told a second time, apart from src: what the simulation's rules judge by.
import type { Container, PodSpec } from '../../src/kubernetes/pod.ts';

export const isSidecar = (pod: PodSpec, container: Container): boolean =>
  (pod.initContainers?.includes(container) ?? false) && container.restartPolicy === 'Always';

export const isOrdinaryInit = (pod: PodSpec, container: Container): boolean =>
  (pod.initContainers?.includes(container) ?? false) && container.restartPolicy !== 'Always';

/** In the order they start. */
export const containersOf = (pod: PodSpec): Container[] => [...(pod.initContainers ?? []), ...pod.containers];

type Action = 'Restart' | 'RestartAllContainers';

/** What the first rule that an exit code meets asks for. */
export function ruleFor({ restartPolicyRules = [] }: Container, exitCode: number): Action | undefined {
  for (const { action, exitCodes } of restartPolicyRules) {
    const among = exitCodes?.values?.includes(exitCode) === true;
    if (exitCodes?.operator === 'In' ? among : !among) return action as Action;
  }
  return undefined;
}

const policyOf = (pod: PodSpec, container: Container) =>
  container.restartPolicy ?? pod.restartPolicy ?? 'Always';

/** After an end of its own with this exit code. */
export function startsAgain(pod: PodSpec, container: Container, exitCode: number): boolean {
  if (isSidecar(pod, container)) return true;
  if (isOrdinaryInit(pod, container) && exitCode === 0) return false;
  if (ruleFor(container, exitCode)) return true;
  const policy = policyOf(pod, container);
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** After it was stopped for a failed probe: there is an end after which it would start again. */
export const canStartAgain = (pod: PodSpec, container: Container): boolean =>
  isSidecar(pod, container) ||
  policyOf(pod, container) !== 'Never' ||
  (container.restartPolicyRules ?? []).some(({ action }) => action === 'Restart');

/** At least a second (pod_workers). */
export const graceMsOf = (pod: PodSpec): number =>
  Math.max(1, pod.terminationGracePeriodSeconds ?? 30) * 1000;
