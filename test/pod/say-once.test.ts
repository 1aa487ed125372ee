// A sandbox that is tried again and again says its warnings once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sayOnce } from '../../src/pod/say-once.ts';

test('the same of the same version of a Pod is said once, anything else again', () => {
  const said: string[] = [];
  const say = sayOnce((message, { uid }) => said.push(`${uid} ${message}`));
  for (const uid of ['a', 'a', 'b', 'a']) say('x', { uid });
  say('y', { uid: 'a' });
  assert.deepEqual(said, ['a x', 'b x', 'a y']);
});

test('what is remembered is bounded', () => {
  const said: string[] = [];
  const say = sayOnce((message) => said.push(message));
  for (let at = 0; at < 1000; at++) say(`${at}`, {});
  say('0', {});
  assert.equal(said.length, 1001);
});
