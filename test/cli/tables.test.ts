import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestsTable } from '../../src/cli/manifests-table.ts';
import { podsTable } from '../../src/cli/pods-table.ts';
import { Table } from '../../src/cli/table.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { ManifestRecord } from '../../src/server/node-view.ts';

const nowMs = Date.UTC(2026, 0, 1, 1);
const pod = (name: string, namespace = 'default'): Pod => ({
  metadata: { name, namespace, creationTimestamp: '2026-01-01T00:59:00Z' },
  status: { phase: 'Pending' },
});

test('columns are three spaces apart, and no line ends in spaces', () => {
  const text = new Table().print(
    ['NAME', 'READY', 'IP'],
    [
      ['web-node1', '1/1', '10.0.0.1'],
      ['a', '0/1', ''],
    ],
  );
  assert.equal(text, 'NAME        READY   IP\nweb-node1   1/1     10.0.0.1\na           0/1\n');
});

test('the columns of a long table stand below one another, however wide the last row is', () => {
  const rows = Array.from({ length: 120 }, (_, at) => [at === 119 ? 'the-longest-of-all' : `pod-${at}`, 'x']);
  const lines = new Table().print(['NAME', 'READY'], rows).trimEnd().split('\n');
  assert.equal(lines.length, 121);
  for (const line of lines) assert.match(line, /^\S+ +(?<=^.{21})\S+$/);
});

test('later rows come without a header and keep the columns, which grow where they must', () => {
  const table = new Table();
  table.print(['A', 'B'], [['12345678', 'x']]);
  assert.equal(table.print(['A', 'B'], [['1', 'y']]), '1          y\n');
  assert.equal(table.print(['A', 'B'], [['123456789', 'z']]), '123456789   z\n');
  assert.equal(table.print(['A', 'B', 'C'], [['1', '2', '3']]), 'A     B     C\n1     2     3\n');
  assert.equal(table.print(['A', 'B'], []), '');
});

test('text that two columns a letter need is shown whole', () => {
  assert.match(new Table().print(['A', 'B'], [['漢字漢字', 'größer 🐳']]), /^漢字漢字 +größer 🐳$/m);
});

test('what could reach the terminal is shown, not done', () => {
  const text = new Table().print(['A'], [['a\u001b[2J\nb\u009b31m\u202e']]);
  assert.equal(text, 'A\na\\x1b[2J\\nb\\x9b31m\\u202e\n');
});

test('Pods: namespaces appear when a name alone would not do', () => {
  const options = { wide: false, header: true, namespaces: 'auto' } as const;
  const table = podsTable(options);
  assert.match(table([pod('a')], nowMs), /^NAME +READY +STATUS +RESTARTS +AGE\na +0\/0 +Pending +0 +60s\n$/);
  assert.match(table([pod('b', 'kube-system')], nowMs), /^NAMESPACE +NAME .*\nkube-system +b /);
  assert.match(table([pod('a')], nowMs), /^default +a +[^\n]*\n$/);
  assert.match(podsTable({ ...options, namespaces: 'always' })([pod('a')], nowMs), /^NAMESPACE/);
  assert.match(
    podsTable({ ...options, namespaces: 'never' })([pod('b', 'kube-system')], nowMs),
    /^NAME +READY/,
  );
  assert.match(podsTable({ ...options, wide: true })([pod('a')], nowMs), /AGE +IP +NODE +SOURCE\n/);
  assert.match(podsTable({ ...options, header: false })([pod('a')], nowMs), /^a /);
});

const record = (more: Partial<ManifestRecord>): ManifestRecord => ({
  sourceId: 'file:/m',
  origin: '/m/web.yaml',
  state: 'running',
  errors: [],
  warnings: [],
  reason: '',
  sinceMs: nowMs - 5000,
  ...more,
});

test('manifests: state and reason in the table, and each problem below where it stands in the file', () => {
  const text = manifestsTable(
    [
      record({}),
      record({
        origin: '/m/b.yaml',
        state: 'kept',
        reason: 'line 7, column 3',
        errors: [
          {
            stage: 'decode',
            field: 'spec',
            type: 'Type error',
            message: 'not a\u001b[31m map',
            line: 7,
            column: 3,
          },
          { stage: 'decode', field: '', type: 'Syntax error', message: 'cut off' },
        ],
        warnings: [
          {
            stage: 'decode',
            field: 'spec.x',
            type: 'Unknown field',
            message: 'is dropped',
            line: 9,
            column: 1,
          },
          {
            stage: 'support',
            field: 'spec.nodeName',
            type: 'No meaning on one node',
            message: 'there is one',
            line: 10,
            column: 1,
          },
        ],
      }),
    ],
    nowMs,
  );
  assert.deepEqual(text.split('\n'), [
    'MANIFEST      STATE     POD      SINCE   REASON',
    '/m/web.yaml   running   <none>   5s',
    '/m/b.yaml     kept      <none>   5s      line 7, column 3',
    '',
    '/m/b.yaml:7:3: error: spec: Type error: not a\\x1b[31m map',
    '/m/b.yaml: error: Syntax error: cut off',
    '/m/b.yaml:9:1: warning: spec.x: Unknown field: is dropped',
    '/m/b.yaml:10:1: note: spec.nodeName: No meaning on one node: there is one',
    '',
  ]);
  const wide = manifestsTable(
    [record({ state: 'conflict', runs: { uid: 'u1', origin: '/m/a.yaml' } }), record({})],
    nowMs,
    { wide: true },
  );
  assert.match(
    wide,
    /SOURCE +UID +RUNS INSTEAD +REASON\n.* file:\/m +<none> +u1 of \/m\/a\.yaml\n.* file:\/m +<none> +<none>\n$/,
  );
});
