// A verdict -> what a person reads (place, the line with a mark, what is wrong and what would be right) and what a
// program reads (JSON). Pure.
import type { Pod } from '../kubernetes/pod.ts';
import { printable } from '../telemetry/printable.ts';
import { excerpt } from './excerpt.ts';
import { decodeText } from './read-document.ts';
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
  errors: verdict.errors.map(inFieldOrder),
  warnings: verdict.warnings.map(inFieldOrder),
  ...(verdict.accepted && { pod: verdict.staticPod.pod }),
});

const inFieldOrder = ({ stage, field, type, message, line, column }: FieldError): FieldError => ({
  stage,
  field,
  type,
  message,
  ...(line !== undefined && { line, column }),
});

/** Colours, for a terminal that wants them. */
export type Paint = (as: 'error' | 'warning' | 'note' | 'accepted' | 'mark', text: string) => string;

const plain: Paint = (_as, text) => text;

/**
 * `bytes` are those of the file, as far as there are any; errors first, then warnings, each in the order of the file.
 * Ends in a newline. Nothing that a manifest or a file's name says reaches the terminal as a control sequence.
 */
export function describeVerdict(file: string, bytes: Uint8Array, verdict: Verdict, paint = plain): string {
  const word = verdict.accepted
    ? paint('accepted', `accepted as Pod ${printable(verdict.staticPod.key)}`)
    : paint('error', 'rejected');
  return `${describeProblems(file, bytes, verdict, paint)}${printable(file)}: ${[word, ...counts(verdict)].join(', ')}\n`;
}

/** Without the last line. Of no bytes, without the lines of the file. */
export function describeProblems(
  file: string,
  bytes: Uint8Array,
  { errors, warnings }: Pick<Verdict, 'errors' | 'warnings'>,
  paint = plain,
): string {
  const lineOf = lineReader(bytes);
  const one = (error: FieldError, severity: Severity) => {
    const { line, column = 1 } = error;
    const text = line === undefined ? undefined : lineOf(line);
    const head = `${problemLine(file, error, severity, paint)}\n`;
    return text === undefined ? head : head + excerpt(text, line ?? 1, column, paint('mark', '^'));
  };
  return [
    ...inOrder(errors).map((error) => one(error, 'error')),
    ...inOrder(warnings).map((warning) => one(warning, severityOf(warning))),
  ].join('');
}

type Severity = 'error' | 'warning' | 'note';

/** `file:line:column: error: field: type: message`, which editors and terminals take one to. */
export function problemLine(file: string, error: FieldError, severity: Severity, paint = plain): string {
  const { line, column, field, type, message } = error;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const what = [...(field === '' ? [] : [field]), type, message].join(': ');
  return `${printable(place)}: ${paint(severity, severity)}: ${printable(what)}`;
}

function counts({ errors, warnings }: Verdict): string[] {
  const notes = warnings.filter((warning) => severityOf(warning) === 'note').length;
  return [
    count(errors.length, 'error'),
    count(warnings.length - notes, 'warning'),
    count(notes, 'note'),
  ].filter(Boolean);
}

/** `2 errors`; nothing of none. */
export const count = (number: number, word: string): string =>
  number === 0 ? '' : `${number} ${word}${number === 1 ? '' : 's'}`;

const inOrder = (errors: FieldError[]) =>
  errors.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

/** Reads the text only if a line of it is asked for; what is no text has no lines. */
function lineReader(bytes: Uint8Array): (line: number) => string | undefined {
  let lines: string[] | undefined;
  return (line) => {
    lines ??= (decodeText(bytes) ?? '').replace(/^\ufeff/, '').split(/\r\n|[\n\r\x85\u2028\u2029]/);
    return lines[line - 1] || undefined;
  };
}
