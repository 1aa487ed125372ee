// metav1.Time: a text, read as Go's time.Parse reads RFC 3339 -> the time in UTC to the second, as Kubernetes writes it.
// Go takes more than the RFC does: an hour of one digit, a fraction behind a comma, offsets up to 24:60. Pure.

const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|([+-])(\d\d):(\d\d))$/;

/** time.Time's zero: written as null. */
const zeroMs = Date.parse('0001-01-01T00:00:00Z');

/** null for the zero time without a fraction; undefined when the text is no time. */
export function timeText(text: string): string | null | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.map(Number);
  const [offsetHour, offsetMinute] = [Number(match[8] ?? 0), Number(match[9] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 24 || offsetMinute > 60) return undefined;
  const date = new Date(0);
  // Date.UTC takes the year 50 for 1950.
  date.setUTCFullYear(year, month - 1, day);
  // It also takes the 30th of February for the 1st of March.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offset = (offsetHour * 60 + offsetMinute) * (match[7] === '-' ? -1 : 1);
  date.setUTCHours(hour, minute - offset, second);
  if (date.getTime() === zeroMs && !/[.,]0*[1-9]/.test(text)) return null;
  return `${yearText(date.getUTCFullYear())}${date.toISOString().slice(-20, -5)}Z`;
}

/** By the offset it may have become one before 0 or behind 9999. */
const yearText = (year: number): string => `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`;
