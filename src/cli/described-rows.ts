// Names and values as `kubectl describe` sets them out: what belongs to something stands beneath it, values in one
// column. Whatever comes from a manifest or an engine reaches the terminal as text only. Pure.
import { printable } from '../telemetry/printable.ts';

/** A line for itself, or a name with its value (several: one beneath the other) and what belongs to it. */
export type Row = string | { name: string; value?: string | string[]; below?: Row[] };

/** Each line ends in a newline, none in spaces. `column`: where values begin at the least. */
export function describedText(rows: Row[], indent = 0, column = 0): string {
  const named = rows.flatMap((row) => (isValued(row) ? row.name.length : []));
  const valuesAt = Math.max(column, indent + Math.max(0, ...named) + ':  '.length);
  return rows.map((row) => rowText(row, indent, valuesAt)).join('');
}

function rowText(row: Row, indent: number, valuesAt: number): string {
  const margin = ' '.repeat(indent);
  if (typeof row === 'string') return line(margin + printable(row));
  const { name, value, below = [] } = row;
  const [first = '<none>', ...others] = value === undefined ? [''] : [value].flat();
  const head = line(`${`${margin}${printable(name)}:`.padEnd(valuesAt)}${printable(first)}`);
  const more = others.map((other) => line(`${' '.repeat(valuesAt)}${printable(other)}`));
  return head + more.join('') + describedText(below, indent + 2, valuesAt);
}

const line = (text: string) => `${text.trimEnd()}\n`;

const isValued = (row: Row): row is Exclude<Row, string> =>
  typeof row !== 'string' && row.value !== undefined;

/** Nothing where there is nothing to say. */
export const ifAny = (name: string, value: string | number | boolean | undefined): Row[] =>
  value === undefined || value === '' ? [] : [{ name, value: String(value) }];

/** Entries of a map: `a=b` beneath one another. */
export const pairs = (map: { [key: string]: string } | undefined, between: string): string[] =>
  Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}${between}${value}`);

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As kubectl writes a time: RFC 1123 with the zone of who reads. */
export function localTime(time: string | number | undefined): string {
  const at = new Date(time ?? Number.NaN);
  if (Number.isNaN(at.getTime())) return '<unknown>';
  const two = (value: number) => String(value).padStart(2, '0');
  const offset = -at.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const date = `${two(at.getDate())} ${months[at.getMonth()]} ${at.getFullYear()}`;
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  return `${days[at.getDay()]}, ${date} ${clock} ${zone}`;
}
