// Two states of a Pod, one after the other -> the lines that a person wants to read of what happened between. Pure.
import type { LogFields } from '../telemetry/log.ts';
import {
  type ContainerSlot,
  type Generation,
  type PodState,
  PROBE_KINDS,
  type ProbeKind,
  type Problem,
  type StopReason,
} from './state.ts';

export type Line = { level: 'info' | 'warn'; message: string; fields: LogFields };

export function narrate(before: PodState, after: PodState): Line[] {
  const lines: Line[] = [];
  const tell = (level: Line['level'], message: string, fields: LogFields = {}) =>
    lines.push({ level, message, fields: { pod: after.key, ...fields } });
  if (before.engine.available && !after.engine.available)
    tell('warn', 'the engine does not answer; its status is kept', { cause: after.engine.message });
  if (!before.engine.available && after.engine.available) tell('info', 'the engine answers again');
  const stopped = after.stopped === before.stopped ? undefined : after.stopped;
  for (const generation of [stopped, after.current, after.next])
    if (generation) ofGeneration(before, generation, tell);
  if (before.current?.stage === 'terminating' && after.current?.serial !== before.current.serial) {
    tell('info', 'Pod stopped', { uid: before.current.staticPod.uid });
  }
  ofRemains(before, after, tell);
  return lines;
}

/** What cannot be cleared away keeps nothing else waiting; so that somebody looks at it, it has to be said. */
function ofRemains(before: PodState, after: PodState, tell: Tell): void {
  for (const { id, uid, message } of after.leftovers) {
    const then = before.leftovers.find((leftover) => leftover.id === id);
    // Tried again within seconds: said once. That the engine is away is said above.
    if (message !== undefined && then && message !== then.message && after.engine.available)
      tell('warn', 'cannot remove a container of the Pod; trying again', { uid, cause: message });
  }
  for (const { uid, message, failures } of after.cleanups) {
    const then = before.cleanups.find((cleanup) => cleanup.uid === uid);
    if (then && failures > then.failures)
      tell('warn', 'cannot remove all directories of the Pod; trying again', { uid, cause: message });
  }
}

type Tell = (level: Line['level'], message: string, fields?: LogFields) => void;

function ofGeneration(before: PodState, generation: Generation, tell: Tell): void {
  const { uid } = generation.staticPod;
  const old = [before.current, before.next].find((candidate) => candidate?.serial === generation.serial);
  if (generation.stage !== old?.stage) {
    if (generation.stage === 'active') tell('info', 'Pod accepted', { uid });
    if (generation.stage === 'completing') {
      const { reason } = generation.failed ?? { reason: 'its main containers have ended' };
      tell('info', 'ending the Pod', { uid, reason });
    }
    if (generation.stage === 'finished') tell('info', 'Pod finished', { uid });
    if (generation.stage === 'terminating') {
      const { sinceMs = 0, deadlineMs = 0 } = generation.termination ?? {};
      tell('info', 'stopping the Pod', { uid, graceSeconds: (deadlineMs - sinceMs) / 1000 });
    }
  }
  const problem = (what: string, now: Problem | undefined, then: Problem | undefined) => {
    if (now && now.failures !== then?.failures && !saysItAgain(now, then))
      tell('warn', `${what}: ${now.reason}`, { uid, cause: now.message });
  };
  problem('sandbox', generation.sandboxProblem, old?.sandboxProblem);
  problem('host', generation.hostProblem, old?.hostProblem);
  if (generation.sandbox.at === 'dead' && old?.sandbox.at === 'ready')
    tell('warn', 'the sandbox has died; the Pod starts over', { uid });
  if (generation.restartingAll && !old?.restartingAll)
    tell('warn', `restarting all containers: ${generation.restartingAll.trigger} has asked for it`, { uid });
  for (const slot of generation.containers) {
    const then = old?.containers.find(({ name }) => name === slot.name);
    problem(`container ${slot.name}`, slot.problem, then?.problem);
    ofContainer(slot, then, uid, tell);
  }
}

/** What is asked about every few seconds, with the same answer. */
const saysItAgain = ({ reason, message }: Problem, then: Problem | undefined): boolean =>
  ['ErrImageNeverPull', 'InvalidImageName', 'ImageInspectError'].includes(reason) &&
  then?.reason === reason &&
  then.message === message;

function ofContainer(slot: ContainerSlot, then: ContainerSlot | undefined, uid: string, tell: Tell): void {
  const { phase, name } = slot;
  if (phase.at === 'running' && then?.phase.at !== 'running')
    tell('info', `container ${name} started`, { uid, restartCount: slot.restartCount });
  if (phase.at === 'exited' && then?.phase.at !== 'exited') {
    const { exitCode, reason, message } = phase.exit;
    tell('info', `container ${name} ended`, { uid, exitCode, reason, ...(message && { cause: message }) });
  }
  const sent = phase.at === 'running' ? phase.stop?.killSentAtMs : undefined;
  const sentThen = then?.phase.at === 'running' ? then.phase.stop?.killSentAtMs : undefined;
  if (sent !== undefined && sentThen === undefined)
    tell('warn', `container ${name} outlived its grace period: SIGKILL`, { uid });
  if (slot.hookFailure && slot.hookFailure !== then?.hookFailure)
    tell('warn', `container ${name}: ${slot.hookFailure.hook} hook failed`, {
      uid,
      cause: slot.hookFailure.message,
    });
  for (const kind of PROBE_KINDS) ofProbe(slot, then, kind, uid, tell);
  const why = phase.at === 'running' && then?.phase.at === 'running' && !then.phase.stop && phase.stop?.why;
  if (why && KILLED_FOR[why]) tell('warn', `container ${name} ${KILLED_FOR[why]} and is stopped`, { uid });
}

/** Kubernetes' Killing events, in its words. */
const KILLED_FOR: Partial<Record<StopReason, string>> = {
  liveness: 'failed liveness probe',
  startup: 'failed startup probe',
  'post-start': 'failed its postStart hook',
};

/** Of a row of failures: a command may say something else each time. */
const newsMax = 5;

/** The first failure or trouble in a row, a failure for another reason, and the turn of what holds: not each probe. */
function ofProbe(
  { name, probes, phase }: ContainerSlot,
  then: ContainerSlot | undefined,
  kind: ProbeKind,
  uid: string,
  tell: Tell,
): void {
  const now = probes[kind];
  const before = then?.probes[kind]?.id === now?.id ? then?.probes[kind] : undefined;
  if (!now) return;
  const news = now.news ?? 0;
  if (news > 0 && news <= newsMax && news !== before?.news)
    tell('warn', `container ${name}: ${kind} probe failed`, {
      uid,
      ...(now.message && { cause: now.message }),
    });
  // One that was given up because its container has ended is no news.
  if (now.trouble && !before?.trouble && phase.at === 'running')
    tell('warn', `container ${name}: ${kind} probe could not be run`, { uid, cause: now.trouble });
  if (kind === 'readiness' && before && now.result !== before.result)
    tell('info', `container ${name} is ${now.result === 'success' ? 'ready' : 'not ready'}`, { uid });
}
