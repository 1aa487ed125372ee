// How far a running container has come: set up (its postStart hook is done), started (its startup probe has succeeded),
// ready (prober_manager isContainerStarted, UpdatePodStatus). Pure.
import type { ContainerSlot } from './state.ts';

/** Kubernetes shows it as running only from here on. */
export const isSetUp = ({ phase }: ContainerSlot): boolean =>
  phase.at === 'running' && phase.postStart.at === 'done';

const succeeded = ({ phase, probes }: ContainerSlot, kind: 'startup' | 'readiness') =>
  phase.at === 'running' && probes[kind]?.id === phase.id && probes[kind]?.result === 'success';

export const hasStarted = (slot: ContainerSlot): boolean =>
  isSetUp(slot) && (slot.spec.startupProbe === undefined || succeeded(slot, 'startup'));

export const isReady = (slot: ContainerSlot): boolean =>
  hasStarted(slot) && (slot.spec.readinessProbe === undefined || succeeded(slot, 'readiness'));
