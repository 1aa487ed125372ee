// Objects on standard output, as JSON or as YAML that readers of YAML 1.1 (kubectl's among them) read the same.
import { stringify } from 'yaml';

export type TextFormat = 'json' | 'yaml';

export function printDocument(value: unknown, format: TextFormat, { ofMany = false } = {}): void {
  if (format === 'json') process.stdout.write(`${JSON.stringify(value, undefined, 4)}\n`);
  else
    process.stdout.write(
      `${ofMany ? '---\n' : ''}${stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`,
    );
}
