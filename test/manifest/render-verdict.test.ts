// What a person and a program are shown of a verdict.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import { describeVerdict, reportVerdict } from '../../src/manifest/render-verdict.ts';

const where = { origin: '/m/w.yaml', source: 'file', nodeName: 'node-1', seenAtMs: 0 } as const;

function described(text: string): string {
  const bytes = Buffer.from(text);
  return describeVerdict('w.yaml', bytes, decodeManifest(bytes, where));
}

const head = 'apiVersion: v1\nkind: Pod\nmetadata: {name: w}\nspec:\n  containers:\n';

test('errors and warnings show the line with a mark, in the order of the file', () => {
  const text = `${head}  - name: W\n    image: b\n    imagePullPolicy: always\n    ports: [{containerPort: 80, name: web, nam: x}]\n`;
  assert.equal(
    described(text),
    `w.yaml:6:11: error: spec.containers[0].name: Invalid value: "W": must be a lowercase RFC 1123 label: lower case letters, digits and '-', beginning and ending with a letter or digit (as 'my-name' or '123-abc')
     6 |   - name: W
       |           ^
w.yaml:8:22: error: spec.containers[0].imagePullPolicy: Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never". Did you mean "Always"?
     8 |     imagePullPolicy: always
       |                      ^
w.yaml:9:44: warning: spec.containers[0].ports[0].nam: Unknown field: no such field: it does nothing. Did you mean "name"?
     9 |     ports: [{containerPort: 80, name: web, nam: x}]
       |                                            ^
w.yaml: rejected, 2 errors, 1 warning
`,
  );
});

test('what has no meaning here is a note, and counted as one', () => {
  assert.equal(
    described(`${head}  - {name: a, image: b}\n  hostUsers: false\n  nodeName: here\n`),
    `w.yaml:7:3: warning: spec.hostUsers: Not supported: the engine maps user IDs for all or none: the Pod waits with FailedCreatePodSandBox
     7 |   hostUsers: false
       |   ^
w.yaml:8:3: note: spec.nodeName: No meaning on one node: there is one node, and it writes its own name
     8 |   nodeName: here
       |   ^
w.yaml: accepted as Pod default/w-node-1, 1 warning, 1 note
`,
  );
});

test('an accepted manifest says what it becomes', () => {
  assert.equal(described(`${head}  - {name: a, image: b}\n`), 'w.yaml: accepted as Pod default/w-node-1\n');
});

test('tabs keep the mark in place, long lines are cut, control characters are not passed on', () => {
  assert.match(described('a:\n\tb: c'), / {5}2 \| \tb: c\n {7}\| \^\n/);
  const long = described(`${head}  - {name: a, image: b, command: [${'x'.repeat(300)}], tty: 5}\n`);
  assert.match(long, /\| …x+\], tty: 5}\n {7}\| +\^\n/);
  assert.ok(!described('a: "\u001b[31m').includes('\u001b'));
});

test('the report for programs', () => {
  const bytes = Buffer.from(`${head}  - {name: a, image: ""}\n`);
  assert.deepEqual(JSON.parse(JSON.stringify(reportVerdict('w.yaml', decodeManifest(bytes, where)))), {
    file: 'w.yaml',
    accepted: false,
    errors: [
      {
        stage: 'validate',
        field: 'spec.containers[0].image',
        type: 'Required value',
        message: 'a container needs an image',
        line: 6,
        column: 22,
      },
    ],
    warnings: [],
  });
  const good = reportVerdict(
    'w.yaml',
    decodeManifest(Buffer.from(`${head}  - {name: a, image: b}\n`), where),
  );
  assert.equal(good.pod?.metadata?.name, 'w-node-1');
});

test('the mark stands under its spot behind wide letters, combining ones and escapes', () => {
  const mark = (text: string) => described(text).split('\n').slice(1, 3);
  const labels = (value: string) => `${head}  - {name: a, image: b}\n  x: {日本: "${value}", y: z}\n`;
  assert.deepEqual(mark('a: "日本: e\u0301\u{1f600}" c'), [
    '     1 | a: "日本: e\u0301\u{1f600}" c',
    `       | ${' '.repeat(15)}^`,
  ]);
  assert.equal(described(labels('q')).includes('日本'), true);
  const escaped = described('a: "\u202eb" c');
  assert.ok(escaped.includes('a: "\\u202eb" c'), escaped);
});

test('neither names of files nor keys write control sequences', () => {
  const bytes = Buffer.from(`${head}  - {name: a, image: b}\n  "\\e[31m": 1\n`);
  const text = describeVerdict('\u001b[2J.yaml', bytes, decodeManifest(bytes, where));
  assert.ok(!text.includes('\u001b'), JSON.stringify(text));
  assert.ok(text.includes('\\x1b[2J.yaml:7:3: warning: spec.\\x1b[31m'), text);
});

test('what is no text is not shown', () => {
  const bytes = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe]);
  assert.equal(
    describeVerdict('w.yaml', bytes, decodeManifest(bytes, where)),
    'w.yaml:1:1: error: Syntax error: this is not UTF-8 text: a manifest is YAML or JSON\nw.yaml: rejected, 1 error\n',
  );
});
