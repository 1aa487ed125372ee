// Brings a generation's containers forward: image, create as early as can be, start in order, start again by policy.
import type { PullPolicy } from '../engine/engine.ts';
import { nextBackOff } from './back-off.ts';
import { moveContainer } from './edges.ts';
import { becomesLast } from './leave-behind.ts';
import { needsPodIp, needsTurn } from './made-late.ts';
import type { Planning } from './planning.ts';
import { againAtMs, hasPassed, initialized, mayStart, restarts } from './restart-policy.ts';
import { hasStarted } from './started.ts';
import { type ContainerSlot, type Generation, sandboxId } from './state.ts';

export function planContainers(planning: Planning, generation: Generation): void {
  // First: what waits for a sidecar to have started is made now, there may be no other moment.
  notePassed(generation);
  for (const slot of generation.containers) {
    if (wantsAttempt(planning, generation, slot) && imageIsThere(planning, generation, slot))
      createNext(planning, generation, slot);
  }
  for (const slot of generation.containers) runPostStart(planning, generation, slot);
  startNext(planning, generation);
}

/** The slot has no container to run, and it is time that it had one. */
function wantsAttempt(planning: Planning, generation: Generation, slot: ContainerSlot): boolean {
  if (generation.abandoned || generation.sandbox.at === 'dead') return false;
  if (slot.problem && !planning.isDue(slot.problem.retryAtMs)) return false;
  if (slot.phase.at === 'waiting') return true;
  if (slot.phase.at !== 'exited' || generation.stage !== 'active') return false;
  const { exit } = slot.phase;
  if (slot.init && !slot.sidecar && (generation.initialized || hasPassed(slot))) return false;
  if (!mayStart(generation).includes(slot) || !restarts(generation, slot, exit)) return false;
  return exit.withEngine || planning.isDue(againAtMs(slot, exit));
}

/**
 * Pulls begin as soon as the generation is known, beside everything else. Under IfNotPresent and Never the create call
 * is tried first: it says itself if the image is missing, and saves a question on every start.
 */
function imageIsThere(planning: Planning, generation: Generation, slot: ContainerSlot): boolean {
  const policy = (slot.spec.imagePullPolicy ?? 'IfNotPresent') as PullPolicy;
  if (slot.image.at === 'present' || (slot.image.at === 'unasked' && policy !== 'Always')) return true;
  if (slot.image.at === 'pulling') return false;
  const { serial } = generation;
  const image = slot.spec.image ?? '';
  slot.image = {
    at: 'pulling',
    call: planning.issue({ type: 'ensure-image', serial, container: slot.name, image, policy }),
  };
  return false;
}

function createNext(planning: Planning, generation: Generation, slot: ContainerSlot): void {
  const sandbox = sandboxId(generation.sandbox);
  if (sandbox === undefined || generation.host.at !== 'ready') return;
  if (generation.sandbox.at !== 'ready' && needsPodIp(slot.spec)) return;
  if (needsTurn(slot.spec) && !mayStart(generation).includes(slot)) return;
  const { phase } = slot;
  const ended = phase.at === 'exited' ? phase.exit : slot.last;
  const excused = ended === undefined || ended.withEngine;
  if (phase.at === 'exited') {
    const { finishedAtMs } = phase.exit;
    const waitedMs = againAtMs(slot, phase.exit) - finishedAtMs;
    becomesLast(slot, phase.exit);
    if (!excused) slot.backOff = { ...nextBackOff(slot.backOff, finishedAtMs, planning.nowMs), waitedMs };
  }
  const call = planning.issue({
    type: 'create-container',
    serial: generation.serial,
    container: slot.name,
    attempt: slot.nextAttempt++,
    restartCount: excused ? slot.restartCount : slot.restartCount + 1,
    sandboxId: sandbox,
  });
  moveContainer(slot, { at: 'creating', call });
}

/** The hook runs beside the container's first moments; what comes next waits for it (kuberuntime startContainer). */
function runPostStart(planning: Planning, generation: Generation, slot: ContainerSlot): void {
  const { phase } = slot;
  if (phase.at !== 'running' || phase.postStart.at !== 'due' || phase.stop) return;
  const { id } = phase;
  const call = planning.issue({
    type: 'run-hook',
    serial: generation.serial,
    container: slot.name,
    id,
    hook: 'postStart',
    timeoutMs: 0,
  });
  slot.phase = { ...phase, postStart: { at: 'running', call } };
}

/** Once reached, neither is lost before the sandbox is: a sidecar that restarts holds up nothing. */
function notePassed(generation: Generation): void {
  for (const slot of generation.containers) if (slot.sidecar && hasStarted(slot)) slot.passed = true;
  if (generation.stage === 'active' && generation.sandbox.at === 'ready')
    generation.initialized = initialized(generation);
}

const isBeingStarted = ({ phase }: ContainerSlot) =>
  phase.at === 'starting' || (phase.at === 'running' && phase.postStart.at !== 'done' && !phase.stop);

/** Its turn comes before that of those after it, and will come by itself: no failure stands in the way. */
const isBeingMade = ({ phase, problem }: ContainerSlot) =>
  !problem && (phase.at === 'waiting' || phase.at === 'creating');

/**
 * One at a time, in the manifest's order, as kuberuntime's SyncPod does: what comes after a slow pull waits for it, and
 * only what has failed is passed by.
 */
function startNext(planning: Planning, generation: Generation): void {
  if (generation.stage !== 'active' || generation.sandbox.at !== 'ready' || generation.host.at !== 'ready')
    return;
  if (generation.containers.some(isBeingStarted)) return;
  const isReady = ({ phase, problem }: ContainerSlot) =>
    phase.at === 'created' && (!problem || planning.isDue(problem.retryAtMs));
  const slot = mayStart(generation).find((one) => isReady(one) || isBeingMade(one));
  if (slot?.phase.at !== 'created') return;
  const { id } = slot.phase;
  const call = planning.issue({
    type: 'start-container',
    serial: generation.serial,
    container: slot.name,
    id,
  });
  slot.image = { at: 'unasked' };
  moveContainer(slot, { at: 'starting', id, call });
}
