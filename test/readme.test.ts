// What the README says of fields, flags and verbs is what the code has.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { addRunFlags } from '../src/config/flags.ts';
import { configKeys } from '../src/config/kubelet/keys.ts';
import type { RunOptions } from '../src/config/options.ts';
import { withSupport } from '../src/kubernetes/support-readme.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('the support tables are those of the code (npm run generate writes them)', () => {
  assert.equal(readme, withSupport(readme));
});

/** Of the table below the heading: long flag -> default, as they are written. Several flags of one row share its default or have one each. */
function flagRows(): [string, string][] {
  const section = /^## Flags of `monopod run`\n([\s\S]*?)^(?:##? |Other verbs)/m.exec(readme)?.[1] ?? '';
  return [...section.matchAll(/^\| (`-[^|]*) \| ([^|]*?) \|/gm)].flatMap(([, flags = '', written = '']) => {
    const longs = flags.match(/--[\w-]+/g) ?? [];
    const plain = written.replaceAll('`', '');
    const defaults = plain.split(', ');
    const ownEach = longs.length > 1 && defaults.length === longs.length;
    return longs.map((long, at): [string, string] => [long, ownEach ? (defaults[at] ?? '') : plain]);
  });
}

test('the flag table has exactly the flags of `monopod run`, with their defaults', () => {
  const command = new Command('run');
  addRunFlags(command, { env: {}, hostname: 'node1' });
  const rows = flagRows();
  const flags = command.options.map(({ long }) => long ?? '');
  assert.deepEqual(rows.map(([long]) => long).toSorted(), flags.toSorted());
  for (const { long = '', defaultValue, defaultValueDescription } of command.options) {
    if (defaultValue === undefined) continue;
    const [, written] = rows.find(([row]) => row === long) ?? [];
    assert.equal(written, defaultValueDescription ?? String(defaultValue), long);
  }
});

test('the table of configuration keys is that of the code, in the order of the flags', () => {
  const command = new Command('run');
  addRunFlags(command, { env: {}, hostname: 'node1' });
  const section = /^## Configuration files\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `([\w.]+)` \| `(--[\w-]+)` \|$/gm)].map(([, key, flag]) => [
    key,
    flag,
  ]);
  const keys = command.options.flatMap((option) => {
    const key = configKeys[option.attributeName() as keyof RunOptions];
    return key ? [[key.path, option.long]] : [];
  });
  assert.ok(keys.length > 30);
  assert.deepEqual(rows, keys);
});

test('every verb of the command line is there', () => {
  const verbs = [
    ...readFileSync(join(root, 'src/cli/main.ts'), 'utf8').matchAll(/^add(\w+)\((program|get)\);$/gm),
  ];
  assert.ok(verbs.length >= 3);
  for (const [, name = '', parent] of verbs) {
    const verb = name.replace(/^Get/, '').toLowerCase();
    const written = parent === 'get' ? `\`get ${verb}` : `\`${verb}`;
    assert.ok(readme.includes(written), written);
  }
});
