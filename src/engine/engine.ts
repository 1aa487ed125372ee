// The engine as the rest of monopod sees it: shaped like the CRI (RuntimeService, ImageService), with our own types.
// Every call answers with a Result; it rejects only when the thread behind it is gone.
import type { Result } from '../errors.ts';
import type { PodKey } from '../manifest/static-pod.ts';

/** Which Pod a sandbox or container belongs to: becomes name and labels, and nothing else does. */
export type PodIdentity = { name: string; namespace: string; uid: string };

export type PortMapping = {
  containerPort: number;
  hostPort: number;
  hostIP: string;
  protocol: 'TCP' | 'UDP' | 'SCTP';
};

/** Linux resources as runc counts them; absent is unlimited. */
export type Resources = {
  cpuShares?: number;
  cpuPeriodUs?: number;
  cpuQuotaUs?: number;
  memoryBytes?: number;
  /** -1000 … 1000; the engine adapter clamps to 0 where the host refuses less. */
  oomScoreAdj?: number;
};

/** CRI SELinuxOption: what is absent is the engine's choice. */
export type SELinuxLabel = { user?: string; role?: string; type?: string; level?: string };

/** CRI PodSandboxConfig. */
export type SandboxConfig = {
  identity: PodIdentity;
  /** Unique within (uid, sandbox); part of the engine's name. */
  attempt: number;
  image: string;
  hostname?: string;
  hostNetwork: boolean;
  hostPid: boolean;
  hostIpc: boolean;
  portMappings: PortMapping[];
  sysctls: Record<string, string>;
  /** `uid` or `uid:gid`; absent is the image's own. */
  user?: string;
  supplementalGroups?: number[];
  seLinux?: SELinuxLabel;
  resources: Resources;
  /** `/kubepods/…`: the cgroup that all of the Pod is in, in the words of the cgroupfs driver; absent: the engine's. */
  cgroupParent?: string;
  /** Besides the standard io.kubernetes.* ones, which the adapter writes from `identity` and `attempt`. */
  labels: Record<string, string>;
};

export type Mount = {
  hostPath: string;
  containerPath: string;
  readOnly: boolean;
  propagation: 'private' | 'rslave' | 'rshared';
  /** With `readOnly`: what is mounted below as well; `Enabled` not without. Absent: just itself. */
  recursiveReadOnly?: { mode: 'IfPossible' | 'Enabled'; volume: string };
  /** CRI SelinuxRelabel: the containers of a Pod may use it where the host has SELinux. */
  relabel?: true;
};

/** `filesMax` counts those that were rotated as well; at least 2. */
export type LogRotation = { maxBytes: number; filesMax: number };

/** CRI ContainerConfig with its LinuxContainerConfig. */
export type ContainerConfig = {
  identity: PodIdentity;
  /** Joins this sandbox's network and IPC (and PID when `pid` is `pod`) namespaces. The sandbox need only exist to create. */
  sandboxId: string;
  name: string;
  attempt: number;
  /** Written as LABEL.restartCount: differs from `attempt` where an attempt was not the container's fault. */
  restartCount: number;
  image: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  env: { name: string; value: string }[];
  mounts: Mount[];
  stdin: boolean;
  stdinOnce: boolean;
  tty: boolean;
  pid: 'container' | 'pod' | 'host';
  hostNetwork: boolean;
  hostIpc: boolean;
  /** `uid`, `uid:gid` or `name:gid`; absent is the image's own. */
  user?: string;
  supplementalGroups: number[];
  privileged: boolean;
  readOnlyRootFilesystem: boolean;
  noNewPrivileges: boolean;
  capabilitiesAdd: string[];
  capabilitiesDrop: string[];
  /** Docker's words without the `seccomp=`: `unconfined`, absent for the engine's default, or a profile as JSON. */
  seccomp?: string;
  /** `unconfined` or the name of a loaded profile; absent for the engine's default. */
  appArmor?: string;
  seLinux?: SELinuxLabel;
  stopSignal?: string;
  resources: Resources;
  /** Absent: one log file, however large. */
  logRotation?: LogRotation;
  /** Its sandbox' own. */
  cgroupParent?: string;
  labels: Record<string, string>;
};

/**
 * One sandbox or container as the engine has it now. A container is started once only, so `state` moves
 * created -> running -> exited; who sees an older state of the same id later may drop it.
 */
export type ContainerObservation = {
  id: string;
  kind: 'sandbox' | 'container';
  identity: PodIdentity;
  key: PodKey;
  /** Container name; `POD` for a sandbox. */
  name: string;
  attempt: number;
  restartCount: number;
  labels: Record<string, string>;
  state: 'created' | 'running' | 'exited';
  createdAtMs: number;
  startedAtMs?: number;
  finishedAtMs?: number;
  /** Of one that could not be started as well (126, 127, 128): that stays `created`, with `error`. */
  exitCode?: number;
  oomKilled: boolean;
  /** The engine's own word on why it could not start or died. */
  error: string;
  /** As the manifest named it. */
  image: string;
  /** As a Pod's status shows it: `docker.io/library/busybox@sha256:…`, else `sha256:…`. */
  imageId: string;
  /** Of the sandbox's network; empty under hostNetwork and while it does not run. */
  ips: string[];
  pid?: number;
  /** The engine's log file on the host. */
  logPath?: string;
  /** Paths in the container that are read-only with all that is mounted below; absent for none. */
  readOnlyRecursively?: string[];
  /** The signal the image (or config) asks to be stopped with; `SIGTERM` when it says nothing. */
  stopSignal: string;
};

/** What the engine thread tells a Pod of its own accord. Level-triggered: may be late, repeated, or superseded. */
export type EngineEvent =
  | { type: 'observed'; observation: ContainerObservation }
  | { type: 'removed'; id: string }
  /** While this Pod waits for an image; about once a second while it moves. */
  | { type: 'pulling'; image: string; progress: PullProgress }
  /** Everything the engine has of this Pod, whole: an id not in it is gone. Sent after a reconnect and once a minute. */
  | { type: 'listed'; containers: { id: string; state: ContainerObservation['state'] }[] }
  /** The engine stopped or began to answer. `sinceMs`: when it was first missed. */
  | { type: 'engine'; available: boolean; sinceMs: number; message: string };

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** `ref`: as a Pod's status shows it, `docker.io/library/busybox@sha256:…`; of what is from no registry, its id. */
export type ImageStatus = { id: string; ref: string; user: string; stopSignal: string };

/** How far a pull is, in bytes of the layers that are not here and whose size is known yet. */
export type PullProgress = {
  /** `queued`: so many others are under way. `asking`: the registry, what there is to bring. */
  at: 'queued' | 'asking' | 'downloading' | 'extracting';
  bytes: number;
  totalBytes: number;
  /** The sizes of all layers are known. */
  sized: boolean;
};

/** Who waits for an image: its Pod hears how far the pull is. `ticket` is the Pod's own. */
export type ImageWait = { key: PodKey; ticket: number };

/** `probe`: counts against the node's bound on exec probes, and waits for its turn; a hook does not. */
export type ExecOptions = { timeoutMs: number; probe: boolean };

/** `output`: what it wrote to stdout and stderr, the first 10 KiB. */
export type ExecOutcome = { exitCode: number; output: string };

/**
 * Errors by call (codes of src/errors.ts); besides these, any call may fail with EngineUnavailable (cannot connect),
 * EngineTimeout (no answer in time; the call may yet have its effect) or EngineError (5xx).
 */
export interface Engine {
  /** Every sandbox and container that carries our labels, in detail. */
  list(): Promise<Result<ContainerObservation[]>>;
  /** The same for one Pod, in detail. */
  listPod(key: PodKey): Promise<Result<ContainerObservation[]>>;
  /** NoSuchContainer. */
  inspect(id: string): Promise<Result<ContainerObservation>>;
  /**
   * The image as the policy wants it: asks, pulls if need be; pulls of one image are shared and bounded in number.
   * ImagePullFailed, RegistryUnavailable, ImageInspectFailed, ImageNeverPull, ImageNameInvalid.
   */
  ensureImage(image: string, policy: PullPolicy, wait?: ImageWait): Promise<Result<ImageStatus>>;
  /** It is waited for no more: answers with a failure at once. A pull that nobody waits for is given up. */
  leaveImage(wait: ImageWait): Promise<void>;
  /** SandboxCreateFailed, NoSuchImage, NameInUse. Answers with the id. */
  createSandbox(config: SandboxConfig): Promise<Result<string>>;
  /** ContainerCreateFailed, ImageNameInvalid, NoSuchImage, NameInUse, NoSuchContainer (the sandbox). */
  createContainer(config: ContainerConfig): Promise<Result<string>>;
  /**
   * Starts a created sandbox or container; the answer is its state right after. Already running is success.
   * ContainerStartFailed, SandboxCreateFailed, NoSuchContainer.
   */
  start(id: string): Promise<Result<ContainerObservation>>;
  /** Sends a signal and does not wait. Not running, or not there, is success. */
  kill(id: string, signal: string): Promise<Result<void>>;
  /**
   * Removes; what runs only with `force` (a sandbox: nothing in it needs a grace). Already gone is success. StillRunning.
   */
  remove(id: string, force: boolean): Promise<Result<void>>;
  /**
   * Runs a command in a running container and waits for its end (CRI ExecSync); ends with the container at the latest.
   * `timeoutMs` counts from its start, 0 is none; a process that outlives it is killed where the engine runs on this
   * host. NoSuchContainer (or it does not run), ExecFailed (no such program), ExecTimeout.
   */
  exec(id: string, command: string[], options: ExecOptions): Promise<Result<ExecOutcome>>;
  version(): Promise<Result<{ version: string; apiVersion: string; cgroupVersion: string }>>;
}
