// Whether the engine answers, as far as this Pod knows, and what a failed call says of that. Pure.
import type { Failure } from '../errors.ts';
import { FAILURES } from '../errors.ts';
import { engineRetryDelayMs, mountRetryDelayMs, retryDelayMs } from './back-off.ts';
import { type PodState, type Problem, problemText } from './state.ts';

/** The call may have had its effect: nothing more is done before the engine has been asked what it has. */
export const outcomeUnknown = ({ code }: Failure) =>
  code === 'EngineUnavailable' || code === 'EngineTimeout' || code === 'ThreadExited';

/** The engine's failure, and not that of what it was asked for. */
export const engineInTrouble = (error: Failure) => outcomeUnknown(error) || error.code === 'EngineError';

/** `asked`: the failure of a list, which alone is a further try; many calls may fail of one hang. */
export function engineIsAway(
  state: PodState,
  sinceMs: number,
  message: string,
  nowMs: number,
  asked = false,
): void {
  if (!state.engine.available && !asked) {
    state.engine = { ...state.engine, message };
    return;
  }
  const failures = state.engine.available ? 1 : state.engine.failures + 1;
  const since = state.engine.available ? sinceMs : state.engine.sinceMs;
  state.engine = {
    available: false,
    sinceMs: since,
    message,
    failures,
    retryAtMs: nowMs + engineRetryDelayMs(failures),
  };
  state.outageSinceMs ??= since;
  if (state.list.at === 'known') state.list = { at: 'due' };
}

/** It is back: ask at once what it has. */
export function engineAnswers(state: PodState): void {
  if (state.engine.available) return;
  state.engine = { ...state.engine, retryAtMs: 0 };
  if (state.list.at === 'known') state.list = { at: 'due' };
}

/** What costs a question only, and may be put right by hand: the kubelet asks again with each sync of the Pod. */
const ASKED_AGAIN: ReadonlySet<Failure['code']> = new Set([
  'ImageNeverPull',
  'ImageNameInvalid',
  'ImageInspectFailed',
]);

/** Unknown outcomes wait for the engine's return, not for a back-off of their own. */
export function problemAfter(
  before: Problem | undefined,
  error: Failure,
  nowMs: number,
): Problem | undefined {
  if (outcomeUnknown(error)) return before;
  const failures = (before?.failures ?? 0) + 1;
  return {
    reason: FAILURES[error.code].reason,
    message: problemText(error),
    failures,
    retryAtMs: nowMs + delayAfter(error, failures),
  };
}

function delayAfter({ code }: Failure, failures: number): number {
  if (code === 'HostPreparationFailed') return mountRetryDelayMs(failures);
  return retryDelayMs(ASKED_AGAIN.has(code) ? 1 : failures);
}
