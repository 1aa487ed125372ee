// A verdict by the stricter measure of an API server (fieldValidation=Strict): a field that there is none of, and a key
// that is there twice, refuse the manifest. Pure.
import type { FieldErrorType, Verdict } from './static-pod.ts';

const refusing = new Set<FieldErrorType>(['Unknown field', 'Duplicate key']);

export function strictly(verdict: Verdict): Verdict {
  const refused = verdict.warnings.filter(({ type }) => refusing.has(type));
  if (refused.length === 0) return verdict;
  return {
    accepted: false,
    errors: [...refused, ...verdict.errors],
    warnings: verdict.warnings.filter(({ type }) => !refusing.has(type)),
  };
}
