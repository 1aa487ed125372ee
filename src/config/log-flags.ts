// Flags about the logs of containers, with the kubelet's names and its checks (NewContainerLogManager).
import * as value from './values.ts';

export const logFlags = {
  podLogsDir: {
    flags: '--pod-logs-dir <path>',
    help: "directory of the container logs, by Pod; by container they are in 'containers' beside it",
    parse: value.path,
    default: '/var/log/pods',
  },
  containerLogMaxBytes: {
    flags: '--container-log-max-size <size>',
    help: "size from which a container's log is rotated, as in 10Mi; below 0 is never",
    parse: logSize,
    default: 10 * 1024 ** 2,
    shown: '10Mi',
  },
  containerLogMaxFiles: {
    flags: '--container-log-max-files <number>',
    help: 'how many log files a container has at most, with those that were rotated; at least 2',
    parse: logFiles,
    default: 5,
  },
};

const factors: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

/** A quantity of whole bytes; any negative one is -1 (parseMaxSize). */
export function logSize(text: string): number {
  const [, sign, number = '', unit = ''] = /^([+-]?)(\d+(?:\.\d+)?)([kMGT]|[KMGT]i)?$/.exec(text) ?? [];
  const bytes = Number(number) * (factors[unit] ?? 0);
  if (number === '' || !Number.isSafeInteger(bytes))
    throw new Error('It is a quantity of bytes, as in 10Mi or 50M.');
  if (sign === '-') return -1;
  if (bytes === 0) throw new Error('It must not be 0; below 0 is never.');
  return bytes;
}

export function logFiles(text: string): number {
  const files = value.count(text);
  if (files < 2) throw new Error('It must be at least 2.');
  return files;
}
