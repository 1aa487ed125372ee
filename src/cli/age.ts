// Durations as kubectl shows an age (duration.HumanDuration): the two largest units while they matter. Pure.

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** `12s`, `3m20s`, `45m`, `5h7m`, `30h`, `3d4h`, `200d`, `3y20d`. */
export function humanDuration(durationMs: number): string {
  if (durationMs <= -2 * second) return '<invalid>';
  if (durationMs < 0) return '0s';
  if (durationMs < 2 * minute) return in1(durationMs, second, 's');
  if (durationMs < 10 * minute) return in2(durationMs, minute, 'm', second, 's');
  if (durationMs < 3 * hour) return in1(durationMs, minute, 'm');
  if (durationMs < 8 * hour) return in2(durationMs, hour, 'h', minute, 'm');
  if (durationMs < 2 * day) return in1(durationMs, hour, 'h');
  if (durationMs < 8 * day) return in2(durationMs, day, 'd', hour, 'h');
  if (durationMs < 2 * year) return in1(durationMs, day, 'd');
  if (durationMs < 8 * year) return in2(durationMs, year, 'y', day, 'd');
  return in1(durationMs, year, 'y');
}

const in1 = (ms: number, unit: number, letter: string) => `${Math.floor(ms / unit)}${letter}`;

function in2(ms: number, unit: number, letter: string, lesser: number, lesserLetter: string): string {
  const rest = Math.floor((ms % unit) / lesser);
  return in1(ms, unit, letter) + (rest === 0 ? '' : `${rest}${lesserLetter}`);
}

/** Since an RFC 3339 time; kubectl's word for one that is not there. */
export function ageOf(time: string | undefined, nowMs: number): string {
  const since = Date.parse(time ?? '');
  return Number.isNaN(since) ? '<unknown>' : humanDuration(nowMs - since);
}
