// Manifests as tests write them: what a test does not care about is left out.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Container, Pod, PodSpec } from '../../../src/kubernetes/pod.ts';
import { image } from '../../setup/images.ts';

/** Runs until it is told to stop, and then goes at once. */
const waits = 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done';

/** A container that runs a shell script; by default it waits for its SIGTERM. */
export const shell = (script: string = waits, more: Partial<Container> = {}): Container => ({
  name: 'main',
  image: image.busybox,
  command: ['sh', '-c', script],
  ...more,
});

/** A script that says `words` when told to stop, `seconds` late, and then exits with 0. */
export const stopsAfter = (seconds: number, words = 'stopping'): string =>
  `trap "echo ${words}; sleep ${seconds}; exit 0" TERM; echo ready; while :; do sleep 3600 & wait $!; done`;

/** A script that is deaf to SIGTERM. */
export const neverStops = 'trap "" TERM; while :; do sleep 1; done';

/** A container that, told to stop, does so once `gate.open` is called: as long as a test wants it to take. */
export function gated(directory: string): { open(): void; spec: Partial<PodSpec> } {
  const file = join(directory, 'open');
  const script =
    'trap "until [ -e /gate/open ]; do sleep 0.05; done; exit 0" TERM; while :; do sleep 3600 & wait $!; done';
  return {
    open: () => writeFileSync(file, ''),
    spec: {
      terminationGracePeriodSeconds: 120,
      volumes: [{ name: 'gate', hostPath: { path: directory } }],
      containers: [shell(script, { volumeMounts: [{ name: 'gate', mountPath: '/gate' }] })],
    },
  };
}

export const pod = (name: string, spec: Partial<PodSpec> = {}, metadata: Pod['metadata'] = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [shell()], ...spec },
});

export const yaml = (manifest: Pod): string => stringify(manifest);
