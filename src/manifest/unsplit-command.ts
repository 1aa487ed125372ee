// A command written as one word: no shell splits it, so it is the name of a program that hardly any image has. Container
// -> where such stand. Pure.
import type { FieldPath } from '../kubernetes/field-path.ts';
import type { V1Container } from '../kubernetes/generated/shapes.ts';

type UnsplitCommand = { at: FieldPath; message: string };

const message = 'this is taken for the name of a program, blanks and all: each word needs an item of its own';

export function unsplitCommands(container: V1Container, at: FieldPath): UnsplitCommand[] {
  const { command, startupProbe, livenessProbe, readinessProbe, lifecycle } = container;
  const found: UnsplitCommand[] = [];
  const look = (words: readonly string[] | undefined, path: () => FieldPath) => {
    if (/\S\s+\S/.test(words?.[0] ?? '')) found.push({ at: path().index(0), message });
  };
  look(command, () => at.child('command'));
  for (const [name, probe] of Object.entries({ startupProbe, livenessProbe, readinessProbe }))
    look(probe?.exec?.command, () => at.child(name, 'exec', 'command'));
  for (const hook of ['postStart', 'preStop'] as const)
    look(lifecycle?.[hook]?.exec?.command, () => at.child('lifecycle', hook, 'exec', 'command'));
  return found;
}
