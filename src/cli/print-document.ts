// Objects on standard output, as JSON or as YAML that readers of YAML 1.1 (kubectl's among them) read the same.

export type TextFormat = 'json' | 'yaml';

export async function printDocument(
  value: unknown,
  format: TextFormat,
  { ofMany = false } = {},
): Promise<void> {
  if (format === 'json') return void process.stdout.write(`${JSON.stringify(value, undefined, 4)}\n`);
  // Loaded when it is needed: the process that runs Pods has this code too.
  const { stringify } = await import('yaml');
  const text = stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
  process.stdout.write(ofMany ? `---\n${text}` : text);
}
