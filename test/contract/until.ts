// Waits for something to become so, with a bound that only a failure meets.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

const lookEveryMs = 10;

/** Answers with what `look` finds: its first answer that is neither undefined nor false. */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const giveUpMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < giveUpMs, `not within ${withinMs} ms: ${look}`);
    await pause(lookEveryMs);
  }
}
