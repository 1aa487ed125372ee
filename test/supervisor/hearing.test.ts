// Which sources are in trouble, what is said of it, and what is not: never heard, unreadable, unwatched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hearing } from '../../src/supervisor/hearing.ts';
import { update } from './entries.ts';

function hearing() {
  const logged: string[] = [];
  const say = (message: string) => void logged.push(message);
  const log = { info: say, warn: say, error: say, debug: () => undefined };
  return { on: new Hearing(['file:/m', 'https://h/pods'], log, 100), logged };
}

test('what was never heard is unreadable since monopod started; an update ends that', () => {
  const { on } = hearing();
  on.hear(update([], { full: true }));
  const [file, url] = on.sources();
  assert.deepEqual(file, { id: 'file:/m', readable: true });
  assert.equal(url?.readable, false);
  assert.deepEqual([url?.trouble?.state, url?.trouble?.sinceMs], ['unreadable', 100]);
  assert.deepEqual(on.troubles(), [], 'it may be about to speak');
});

test('unwatched: readable and healthy, said once, and again when it is over', () => {
  const { on, logged } = hearing();
  const unwatched = { message: 'no inotify watch is left', sinceMs: 7 };
  for (const _ of [1, 2]) on.hear(update([], { unwatched }));
  assert.deepEqual(on.sources()[0], {
    id: 'file:/m',
    readable: true,
    trouble: { state: 'unwatched', ...unwatched },
  });
  assert.deepEqual(on.troubles(), []);
  on.hear(update([]));
  assert.deepEqual(on.sources()[0], { id: 'file:/m', readable: true });
  assert.equal(logged.length, 2);
});

test('what can neither be read nor watched is unreadable', () => {
  const { on } = hearing();
  const trouble = { message: 'it is gone', sinceMs: 9 };
  on.hear(update([], { unreadable: trouble, unwatched: { message: 'ENOENT', sinceMs: 8 } }));
  assert.deepEqual(on.sources()[0], {
    id: 'file:/m',
    readable: false,
    trouble: { state: 'unreadable', ...trouble },
  });
  assert.match(on.troubles()[0]?.message ?? '', /^file:\/m cannot be read since 1970.*: it is gone$/);
});
