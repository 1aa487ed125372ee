// A directory of the host that the containers of a Pod share at /work, and their test with them: to let them go on, and
// to read what they did.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from '../../../src/kubernetes/pod.ts';
import { shell } from './manifest.ts';
import type { TestNode } from './node.ts';

export type Work = ReturnType<typeof workOf>;

/** One for each Pod of the node. */
export function workOf(node: TestNode, podName = 'work') {
  const path = join(node.scratch, `work-${podName}`);
  mkdirSync(path);
  const volumeMounts = [{ name: 'work', mountPath: '/work' }];
  const at = (name: string, script?: string, more: Partial<Container> = {}): Container =>
    shell(script, { name, volumeMounts, ...more });
  return {
    path,
    volumes: [{ name: 'work', hostPath: { path } }],
    /** A container with the directory; by default it runs until it is told to stop, and then ends with 0. */
    shell: at,
    /** The same as an init container that runs beside the rest. */
    sidecar: (name: string, script?: string, more: Partial<Container> = {}): Container =>
      at(name, script, { restartPolicy: 'Always', ...more }),
    /** Lets what waits for `file` go on. */
    open: (file: string): void => writeFileSync(join(path, file), ''),
    close: (file: string): void => rmSync(join(path, file)),
    /** '' for what nobody has written. */
    read: (file: string): string => {
      try {
        return readFileSync(join(path, file), 'utf8');
      } catch {
        return '';
      }
    },
  };
}

/** Script: waits until the test opens `file`, or for SIGTERM. */
export const untilOpen = (file: string): string =>
  `trap "exit 143" TERM; until [ -e /work/${file} ]; do sleep 0.1; done`;
