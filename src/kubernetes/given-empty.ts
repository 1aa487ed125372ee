// Lists and maps that were written, and are empty. An object does not hold them, as Go would not write them; yet to Go
// they are not nil, and where a rule asks whether a field was given at all, they were. In: what the decoder left out.
const givenEmpty = new WeakMap<object, Set<string>>();

export function noteGivenEmpty(owner: object, field: string): void {
  const fields = givenEmpty.get(owner);
  if (fields) fields.add(field);
  else givenEmpty.set(owner, new Set([field]));
}

export const forgetGivenEmpty = (owner: object, field: string): void => {
  givenEmpty.get(owner)?.delete(field);
};

/** Whether a field was written, be it with nothing in it. */
export const isGiven = (owner: object, field: string): boolean =>
  (owner as Record<string, unknown>)[field] !== undefined || givenEmpty.get(owner)?.has(field) === true;
