// Waiting for what will be true soon: asks again and again until it is, or says what it saw last.
import { setTimeout as delay } from 'node:timers/promises';

/** Long enough for a machine busy with other tests; a test that passes never waits for it. */
const withinMs = 45_000;
const askEveryMs = 100;

/** The first answer of `ask` that is not undefined or false. A thrown error counts as no answer yet. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { seen = () => '', timeoutMs = withinMs }: { seen?: () => unknown; timeoutMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await delay(askEveryMs);
  } while (performance.now() < deadline);
  const last = lastError instanceof Error ? lastError.message : JSON.stringify(seen());
  throw new Error(`not seen within ${timeoutMs / 1000} s: ${what}\nseen last: ${last}`, { cause: lastError });
}

/** Holds all the while: for what must not happen. */
export async function throughout(
  what: string,
  holdsMs: number,
  holds: () => Promise<boolean> | boolean,
): Promise<void> {
  const end = performance.now() + holdsMs;
  while (performance.now() < end) {
    if (!(await holds())) throw new Error(`did not hold: ${what}`);
    await delay(askEveryMs);
  }
}
