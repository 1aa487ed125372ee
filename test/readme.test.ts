// What the README says of fields, flags and verbs is what the code has.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { addRunFlags } from '../src/config/flags.ts';
import { withSupport } from '../src/kubernetes/support-readme.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('the support tables are those of the code (npm run generate writes them)', () => {
  assert.equal(readme, withSupport(readme));
});

/** Of the table below the heading: flag -> default, as they are written. A flag with a short name has both in its cell. */
function flagRows(): Map<string, string> {
  const section = /^## Flags of `monopod run`\n([\s\S]*?)^(?:##? |Other verbs)/m.exec(readme)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| (`-[^|]*) \| ([^|]*?) \|/gm)];
  return new Map(
    rows.map(([, flags = '', written = '']) => [flags.replaceAll('`', ''), written.replaceAll('`', '')]),
  );
}

test('the flag table has exactly the flags of `monopod run`, with their defaults', () => {
  const command = new Command('run');
  addRunFlags(command, { env: {}, hostname: 'node1' });
  const rows = flagRows();
  const names = command.options.map(({ short, long }) => [short, long].filter(Boolean).join(', '));
  assert.deepEqual([...rows.keys()].toSorted(), names.toSorted());
  for (const { short, long, defaultValue, defaultValueDescription } of command.options) {
    if (defaultValue === undefined) continue;
    const written = rows.get([short, long].filter(Boolean).join(', ')) ?? '';
    assert.equal(written, defaultValueDescription ?? String(defaultValue), long);
  }
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
