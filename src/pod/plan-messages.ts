// Asks for the termination message of each container that has ended: from its file, or its log (kuberuntime
// getTerminationMessage). Nothing waits for the answer.
import type { Planning } from './planning.ts';
import type { ContainerSlot, Exit, Generation } from './state.ts';

export function planMessages(planning: Planning, generation: Generation): void {
  for (const slot of generation.containers) {
    const { phase } = slot;
    if (phase.at !== 'exited' || phase.exit.messageAsked || phase.id === '') continue;
    const { exitCode, reason } = phase.exit;
    planning.issue({
      type: 'read-message',
      serial: generation.serial,
      container: slot.name,
      id: phase.id,
      attempt: slot.nextAttempt - 1,
      ended: { exitCode, reason, ...(slot.logPath !== undefined && { logPath: slot.logPath }) },
    });
    slot.phase = { ...phase, exit: { ...phase.exit, messageAsked: true } };
  }
}

/** The engine's word stays in front of the container's own. */
export function withMessage(slot: ContainerSlot, id: string, text: string): void {
  if (text === '') return;
  const told = (exit: Exit): Exit => ({
    ...exit,
    message: exit.message === '' ? text : `${exit.message}: ${text}`,
  });
  if (slot.phase.at === 'exited' && slot.phase.id === id)
    slot.phase = { ...slot.phase, exit: told(slot.phase.exit) };
  else if (slot.last?.id === id) slot.last = told(slot.last);
}
