// One line an event that matters, with Pod, uid and cause, to stderr: text (klog's shape without its noise) or JSON.

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

const quoted = (value: string | number | boolean) =>
  typeof value === 'string' && !/^[\w./:@%+,-]+$/.test(value) ? JSON.stringify(value) : String(value);

export function createLog({ format, verbosity, write, now }: LogOptions): Log {
  const line = (level: string, message: string, fields: LogFields = {}) => {
    const time = new Date(now()).toISOString();
    if (format === 'json') return write(`${JSON.stringify({ time, level, message, ...fields })}\n`);
    const pairs = Object.entries(fields).flatMap(([key, value]) =>
      value === undefined ? [] : [` ${key}=${quoted(value)}`],
    );
    write(`${time} ${level.toUpperCase().padEnd(5)} ${message.replaceAll('\n', ' ')}${pairs.join('')}\n`);
  };
  return {
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, fields) => line('error', message, fields),
    debug: (level, message, fields) => (level <= verbosity ? line('debug', message, fields) : undefined),
  };
}
