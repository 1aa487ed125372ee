// Pods for the contract: configs as the Pod actor makes them, and containers whose behaviour is written down twice -
// as a command for a real engine, as a script for the one in memory.
import type { ContainerConfig, PodIdentity, SandboxConfig } from '../../src/engine/engine.ts';
import type { ContainerScript, ExecScript } from '../../src/engine/fake/script.ts';
import { image } from '../setup/images.ts';

type Behaviour = { command: string[]; script: ContainerScript };

const shell = (script: string) => ['/bin/busybox', 'sh', '-c', script];

/** Commands to run in a container, and what they come to. */
export const commands = {
  hello: { command: shell('echo hello'), script: { output: 'hello\n' } },
  'fails-3': { command: shell('echo to stderr >&2; exit 3'), script: { exitCode: 3, output: 'to stderr\n' } },
  'writes-20k': {
    command: shell('head -c 20480 /dev/zero | tr "\\0" x; exit 4'),
    script: { exitCode: 4, output: 'x'.repeat(20_480) },
  },
  'takes-a-while': { command: shell('sleep 0.3; echo done'), script: { takesMs: 300, output: 'done\n' } },
  hangs: { command: shell('sleep 3600'), script: { hangs: true } },
  /** Ends when the container has set its trap: until then a signal meets the runtime's own start of it, which ends by it. */
  'until-ready': { command: shell('until [ -e /tmp/ready ]; do sleep 0.02; done'), script: {} },
  'no-program': {
    command: ['/no/such/program'],
    script: { exitCode: 126, output: 'exec: "/no/such/program": no such file or directory' },
  },
} as const satisfies Record<string, { command: string[]; script: ExecScript }>;

const exec = (command: string[]): ExecScript | undefined =>
  Object.values(commands).find((known) => known.command.join(' ') === command.join(' '))?.script;

/** By container name. */
export const behaviours = {
  runs: {
    command: shell('trap "exit 5" TERM; mkdir -p /tmp; touch /tmp/ready; sleep 3600 & wait'),
    script: { stopExitCode: 5, exec },
  },
  stubborn: {
    command: shell('trap "" TERM; mkdir -p /tmp; touch /tmp/ready; while :; do sleep 1; done'),
    script: { ignores: ['SIGTERM'], exec },
  },
  'exits-3': { command: shell('exit 3'), script: { exitAfterMs: 0, exitCode: 3 } },
  hungry: { command: shell('tail /dev/zero'), script: { exitAfterMs: 50, oom: true } },
  'no-program': {
    command: ['/no/such/program'],
    script: { failsToStart: 'exec: "/no/such/program": no such file or directory', failsToStartCode: 127 },
  },
} as const satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof behaviours;

export const sandboxConfig = (identity: PodIdentity, over: Partial<SandboxConfig> = {}): SandboxConfig => ({
  identity,
  attempt: 0,
  image: image.pause,
  hostname: identity.name,
  hostNetwork: false,
  hostPid: false,
  hostIpc: false,
  portMappings: [],
  sysctls: {},
  resources: { cpuShares: 2, oomScoreAdj: -998 },
  labels: {},
  ...over,
});

export const containerConfig = (
  identity: PodIdentity,
  sandboxId: string,
  name: BehaviourName,
  over: Partial<ContainerConfig> = {},
): ContainerConfig => ({
  identity,
  sandboxId,
  name,
  attempt: 0,
  restartCount: 0,
  image: image.busybox,
  command: [...behaviours[name].command],
  env: [],
  mounts: [],
  stdin: false,
  stdinOnce: false,
  tty: false,
  pid: 'container',
  hostNetwork: false,
  hostIpc: false,
  supplementalGroups: [],
  privileged: false,
  readOnlyRootFilesystem: false,
  noNewPrivileges: false,
  capabilitiesAdd: [],
  capabilitiesDrop: [],
  resources: {},
  labels: {},
  ...over,
});
