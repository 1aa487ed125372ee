// A verdict -> what a person reads (place, the line with a mark, what is wrong and what would be right) and what a
// program reads (JSON). Pure.
import type { Pod } from '../kubernetes/pod.ts';
import { type FieldError, severityOf, type Verdict } from './static-pod.ts';

export type VerdictReport = {
  file: string;
  accepted: boolean;
  errors: FieldError[];
  warnings: FieldError[];
  /** As it would run, if it is accepted. */
  pod?: Pod;
};

export const reportVerdict = (file: string, verdict: Verdict): VerdictReport => ({
  file,
  accepted: verdict.accepted,
  errors: verdict.errors,
  warnings: verdict.warnings,
  ...(verdict.accepted && { pod: verdict.staticPod.pod }),
});

/** `bytes` are those of the file; errors first, then warnings, each in the order of the file. Ends in a newline. */
export function describeVerdict(file: string, bytes: Uint8Array, verdict: Verdict): string {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|[\n\r\x85\u2028\u2029]/);
  const parts = [
    ...inOrder(verdict.errors).map((error) => describe(file, lines, error, 'error')),
    ...inOrder(verdict.warnings).map((warning) => describe(file, lines, warning, severityOf(warning))),
  ];
  const notes = verdict.warnings.filter((warning) => severityOf(warning) === 'note');
  const counts = [
    count(verdict.errors.length, 'error'),
    count(verdict.warnings.length - notes.length, 'warning'),
    count(notes.length, 'note'),
  ].filter(Boolean);
  const verdictWord = verdict.accepted ? `accepted as Pod ${verdict.staticPod.key}` : 'rejected';
  return `${parts.join('')}${file}: ${[verdictWord, ...counts].join(', ')}\n`;
}

const count = (number: number, word: string) =>
  number === 0 ? '' : `${number} ${word}${number === 1 ? '' : 's'}`;

const inOrder = (errors: FieldError[]) =>
  errors.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

function describe(file: string, lines: string[], error: FieldError, severity: string): string {
  const { line, column, field, type, message } = error;
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  const subject = field === '' ? '' : `${field}: `;
  const head = `${place}: ${severity}: ${subject}${type}: ${visible(message)}\n`;
  const text = line === undefined ? undefined : lines[line - 1];
  return text === undefined ? head : head + excerpt(text, line ?? 1, column ?? 1);
}

const excerptWidth = 100;

/** The line with a mark under the column; of a long line, the part around it. */
function excerpt(text: string, line: number, column: number): string {
  const from = column <= excerptWidth ? 0 : column - Math.floor(excerptWidth / 2);
  const shown = `${from > 0 ? '…' : ''}${text.slice(from, from + excerptWidth)}${text.length > from + excerptWidth ? '…' : ''}`;
  const before = shown.slice(0, column - 1 - from + (from > 0 ? 1 : 0));
  const number = String(line).padStart(6);
  return `${number} | ${visible(shown)}\n${' '.repeat(6)} | ${before.replace(/[^\t]/g, ' ')}^\n`;
}

/** A manifest may not write control sequences to a terminal. */
const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
