// Objects on standard output, as JSON or as YAML.

export type TextFormat = 'json' | 'yaml';

export async function printDocument(
  value: unknown,
  format: TextFormat,
  { ofMany = false } = {},
): Promise<void> {
  if (format === 'json') return void process.stdout.write(`${JSON.stringify(value, undefined, 4)}\n`);
  const { yamlText } = await import('./yaml-text.ts');
  const text = yamlText(value);
  process.stdout.write(ofMany ? `---\n${text}` : text);
}
