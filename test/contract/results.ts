// What a test takes a Result for.
import assert from 'node:assert/strict';
import type { FailureCode, Result } from '../../src/errors.ts';

export function value<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : `${result.error.code}: ${result.error.message}`);
  return result.value;
}

export const code = (result: Result<unknown>): FailureCode | 'ok' => (result.ok ? 'ok' : result.error.code);

export const message = (result: Result<unknown>): string => (result.ok ? '' : result.error.message);
