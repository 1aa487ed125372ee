// The options of `monopod logs`, checked as kubectl checks them, -> the query of the kubelet's /containerLogs. Pure.
import { parseDuration } from '../config/duration.ts';
import { CommandError } from './command-error.ts';

export type LogsOptions = {
  rootDir: string;
  namespace?: string;
  container?: string;
  allContainers?: true;
  follow?: true;
  previous?: true;
  timestamps?: true;
  prefix?: true;
  ignoreErrors?: true;
  tail: string;
  since?: string;
  sinceTime?: string;
  limitBytes?: string;
  maxLogRequests: string;
};

export function logQuery(options: LogsOptions): string {
  const query = new URLSearchParams();
  for (const name of ['follow', 'previous', 'timestamps'] as const)
    if (options[name]) query.set(name, 'true');
  const tail = integer('--tail', options.tail);
  if (tail < -1) throw new CommandError('--tail must be greater than or equal to -1');
  if (tail >= 0) query.set('tailLines', `${tail}`);
  const seconds = options.since === undefined ? 0 : sinceSeconds(options.since);
  if (seconds > 0 && options.sinceTime)
    throw new CommandError('at most one of --since-time and --since may be used');
  if (seconds > 0) query.set('sinceSeconds', `${seconds}`);
  if (options.sinceTime) query.set('sinceTime', rfc3339(options.sinceTime));
  const limit = options.limitBytes === undefined ? 0 : integer('--limit-bytes', options.limitBytes);
  if (limit < 0) throw new CommandError('--limit-bytes must be greater than 0');
  if (limit > 0) query.set('limitBytes', `${limit}`);
  return query.toString();
}

/** How many containers may be followed at once. */
export function streamsMax(options: LogsOptions): number {
  const most = integer('--max-log-requests', options.maxLogRequests);
  if (most < 1) throw new CommandError('--max-log-requests must be greater than 0');
  return most;
}

/** Rounded as kubectl rounds it, but never to nothing. */
function sinceSeconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new CommandError(`--since: '${text}' is no duration; it has a unit, as in 5s, 2m, or 3h`);
  if (ms < 0) throw new CommandError('--since must be greater than 0');
  return ms === 0 ? 0 : Math.max(1, Math.round(ms / 1000));
}

function rfc3339(text: string): string {
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ||
    Number.isNaN(Date.parse(text))
  )
    throw new CommandError(`--since-time: '${text}' is no time as in 2006-01-02T15:04:05Z`);
  return text;
}

function integer(flag: string, text: string): number {
  if (!/^-?\d+$/.test(text)) throw new CommandError(`${flag}: '${text}' is no whole number`);
  return Number(text);
}
