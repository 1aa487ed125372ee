// What containers and their hooks saw, in the order in which they saw it: a line for each, in a file that all share.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Pod, PodSpec, Volume } from '../../../src/kubernetes/pod.ts';
import { pod } from './manifest.ts';
import type { TestNode } from './node.ts';
import { until } from './until.ts';

export type Steps = {
  volume: Volume;
  volumeMounts: NonNullable<Container['volumeMounts']>;
  /** The lines, from the first on. */
  read(): string[];
  /** Waits until a line is there. */
  has(line: string): Promise<void>;
  /** Makes a file that scripts wait for, or look at: `/steps/<name>`. */
  put(name: string): void;
};

/** `directory` is made if it is not there. In a container it is `/steps`; a script adds a line with `says`. */
export function stepsIn(directory: string): Steps {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'log');
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []);
  return {
    volume: { name: 'steps', hostPath: { path: directory } },
    volumeMounts: [{ name: 'steps', mountPath: '/steps' }],
    read,
    put: (name) => writeFileSync(join(directory, name), ''),
    has: async (line) => {
      await until(`the step ${line}`, () => read().includes(line), { seen: read });
    },
  };
}

/** Of one Pod of a node. */
export const stepsOf = (node: TestNode, name: string): Steps => stepsIn(join(node.scratch, `steps-${name}`));

/** A Pod whose containers, hooks included, write their steps. */
export function stepping(name: string, { volume, volumeMounts }: Steps, spec: PodSpec): Pod {
  const all = (containers: Container[]) =>
    containers.map((one) => ({ ...one, volumeMounts: [...(one.volumeMounts ?? []), ...volumeMounts] }));
  return pod(name, {
    ...spec,
    volumes: [...(spec.volumes ?? []), volume],
    ...(spec.initContainers && { initContainers: all(spec.initContainers) }),
    containers: all(spec.containers),
  });
}

/** As a hook or a probe. */
export const exec = (script: string) => ({ exec: { command: ['sh', '-c', script] } });

export const says = (line: string): string => `echo "${line}" >> /steps/log`;

export const waitsFor = (name: string): string => `until [ -e /steps/${name} ]; do sleep 0.05; done`;

/** Says `<name> start`; told to stop by TERM or USR1, says `<name> TERM` and ends `seconds` later with `exitCode`. */
export function stepper(name: string, { seconds = 0, exitCode = 0 } = {}): string {
  const ends = (signal: string) =>
    `trap '${says(`${name} ${signal}`)}; sleep ${seconds}; ${says(`${name} ends`)}; exit ${exitCode}' ${signal}`;
  return `${['TERM', 'USR1', 'USR2'].map(ends).join('; ')}; ${says(`${name} start`)}; while :; do sleep 3600 & wait $!; done`;
}

/** Says `<name> start`, and `<name> TERM` when told to stop, and goes on regardless. */
export const deafStepper = (name: string): string =>
  `trap '${says(`${name} TERM`)}' TERM; ${says(`${name} start`)}; while :; do sleep 3600 & wait $!; done`;

/** Told to stop, says `<name> TERM` and does so as soon as `open` is put: as long as a test wants it to take. */
export const gatedStepper = (name: string): string =>
  `trap '${says(`${name} TERM`)}; ${waitsFor('open')}; rm /steps/open; exit 0' TERM
  ${says(`${name} start`)}; while :; do sleep 3600 & wait $!; done`;
