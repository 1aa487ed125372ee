// Durations as Go writes them (time.ParseDuration, Duration.String): `20s`, `1m30s`, `500ms`, `1.5h`. Pure.

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const whole = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Milliseconds, or undefined for what is no duration. A number without a unit is none, except 0. */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!whole.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(part)) totalMs += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  return text.startsWith('-') ? -totalMs : totalMs;
}

/** The way Go prints it, to the microsecond: `1m30s`, `1h0m0s`, `500ms`, `1.5ms`, `0s`. */
export function formatDuration(durationMs: number): string {
  const sign = durationMs < 0 ? '-' : '';
  const ms = Math.round(Math.abs(durationMs) * 1000) / 1000;
  if (ms === 0) return '0s';
  if (ms < 1) return `${sign}${Math.round(ms * 1000)}µs`;
  if (ms < 1000) return `${sign}${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = Math.round((ms % 60_000) * 1000) / 1e6;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}
