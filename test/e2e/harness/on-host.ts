// What is left of Pods on the host: directories, logs, checkpoints.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestNode } from './node.ts';
import { until } from './until.ts';

/** By UID, or by name with namespace. */
export const onHost = (node: TestNode): string[] =>
  [join(node.root, 'pods'), join(node.root, 'checkpoints'), node.logsDirectory].flatMap((directory) =>
    existsSync(directory) ? readdirSync(directory) : [],
  );

/** Nor is there of any other Pod of the node. */
export async function goneWithoutTrace(node: TestNode, name: string): Promise<void> {
  await node.gone(name);
  await until('nothing is left on the host', () => onHost(node).length === 0, { seen: () => onHost(node) });
}
