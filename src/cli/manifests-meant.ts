// Which manifests a person means by what was typed behind `describe manifest`. Pure.
import { basename, resolve } from 'node:path';
import { nearName } from '../kubernetes/near-name.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { CommandError } from './command-error.ts';
import { isMeant } from './pods-meant.ts';

/** Each once, those in trouble first; all of them where nothing is named. Throws a CommandError. */
export function manifestsMeant(names: string[], records: ManifestRecord[]): ManifestRecord[] {
  const meant = new Set(names.length === 0 ? records : names.flatMap((name) => find(name, records)));
  const rank = ({ state }: ManifestRecord) => byTrouble.indexOf(state);
  return records.filter((record) => meant.has(record)).toSorted((a, b) => rank(a) - rank(b));
}

const byTrouble: ManifestRecord['state'][] = [
  'unreadable',
  'off',
  'rejected',
  'kept',
  'conflict',
  'rolled-back',
  'unwatched',
  'stopped',
  'pending',
  'running',
  'ignored',
];

/** What is named exactly goes before a file of that name anywhere, and that before a Pod: several may claim its name. */
function find(typed: string, records: ManifestRecord[]): ManifestRecord[] {
  const ways: ((record: ManifestRecord) => boolean)[] = [
    ({ origin }) => origin === typed || origin === resolve(typed),
    ({ origin }) => basename(origin) === typed,
    ({ staticPod }) => staticPod !== undefined && isMeant(staticPod.pod, typed, undefined),
  ];
  for (const isIt of ways) {
    const found = records.filter(isIt);
    if (found.length > 0) return found;
  }
  const near = nearName(
    typed,
    records.map(({ origin }) => basename(origin)),
  );
  const hint =
    near === undefined ? '; monopod get manifests shows what there is' : `: did you mean "${near}"?`;
  throw new CommandError(`manifest "${typed}" not found${hint}`);
}
