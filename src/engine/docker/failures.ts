// What the engine (or the way to it) answered -> our failure codes. Pure.
import { type Failure, type FailureCode, messageOf } from '../../errors.ts';

/** A call that did not succeed, before it is known what it means for the operation. */
export type Refusal =
  | { kind: 'unreachable'; message: string }
  | { kind: 'timeout'; message: string }
  | { kind: 'status'; status: number; message: string };

type HttpError = { statusCode?: number; json?: unknown; code?: string };

/** dockerode throws for statuses (with `statusCode` and the body as `json`) and for a broken connection alike. */
export function refusalOf(thrown: unknown): Refusal {
  const { statusCode, json } = (thrown ?? {}) as HttpError;
  if (statusCode === undefined) return { kind: 'unreachable', message: messageOf(thrown) };
  const said = (json as { message?: unknown } | null | undefined)?.message;
  const message = typeof said === 'string' && said !== '' ? said : messageOf(thrown);
  // dockerode's own words before the engine's.
  const words = message.replace(/^\(HTTP code \d+\) [\w ]* - /, '');
  return { kind: 'status', status: statusCode, message: words.trim() || message.trim() };
}

export const isGone = (refusal: Refusal): boolean => refusal.kind === 'status' && refusal.status === 404;

/** 304 and the 409s that say that what was asked for is so already, or about to be. */
export const isDone = (refusal: Refusal): boolean =>
  refusal.kind === 'status' &&
  (refusal.status === 304 ||
    (refusal.status === 409 &&
      /is not running|removal of container .* is already in progress/i.test(refusal.message)));

export const isNameConflict = (refusal: Refusal): boolean =>
  refusal.kind === 'status' && refusal.status === 409 && /name .* is already in use/i.test(refusal.message);

/** 409: it runs, is paused or restarting; the daemon asks for force. */
const needsForce = (refusal: Refusal) =>
  refusal.kind === 'status' && refusal.status === 409 && /force remove|cannot remove/i.test(refusal.message);

export const removeFailure = (refusal: Refusal, subject: string): Failure =>
  needsForce(refusal)
    ? { code: 'StillRunning', message: `${subject}: ${refusal.message}` }
    : plainFailure(refusal, subject);

/** For list, inspect and kill. */
export function plainFailure(refusal: Refusal, subject: string): Failure {
  if (isGone(refusal)) return { code: 'NoSuchContainer', message: `${subject}: ${refusal.message}` };
  return { code: troubleCode(refusal) ?? 'EngineError', message: `${subject}: ${refusal.message}` };
}

export function createFailure(kind: 'sandbox' | 'container', refusal: Refusal, subject: string): Failure {
  return { code: createCode(kind, refusal), message: `${subject}: ${refusal.message}` };
}

function createCode(kind: 'sandbox' | 'container', refusal: Refusal): FailureCode {
  const trouble = troubleCode(refusal);
  if (trouble) return trouble;
  if (isNameConflict(refusal)) return 'NameInUse';
  // The sandbox, to which 20.10 answers 400.
  if (/no such container/i.test(refusal.message)) return 'NoSuchContainer';
  if (isGone(refusal)) return 'NoSuchImage';
  // A config that only the engine finds fault with is no CreateContainerConfigError to the kubelet either.
  return kind === 'sandbox' ? 'SandboxCreateFailed' : 'ContainerCreateFailed';
}

/** As cri-dockerd's filterHTTPError has it: the registry's own word that it cannot serve now. */
export const pullCode = (words: string): 'ImagePullFailed' | 'RegistryUnavailable' =>
  /(unexpected HTTP status|status code):? 50[234]|\b50[234] (Bad Gateway|Service Unavailable|Gateway Time-?out)/i.test(
    words,
  )
    ? 'RegistryUnavailable'
    : 'ImagePullFailed';

/** Where the engine's word names no cause that a person could act on. */
export const explained = (words: string): string =>
  /unable to apply caps: operation not permitted/i.test(words)
    ? `${words} (the engine itself does not have all capabilities that the container is to get; a privileged one gets all there are)`
    : words;

export function startFailure(kind: 'sandbox' | 'container', refusal: Refusal, id: string): Failure {
  const message = `start: ${explained(refusal.message)}`;
  // Not when it is the sandbox, or the program inside, that is not found.
  if (isGone(refusal) && refusal.message.toLowerCase().includes(`no such container: ${id}`)) {
    return { code: 'NoSuchContainer', message };
  }
  const own = kind === 'sandbox' ? 'SandboxCreateFailed' : 'ContainerStartFailed';
  return { code: troubleCode(refusal) ?? own, message };
}

/** For a command: its container does not run (409) or is gone (404); anything else is about the command. */
export function execFailure(refusal: Refusal, subject: string): Failure {
  const code =
    isGone(refusal) || isDone(refusal) ? 'NoSuchContainer' : (troubleCode(refusal) ?? 'ExecFailed');
  return { code, message: `${subject}: ${refusal.message}` };
}

/** What the engine says of a command that it could not start, where that is no fault of the command's. */
export function neverRanCode(words: string): FailureCode | undefined {
  if (/in a (stopped|deleted) state|container that has stopped|container .* is not running/i.test(words)) {
    return 'NoSuchContainer';
  }
  return engineTrouble.test(words) ? 'EngineError' : undefined;
}

/** No word of the container at fault, but of an engine that is stopping or has lost its containerd. */
const engineTrouble =
  /context canceled|context deadline exceeded|transport is closing|ttrpc: closed|error while dialing|connection refused|shutting down|server is closed/i;

/** Set when the engine, not what it was asked for, is in trouble. */
function troubleCode(refusal: Refusal): FailureCode | undefined {
  if (refusal.kind === 'unreachable') return 'EngineUnavailable';
  if (refusal.kind === 'timeout') return 'EngineTimeout';
  if (refusal.status === 502 || refusal.status === 503 || refusal.status === 504) return 'EngineError';
  return refusal.status >= 500 && engineTrouble.test(refusal.message) ? 'EngineError' : undefined;
}
