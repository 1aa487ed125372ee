// One line an event that matters, with Pod, uid and cause, to stderr: text (klog's shape without its noise) or JSON.
import { printable } from './printable.ts';

export type LogFields = { pod?: string; uid?: string; cause?: string } & Record<
  string,
  string | number | boolean | undefined
>;

export type Log = {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Only with -v of at least `level`. */
  debug(level: number, message: string, fields?: LogFields): void;
};

export type LogOptions = {
  format: 'text' | 'json';
  verbosity: number;
  write(line: string): void;
  now(): number;
};

export function createLog({ format, verbosity, write, now }: LogOptions): Log {
  const print = format === 'json' ? jsonLine : textLine;
  const line = (level: string, message: string, fields: LogFields = {}) =>
    write(`${print(new Date(now()).toISOString(), level, message, fields)}\n`);
  return {
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, fields) => line('error', message, fields),
    debug: (level, message, fields) => (level <= verbosity ? line('debug', message, fields) : undefined),
  };
}

function textLine(time: string, level: string, message: string, fields: LogFields): string {
  const pairs = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}=${quoted(value)}`],
  );
  return `${time} ${level.toUpperCase().padEnd(5)} ${printable(withoutCredentials(message))}${pairs.join('')}`;
}

function jsonLine(time: string, level: string, message: string, fields: LogFields): string {
  const safe = Object.entries(fields).map(([key, value]) => [
    key,
    typeof value === 'string' ? withoutCredentials(value) : value,
  ]);
  // The line's own three come last too, so that no field can take their place.
  const own = { time, level, message: withoutCredentials(message) };
  return JSON.stringify({ ...own, ...Object.fromEntries(safe), ...own });
}

/** As it stands where it is one plain word, else quoted. */
function quoted(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const text = withoutCredentials(value);
  return /^[\w./:@%+,-]+$/.test(text) ? text : `"${printable(text.replaceAll(/["\\]/g, '\\$&'))}"`;
}

/** `https://user:secret@host` -> `https://…@host`: error texts of URLs and registries carry them. */
const withoutCredentials = (text: string): string => text.replaceAll(/:\/\/[^\s/@]+@/g, '://…@');
