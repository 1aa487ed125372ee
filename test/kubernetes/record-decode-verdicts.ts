// By hand: node test/kubernetes/record-decode-verdicts.ts KUBECTL — asks the decoder in a kubectl (1.33 made the table)
// about every trial and writes decode-verdicts.jsonl beside this. `set serviceaccount --local` decodes manifests into
// v1.Pod as the kubelet does, neither defaults nor validates, and prints them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { comparable, manifestWith, oddManifests, places, valueAt, valuesFor } from './decode-trials.ts';

/** `unprinted`: decoded, but kubectl could not tell the items of its lists apart. */
type Answer = { pod: unknown } | { refused: string } | 'unprinted';

const [kubectl = 'kubectl'] = process.argv.slice(2);
const podsMax = 1500;
const account = 'recorder';

function withoutAccount(text: string): unknown {
  const pod = JSON.parse(text);
  delete pod.spec.serviceAccountName;
  return pod;
}

/** Names of Pods are p0, p1, …; each is told by its file, or by its name where the file is not named. */
function ask(manifests: string[]): Answer[] {
  const directory = mkdtempSync(join(tmpdir(), 'decode-verdicts-'));
  const file = (index: number) => join(directory, `${String(index).padStart(5, '0')}.json`);
  for (const [index, text] of manifests.entries()) writeFileSync(file(index), text);
  const answers = new Map<number, Answer>();
  const settle = (index: number, answer: Answer) => {
    if (index < 0 || answers.has(index)) return;
    answers.set(index, answer);
    unlinkSync(file(index));
  };
  // It prints nothing as long as one is refused.
  while (answers.size < manifests.length) {
    const before = answers.size;
    const run = spawnSync(
      kubectl,
      ['set', 'serviceaccount', '--local', '--show-managed-fields', '-o', 'json', '-f', directory, account],
      { encoding: 'utf8', maxBuffer: 2 ** 30, timeout: 60_000 },
    );
    if (run.status === 0) {
      const pods = run.stdout.split(/(?<=^\})\n/m).filter((text) => text.trim() !== '');
      const left = [...manifests.keys()].filter((index) => !answers.has(index));
      if (pods.length !== left.length) throw new Error(`${pods.length} Pods of ${left.length} manifests`);
      for (const [at, index] of left.entries()) settle(index, { pod: withoutAccount(pods[at] ?? '') });
    }
    for (const line of run.stderr.split('\n')) {
      const [, named, message = ''] = /(\d{5})\.json": (.*)/.exec(line) ?? [];
      const [, pod] = /pod\/(p\d+) /.exec(line) ?? [];
      if (named !== undefined) settle(Number(named), { refused: message });
      else if (pod !== undefined)
        settle(
          manifests.findIndex((text) => text.includes(`"${pod}"`)),
          'unprinted',
        );
      else if (manifests.length === 1 && line.startsWith('error: ')) settle(0, { refused: line });
    }
    if (answers.size === before) throw new Error(run.stderr.slice(0, 2000));
  }
  rmSync(directory, { recursive: true });
  return manifests.map((_, index) => answers.get(index) ?? 'unprinted');
}

function* inParts<Item>(items: Item[]): Iterable<Item[]> {
  for (let at = 0; at < items.length; at += podsMax) yield items.slice(at, at + podsMax);
}

/** The field that Go names, if it does: `Container.spec.containers.image` is that of a Pod. */
const refusedField = (message: string) => /Go struct field \w*\.(\S+) of type/.exec(message)?.[1];

/** null for a field that this kubectl does not know: whatever stands there is taken and dropped. */
function rowOf(path: string, outcomes: [value: string, Answer, at: unknown][]) {
  const refused: string[] = [];
  const within: Record<string, string> = {};
  const taken: Record<string, unknown> = {};
  for (const [value, answer, at] of outcomes) {
    if (answer === 'unprinted') continue;
    if ('pod' in answer) taken[value] = at;
    else {
      const field = refusedField(answer.refused) ?? path;
      if (field === path) refused.push(value);
      else within[value] = field.slice(path.length + 1);
    }
  }
  const isUnknown = refused.length === 0 && Object.values(taken).every((at) => at === null);
  return isUnknown ? undefined : { refused, within, taken };
}

const trials = places().flatMap((place) => valuesFor(place.type).map((value) => ({ ...place, value })));
const manifests = trials.map(({ value, steps }, index) => manifestWith(value, steps, `p${index}`));
const answers = [...inParts(manifests)].flatMap(ask);
const rows = new Map<string, string[]>();
const unknown: string[] = [];
for (const { field, steps } of places()) {
  const outcomes = trials.flatMap((trial, index): [string, Answer, unknown][] => {
    const answer = answers[index] ?? 'unprinted';
    const pod = typeof answer === 'object' && 'pod' in answer ? comparable(answer.pod) : undefined;
    return trial.field === field ? [[trial.value, answer, valueAt(pod, steps)]] : [];
  });
  const path = steps.filter((step) => typeof step === 'string' && step !== 'k').join('.');
  const row = rowOf(path, outcomes);
  if (!row) unknown.push(field);
  const text = JSON.stringify(row ?? {});
  if (row) rows.set(text, [...(rows.get(text) ?? []), field]);
}
const documents = oddManifests.map((manifest) => {
  const [answer = 'unprinted'] = ask([manifest]);
  if (answer === 'unprinted') throw new Error(`not printed: ${manifest}`);
  if ('refused' in answer) return JSON.stringify({ manifest, refused: refusedField(answer.refused) ?? '' });
  return JSON.stringify({ manifest, pod: comparable(answer.pod) });
});
writeFileSync(
  join(import.meta.dirname, 'decode-verdicts.jsonl'),
  [
    ...[...rows].map(([row, fields]) => `{"fields":${JSON.stringify(fields)},${row.slice(1)}`),
    ...documents,
    '',
  ].join('\n'),
);
console.log(
  `${trials.length} trials, ${rows.size} rows, ${documents.length} manifests; unknown: ${unknown.join(' ')}`,
);
