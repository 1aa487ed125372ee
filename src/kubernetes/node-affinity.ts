// Does a node have the labels and the name that a Pod asks for (component-helpers nodeaffinity.GetRequiredNodeAffinity)?
// Pure.
import type { V1NodeSelectorRequirement, V1NodeSelectorTerm } from './generated/shapes.ts';
import type { Pod } from './pod.ts';

type Labels = Record<string, string>;
type Node = { nodeName: string; labels: Labels };

export function matchesNode({ spec }: Pod, { nodeName, labels }: Node): boolean {
  const selected = Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!selected || !required) return selected;
  return required.nodeSelectorTerms.some((term) => matchesTerm(term, labels, { 'metadata.name': nodeName }));
}

/** A term that asks for nothing matches nothing. */
function matchesTerm(
  { matchExpressions = [], matchFields = [] }: V1NodeSelectorTerm,
  labels: Labels,
  fields: Labels,
): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((wanted) => matches(wanted, labels)) &&
    matchFields.every((wanted) => matches(wanted, fields))
  );
}

/** labels.Requirement.Matches */
function matches({ key, operator, values = [] }: V1NodeSelectorRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt':
      return matchesNumber(operator, value, values[0]);
    default:
      return false;
  }
}

function matchesNumber(operator: 'Gt' | 'Lt', value: string | undefined, than: string | undefined): boolean {
  if (value === undefined || than === undefined || ![value, than].every(isInteger)) return false;
  return operator === 'Gt' ? integer(value) > integer(than) : integer(value) < integer(than);
}

/** strconv.ParseInt */
const isInteger = (text: string): boolean => /^[+-]?\d+$/.test(text);

const integer = (text: string): bigint => BigInt(text.replace(/^\+/, ''));
