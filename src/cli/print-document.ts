// Objects on standard output, as JSON or as YAML.

export type TextFormat = 'json' | 'yaml';

export async function printDocument(
  value: unknown,
  format: TextFormat,
  { ofMany = false, out = (text: string): unknown => process.stdout.write(text) } = {},
): Promise<void> {
  if (format === 'json') return void out(`${JSON.stringify(value, undefined, 4)}\n`);
  const { yamlText } = await import('./yaml-text.ts');
  const text = yamlText(value);
  out(ofMany ? `---\n${text}` : text);
}
