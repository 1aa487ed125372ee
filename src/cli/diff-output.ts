// What would become of manifests, for a person: one line a Pod, and below it each field that differs. Pure.
import { describeVerdict, type Paint } from '../manifest/render-verdict.ts';
import { printable } from '../telemetry/printable.ts';
import type { Foreseen, Outcome } from './foresee.ts';
import type { FieldDifference } from './pod-difference.ts';
import { yamlText } from './yaml-text.ts';

const words: Record<Outcome, string> = {
  unchanged: 'would not change',
  restart: 'would restart',
  start: 'would start',
  'stays stopped': 'would stay stopped',
  stop: 'would stop',
  conflict: 'would not run',
  rejected: 'would be rejected',
};

const paintAs: Record<Outcome, Parameters<Paint>[0]> = {
  unchanged: 'accepted',
  restart: 'warning',
  start: 'note',
  'stays stopped': 'note',
  stop: 'warning',
  conflict: 'error',
  rejected: 'error',
};

/** Ends in a newline. `bytes`: of the manifest, for the lines at fault. */
export function foreseenText(foreseen: Foreseen, bytes: Uint8Array, paint: Paint): string {
  const { file, pod, outcome, differences, note, verdict, hints } = foreseen;
  const subject = outcome === 'rejected' || pod === undefined ? '' : `${pod} `;
  const head = `${printable(file)}: ${printable(subject)}${paint(paintAs[outcome], words[outcome])}`;
  const told = verdict && !verdict.accepted ? withoutLast(describeVerdict(file, bytes, verdict, paint)) : '';
  const lines = differences.map((difference) => differenceText(difference, paint));
  const below = hints.map((hint) => `  ${paint('warning', `! ${printable(hint)}`)}\n`);
  return `${told}${head}${note && `: ${printable(note)}`}\n${lines.join('')}${below.join('')}`;
}

/** The verdict's own last line says what ours says. */
const withoutLast = (text: string) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);

function differenceText(difference: FieldDifference, paint: Paint): string {
  const { field, old, new: wanted } = difference;
  const path = printable(field);
  if (!('old' in difference)) return wholeText('+', path, wanted, (text) => paint('accepted', text));
  if (!('new' in difference)) return wholeText('-', path, old, (text) => paint('error', text));
  const short = `~ ${path}: ${valueText(old)} -> ${valueText(wanted)}`;
  const areTexts = isText(old) && isText(wanted);
  if (!areTexts && short.length <= lineMax) return `  ${short}\n`;
  const { removed, added } = areTexts
    ? changedLines(old.split('\n'), wanted.split('\n'))
    : { removed: [valueText(old)], added: [valueText(wanted)] };
  const below = [
    ...removed.map((line) => paint('error', `- ${printable(line)}`)),
    ...added.map((line) => paint('accepted', `+ ${printable(line)}`)),
  ];
  return `  ~ ${path}:\n${below.map((line) => `      ${line}\n`).join('')}`;
}

const lineMax = 100;

/** What comes or goes as a whole: in one line if it fits, else as YAML below. */
function wholeText(sign: string, path: string, value: unknown, paint: (text: string) => string): string {
  const short = `${sign} ${path}: ${valueText(value)}`;
  if (short.length <= lineMax || typeof value !== 'object') return `  ${paint(short)}\n`;
  const lines = yamlText(value).trimEnd().split('\n');
  const below = lines.map((line) => `      ${paint(`${sign} ${printable(line)}`)}\n`);
  return `  ${paint(`${sign} ${path}:`)}\n${below.join('')}`;
}

/** As JSON, which no manifest can make move the cursor. */
const valueText = (value: unknown): string => printable(JSON.stringify(value));

/** Of several lines. */
const isText = (value: unknown): value is string => typeof value === 'string' && /\n./.test(value);

/** What stands between the lines that both begin with and those that both end with. */
function changedLines(old: string[], wanted: string[]): { removed: string[]; added: string[] } {
  let begin = 0;
  while (begin < Math.min(old.length, wanted.length) && old[begin] === wanted[begin]) begin++;
  let end = 0;
  const room = Math.min(old.length, wanted.length) - begin;
  while (end < room && old.at(-1 - end) === wanted.at(-1 - end)) end++;
  return { removed: old.slice(begin, old.length - end), added: wanted.slice(begin, wanted.length - end) };
}
