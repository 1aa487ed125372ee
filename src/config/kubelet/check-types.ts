// The types of a KubeletConfiguration's values, and the keys that it does not have, as the kubelet's decoder finds them.
// In: a map and the keys that there are. Pure.
import { parseDuration } from '../duration.ts';
import type { ConfigMap, ConfigValue } from './document.ts';
import type { Fields, FieldType } from './schema.ts';

export type Steps = readonly string[];
export type Problems = {
  types: { steps: Steps; message: string }[];
  unknown: { steps: Steps; known: string[] }[];
};

export function checkTypes(map: ConfigMap, fields: Fields, before: Steps = []): Problems {
  const problems: Problems = { types: [], unknown: [] };
  for (const [name, value] of map) {
    const steps = [...before, name];
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (type === undefined) problems.unknown.push({ steps, known: Object.keys(fields) });
    else if (value === null) continue;
    else if (typeof type === 'object' && value instanceof Map) {
      const inside = checkTypes(value, type, steps);
      problems.types.push(...inside.types);
      problems.unknown.push(...inside.unknown);
    } else if (!fits(value, type)) problems.types.push({ steps, message: wrongType(value, type) });
  }
  return problems;
}

function fits(value: ConfigValue, type: FieldType): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value);
    case 'number':
      return found(value) === 'a number';
    case 'duration':
      return typeof value === 'string' && parseDuration(value) !== undefined;
    case 'list of strings':
      return Array.isArray(value) && value.every(isText);
    case 'map of strings':
      return value instanceof Map && [...value.values()].every(isText);
    case 'map of booleans':
      return (
        value instanceof Map && [...value.values()].every((one) => one === null || typeof one === 'boolean')
      );
    case 'map of lists of strings':
      return (
        value instanceof Map &&
        [...value.values()].every((one) => one === null || fits(one, 'list of strings'))
      );
    default:
      return false;
  }
}

/** encoding/json leaves the zero value where null is. */
const isText = (value: ConfigValue): boolean => value === null || typeof value === 'string';

/** Says no value: it may be secret, and the place is named. */
function wrongType(value: ConfigValue, type: FieldType): string {
  const wanted = typeof type === 'object' ? 'a map' : examples[type];
  return `${found(value)} is here, and it must be ${wanted}`;
}

const examples: Record<Extract<FieldType, string>, string> = {
  string: 'text: put it in quotes',
  boolean: 'true or false, without quotes',
  integer: 'a whole number, without quotes',
  number: 'a number, without quotes',
  duration: 'a duration with a unit, as in 20s, 1m30s or 500ms',
  'list of strings': 'a list of texts; a number has to be in quotes there',
  'map of strings': 'a map of texts; a number has to be in quotes there',
  'map of lists of strings': 'a map of lists of texts',
  'map of booleans': 'a map of true and false',
  any: 'anything',
};

function found(value: ConfigValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a map';
  return { string: 'text', boolean: 'a boolean' }[typeof value as 'string' | 'boolean'] ?? 'a number';
}
