// The one table of failures: code -> the reason Kubernetes shows for it, and whether trying again can help.
// Expected failures travel as values (Result) and survive a thread boundary; a thrown error is a broken invariant.

export const FAILURES = {
  EngineUnavailable: { reason: 'EngineUnavailable', retry: true },
  EngineTimeout: { reason: 'EngineTimeout', retry: true },
  EngineError: { reason: 'EngineError', retry: true },
  NoSuchContainer: { reason: 'ContainerGone', retry: false },
  NoSuchImage: { reason: 'ErrImagePull', retry: true },
  NameInUse: { reason: 'NameInUse', retry: true },
  StillRunning: { reason: 'StillRunning', retry: true },
  ImagePullFailed: { reason: 'ErrImagePull', retry: true },
  RegistryUnavailable: { reason: 'RegistryUnavailable', retry: true },
  ImageInspectFailed: { reason: 'ImageInspectError', retry: true },
  ImageNeverPull: { reason: 'ErrImageNeverPull', retry: true },
  ImageNameInvalid: { reason: 'InvalidImageName', retry: true },
  SandboxCreateFailed: { reason: 'FailedCreatePodSandBox', retry: true },
  ContainerConfigInvalid: { reason: 'CreateContainerConfigError', retry: true },
  ContainerCreateFailed: { reason: 'CreateContainerError', retry: true },
  ContainerStartFailed: { reason: 'RunContainerError', retry: true },
  /** The command could not be run in the container, or not to its end. */
  ExecFailed: { reason: 'ExecFailed', retry: true },
  ExecTimeout: { reason: 'ExecTimeout', retry: true },
  HookFailed: { reason: 'HookFailed', retry: true },
  HostPreparationFailed: { reason: 'FailedMount', retry: true },
  LogUnavailable: { reason: 'LogUnavailable', retry: true },
  ThreadExited: { reason: 'ThreadExited', retry: true },
} as const satisfies Record<string, { reason: string; retry: boolean }>;

export type FailureCode = keyof typeof FAILURES;

/** An expected failure. `message` is for a person; `cause` is what lay beneath it, flattened to text. */
export type Failure = { code: FailureCode; message: string; cause?: string };

export type Result<T> = { ok: true; value: T } | { ok: false; error: Failure };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export function fail(code: FailureCode, message: string, cause?: unknown): { ok: false; error: Failure } {
  const beneath = cause === undefined ? undefined : cause instanceof Error ? cause.message : String(cause);
  return { ok: false, error: { code, message, ...(beneath !== undefined && { cause: beneath }) } };
}

export class BrokenInvariant extends Error {}

/** For what must not happen: kills the actor it happens in; the supervisor revives it. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BrokenInvariant(`broken invariant: ${message}`);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
