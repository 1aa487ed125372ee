// A command written as one word: no shell splits it, so it is the name of a program that hardly any image has. Container
// -> where such stand. Pure.
import type { FieldPath } from '../kubernetes/field-path.ts';
import type { V1Container } from '../kubernetes/generated/shapes.ts';

type UnsplitCommand = { at: FieldPath; message: string };

const message = 'this is taken for the name of a program, blanks and all: each word needs an item of its own';

const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
const hooks = ['postStart', 'preStop'] as const;

export function unsplitCommands(container: V1Container, at: FieldPath): UnsplitCommand[] {
  const { command, lifecycle } = container;
  const found: FieldPath[] = [];
  if (isUnsplit(command)) found.push(at.child('command'));
  for (const probe of probes)
    if (isUnsplit(container[probe]?.exec?.command)) found.push(at.child(probe, 'exec', 'command'));
  if (lifecycle)
    for (const hook of hooks)
      if (isUnsplit(lifecycle[hook]?.exec?.command))
        found.push(at.child('lifecycle', hook, 'exec', 'command'));
  return found.map((words) => ({ at: words.index(0), message }));
}

const isUnsplit = (words: readonly string[] | undefined): boolean =>
  words?.[0] !== undefined && /\S\s+\S/.test(words[0]);
