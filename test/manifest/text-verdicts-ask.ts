// Asks kubectl (or $KUBECTL) about each text of text-verdicts.jsonl and writes down anew what it says:
//   node test/manifest/text-verdicts-ask.ts
// To try another text, add a row with it, run this, and then the test. No cluster is needed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesOf, isJson, type Row } from './text-verdicts-row.ts';

const table = join(import.meta.dirname, 'text-verdicts.jsonl');
const scratch = mkdtempSync(join(tmpdir(), 'text-verdicts-'));
const atOnce = 200;

/** Newer than the types that describe JSON. */
const raw = JSON as unknown as { rawJSON(text: string): unknown; isRawJSON(value: unknown): boolean };

type Json = { [name: string]: Json } & Json[];

function kubectl(args: string[], config = '/dev/null') {
  const env = { ...process.env, KUBECONFIG: config, HOME: scratch };
  return spawnSync(process.env.KUBECTL ?? 'kubectl', args, { encoding: 'utf8', maxBuffer: 2 ** 28, env });
}

/** Numbers stay as kubectl writes them. */
const parsed = (text: string): Json =>
  JSON.parse(text, (_, value, { source }: { source?: string } = {}) =>
    typeof value === 'number' ? raw.rawJSON(source ?? String(value)) : value,
  );

function sorted(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (value === undefined || value === null || typeof value !== 'object' || raw.isRawJSON(value))
    return JSON.stringify(value ?? null);
  const entries = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${sorted(value[name])}`);
  return `{${entries.join()}}`;
}

/** Many at once: those that are refused are told, and the others asked again without them. */
function askYaml(rows: Row[]): void {
  const paths = rows.map((row, at) => {
    const path = join(scratch, `${at}.yaml`);
    writeFileSync(path, bytesOf(row, `t${at}`));
    return path;
  });
  const left = new Set(rows.keys());
  for (;;) {
    const config = [...left].map((at) => paths[at]).join(':');
    const { status, stdout, stderr } = kubectl(['config', 'view', '--raw', '-o', 'json'], config);
    if (status === 0) {
      const extensions = (parsed(stdout).extensions ?? []) as Json[];
      const values = new Map(extensions.map(({ name, extension }) => [String(name), extension]));
      for (const at of left) (rows[at] as Row).value = sorted(values.get(`t${at}`));
      return;
    }
    const refused = [...stderr.matchAll(/loading config file ".*?(\d+)\.yaml": (.*)/g)];
    if (refused.length === 0) throw new Error(stderr);
    for (const [, at, why] of refused) {
      if (why?.startsWith('json: cannot unmarshal'))
        throw new Error(`${JSON.stringify(rows[Number(at)])} is no kubeconfig: ${why}`);
      left.delete(Number(at));
      delete (rows[Number(at)] as Row).value;
    }
    if (left.size === 0) return;
  }
}

function askJson(row: Row): void {
  const [base, patch] = [join(scratch, 'base.yaml'), join(scratch, 'patch')];
  writeFileSync(base, 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n');
  writeFileSync(patch, bytesOf(row, ''));
  const args = ['patch', '--local', '-f', base, '--type=merge', '--patch-file', patch, '-o', 'json'];
  const { status, stdout } = kubectl(args);
  if (status === 0) row.value = sorted(parsed(stdout).spec);
  else delete row.value;
}

const lines = readFileSync(table, 'utf8').trim().split('\n');
const rows = lines.map((line): Row => JSON.parse(line));
const yaml = rows.filter((row) => !isJson(row));
for (let from = 0; from < yaml.length; from += atOnce) askYaml(yaml.slice(from, from + atOnce));
for (const row of rows.filter(isJson)) askJson(row);
writeFileSync(table, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
rmSync(scratch, { recursive: true });
