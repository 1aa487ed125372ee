// A row of text-verdicts.jsonl: a text, and what the decoder of kubectl 1.33 made of it (JSON with sorted keys), or
// without that, that it was refused. A text stands in a kubeconfig, which kubectl reads as the kubelet reads a manifest:
// the file whole, by sigs.k8s.io/yaml. What begins with { is a patch of a Pod's spec, which kubectl reads by the very
// ToJSON of the kubelet.
export type Row = { text: string; encoding?: 'latin1' | 'utf16le' | 'utf16be'; value?: string };

/** In a text, the place of the kubeconfig before the value; it stands at the beginning where there is none. */
const mark = '«»';

const head = (name: string): string =>
  `apiVersion: v1\nkind: Config\nextensions:\n- name: ${name}\n  extension:\n`;

export const isJson = ({ text }: Row): boolean => /^\s*\{/.test(text);

export function bytesOf(row: Row, name: string): Buffer {
  const text = row.text.includes(mark) || isJson(row) ? row.text : mark + row.text;
  const whole = text.replace(mark, () => head(name));
  if (row.encoding === undefined || row.encoding === 'latin1')
    return Buffer.from(whole, row.encoding ?? 'utf8');
  const bytes = Buffer.from(`\ufeff${whole}`, 'utf16le');
  return row.encoding === 'utf16be' ? bytes.swap16() : bytes;
}
