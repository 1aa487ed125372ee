// Two Pods -> the fields in which they differ, as a person would name them. Items of a list are paired by what tells them
// apart in Kubernetes (the patchMergeKey: name, mountPath, …), else by their place. Pure.
import { isDeepStrictEqual } from 'node:util';
import { FieldPath } from '../kubernetes/field-path.ts';
import type { Pod } from '../kubernetes/pod.ts';

/** Absent: it is not there on that side. */
export type FieldDifference = { field: string; old?: unknown; new?: unknown };

/** Status, and what monopod itself writes into every Pod, is left out. */
export function podDifferences(before: Pod, after: Pod): FieldDifference[] {
  const found: FieldDifference[] = [];
  compare(asWritten(before), asWritten(after), FieldPath.root, found);
  return found;
}

const ownAnnotations = /^kubernetes\.io\/config\.(hash|seen|source)$/;

/** As JSON has it: what is undefined is not there. */
function asWritten({ metadata, spec }: Pod): unknown {
  const annotations = Object.entries(metadata?.annotations ?? {}).filter(
    ([key]) => !ownAnnotations.test(key),
  );
  const { uid: _uid, creationTimestamp: _made, annotations: _all, ...rest } = metadata ?? {};
  const own = annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {};
  return JSON.parse(JSON.stringify({ metadata: { ...rest, ...own }, spec }));
}

function compare(before: unknown, after: unknown, at: FieldPath, found: FieldDifference[]): void {
  if (isDeepStrictEqual(before, after)) return;
  if (isMap(before) && isMap(after)) return compareMaps(before, after, at, found);
  if (isList(before) && isList(after)) return compareLists(before, after, at, found);
  found.push({
    field: at.toString(),
    ...(before !== undefined && { old: before }),
    ...(after !== undefined && { new: after }),
  });
}

type PlainMap = Record<string, unknown>;
const isList = (value: unknown): value is unknown[] => Array.isArray(value);
const isMap = (value: unknown): value is PlainMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields whose keys are the writer's own. */
const maps = new Set('labels annotations nodeSelector matchLabels limits requests overhead'.split(' '));

function compareMaps(before: PlainMap, after: PlainMap, at: FieldPath, found: FieldDifference[]): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const path = maps.has(String(at.name)) ? at.key(key) : at.child(key);
    compare(own(before, key), own(after, key), path, found);
  }
}

const own = (map: PlainMap, key: string) => (Object.hasOwn(map, key) ? map[key] : undefined);

function compareLists(before: unknown[], after: unknown[], at: FieldPath, found: FieldDifference[]): void {
  const key = keyOf([before, after]);
  const sameLength = before.length === after.length;
  if (key === undefined && !sameLength && ![...before, ...after].some(isMap))
    return void found.push({ field: at.toString(), old: before, new: after });
  const name = (item: unknown, index: number) => (key ? String((item as PlainMap)[key]) : String(index));
  const old = new Map(before.map((item, index) => [name(item, index), item]));
  const names = after.map(name);
  for (const [index, item] of after.entries())
    compare(old.get(names[index] ?? ''), item, at.index(index), found);
  for (const [index, item] of before.entries())
    if (!names.includes(name(item, index))) compare(item, undefined, at.index(index), found);
  const stayed = before.map(name).filter((one) => names.includes(one));
  const kept = names.filter((one) => old.has(one));
  if (!isDeepStrictEqual(stayed, kept)) found.push({ field: `${at} (order)`, old: stayed, new: kept });
}

const keys = ['name', 'mountPath', 'devicePath', 'containerPort', 'ip', 'topologyKey', 'path'];

/** What every item has, and no two of one list share. */
const keyOf = (lists: unknown[][]): string | undefined =>
  keys.find((key) =>
    lists.every((list) => {
      const values = list.map((item) => (isMap(item) ? own(item, key) : undefined));
      return !values.includes(undefined) && new Set(values).size === list.length;
    }),
  );
