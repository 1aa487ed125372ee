// The tolerations in an annotation (helper.GetTolerationsFromPodAnnotations): a JSON text -> tolerations, as Go's
// encoding/json reads it into a type that names no fields: in any case, null is absent, strict in types. Pure.
import type { V1Toleration } from '../generated/shapes.ts';

const texts = ['key', 'operator', 'value', 'effect'] as const;

/** undefined for a text that is no such list. */
export function writtenTolerations(text: string): V1Toleration[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (list === null) return [];
  if (!Array.isArray(list)) return undefined;
  const tolerations = list.map(toleration).filter((each) => each !== undefined);
  return tolerations.length === list.length ? tolerations : undefined;
}

function toleration(item: unknown): V1Toleration | undefined {
  const read: V1Toleration = {};
  if (item === null) return read;
  if (typeof item !== 'object' || Array.isArray(item)) return undefined;
  for (const [name, value] of Object.entries(item)) {
    if (value === null) continue;
    const field = texts.find((text) => text === name.toLowerCase());
    if (field) {
      if (typeof value !== 'string') return undefined;
      read[field] = value;
    } else if (name.toLowerCase() === 'tolerationseconds') {
      if (!Number.isInteger(value)) return undefined;
      read.tolerationSeconds = value;
    }
  }
  return read;
}
