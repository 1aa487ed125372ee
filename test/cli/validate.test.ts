// `monopod validate`: what a person and a program are told of files, directories and standard input.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { validateManifests } from '../../src/cli/validate.ts';
import type { VerdictReport } from '../../src/manifest/render-verdict.ts';
import { freshDirectory } from '../fresh-directory.ts';

let directory: string;
freshDirectory((path) => {
  directory = path;
});

const web = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: httpd
      image: busybox:1.36
`;

const put = (name: string, content: string | Uint8Array) => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
};

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

type Options = Parameters<typeof validateManifests>[1];

async function validate(names: string[], options: Options = {}, stdin = chunks()) {
  const said = { accepted: false, out: '', err: '' };
  said.accepted = await validateManifests(
    names,
    { hostnameOverride: 'node-1', ...options },
    {
      stdin,
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
    },
  );
  return { ...said, out: said.out.replaceAll(`${directory}/`, '') };
}

const reports = async (names: string[], options: Options = {}) =>
  JSON.parse((await validate(names, { output: 'json', ...options })).out) as VerdictReport[];

/** The mistake, and all that is said of it but the last line. */
const mistakes: Record<string, [manifest: string | Uint8Array, told: string]> = {
  'a field misspelt': [
    `${web}      comand: [sh]\n`,
    `m.yaml:9:7: warning: spec.containers[0].comand: Unknown field: no such field: it does nothing. Did you mean "command"?
     9 |       comand: [sh]
       |       ^
`,
  ],
  'a letter for a digit': [
    `${web}      ports:\n        - containerPort: 8O80\n`,
    `m.yaml:10:26: error: spec.containers[0].ports[0].containerPort: Type error: must be a whole number (int32), is a string
    10 |         - containerPort: 8O80
       |                          ^
`,
  ],
  'a number for a text': [
    `${web}      env: [{name: A, value: 5}]\n`,
    `m.yaml:9:30: error: spec.containers[0].env[0].value: Type error: must be a string, is a number: put it in quotes
     9 |       env: [{name: A, value: 5}]
       |                              ^
`,
  ],
  'an image in upper case': [
    web.replace('busybox', 'BusyBox'),
    `m.yaml:8:14: warning: spec.containers[0].image: Invalid value: an image name has no upper case letter: the container will wait with InvalidImageName
     8 |       image: BusyBox:1.36
       |              ^
`,
  ],
  'no image': [
    web.replace(/ +image.*\n/, ''),
    `m.yaml:7:7: error: spec.containers[0].image: Required value: a container needs an image
     7 |     - name: httpd
       |       ^
`,
  ],
  'a tab': [
    `${web}\tports: []\n`,
    `m.yaml:9:1: error: Syntax error: a tab cannot indent: use spaces
     9 | \tports: []
       | ^
`,
  ],
  'a quote that is not closed': [
    `${web}      command: ["sh]\n`,
    `m.yaml:9:17: error: Syntax error: the quote " is never closed
     9 |       command: ["sh]
       |                 ^
`,
  ],
  'a colon forgotten': [
    web.replace('name: httpd', 'name httpd'),
    `m.yaml:7:7: error: Syntax error: a key is expected here, followed by ": "
     7 |     - name httpd
       |       ^
`,
  ],
  'a list forgotten': [
    web.replace('    - name', '      name'),
    `m.yaml:7:7: error: spec.containers: Type error: must be a list of maps, is a map: each item begins with "- "
     7 |       name: httpd
       |       ^
`,
  ],
  'a Secret': [
    `${web}      env:\n        - name: P\n          valueFrom: {secretKeyRef: {name: db, key: pw}}\n`,
    `m.yaml:11:37: error: spec.containers[0].env[0].valueFrom.secretKeyRef: Forbidden: static Pods may not reference secrets: give the value itself, or read it from a file (fileKeyRef)
    11 |           valueFrom: {secretKeyRef: {name: db, key: pw}}
       |                                     ^
`,
  ],
  'a port that is none': [
    `${web}      ports: [{containerPort: 70000}]\n`,
    `m.yaml:9:31: error: spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive
     9 |       ports: [{containerPort: 70000}]
       |                               ^
`,
  ],
  'two containers of one name': [
    `${web}    - name: httpd\n      image: b\n`,
    `m.yaml:9:13: error: spec.containers[1].name: Duplicate value: "httpd": another container has this name
     9 |     - name: httpd
       |             ^
`,
  ],
  'a volume that is not there': [
    `${web}      volumeMounts: [{name: data, mountPath: /d}]\n`,
    `m.yaml:9:29: error: spec.containers[0].volumeMounts[0].name: Not found: "data": spec.volumes has no such volume
     9 |       volumeMounts: [{name: data, mountPath: /d}]
       |                             ^
`,
  ],
  'a value in the wrong case': [
    `${web}      imagePullPolicy: always\n`,
    `m.yaml:9:24: error: spec.containers[0].imagePullPolicy: Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never". Did you mean "Always"?
     9 |       imagePullPolicy: always
       |                        ^
`,
  ],
  'a wrong version': [
    web.replace('v1', 'v2'),
    `m.yaml:1:13: error: apiVersion: Unsupported value: "v2": a Pod is of version "v1"
     1 | apiVersion: v2
       |             ^
`,
  ],
  'a Deployment': [
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w}\nspec: {replicas: 1}\n',
    `m.yaml:1:13: error: apiVersion: Unsupported value: "apps/v1": a Pod is of version "v1", and only a Pod can be run here, no Deployment: its spec.template is one, once it has apiVersion: v1, kind: Pod and a metadata.name
     1 | apiVersion: apps/v1
       |             ^
`,
  ],
  'a kind in the wrong case': [
    web.replace('Pod', 'pod'),
    `m.yaml:2:7: error: kind: Unsupported value: "pod": only "Pod" can be run here. Did you mean "Pod"?
     2 | kind: pod
       |       ^
`,
  ],
  'a template': [
    web.replace('name: web', 'name: {{ .Values.name }}'),
    `m.yaml:4:10: error: Syntax error: a key must be a string, a number or a boolean (is this a template, to be filled in first?)
     4 |   name: {{ .Values.name }}
       |          ^
`,
  ],
  nothing: ['', 'm.yaml:1:1: error: Required value: the manifest is empty: it must be a v1 Pod\n'],
  'a program': [
    Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0xff]),
    'm.yaml:1:1: error: Syntax error: this is not UTF-8 text: a manifest is YAML or JSON\n',
  ],
  'several documents': [
    `${web}---\n${web}`,
    `m.yaml:10:1: warning: Syntax error: another document begins here: only the first of a file counts
    10 | apiVersion: v1
       | ^
`,
  ],
};

for (const [mistake, [manifest, told]] of Object.entries(mistakes))
  test(`a person who wrote ${mistake} is told what and where`, async () => {
    const { accepted, out } = await validate([put('m.yaml', manifest)]);
    const warned = told.includes(': warning:');
    const last = warned ? 'accepted as Pod default/web-node-1, 1 warning' : 'rejected, 1 error';
    assert.equal(out, `${told}m.yaml: ${last}\n`);
    assert.equal(accepted, warned);
  });

test('strictly, what is misspelt or there twice is rejected', async () => {
  const file = put('m.yaml', `${web}      comand: [sh]\n      image: b\n`);
  assert.equal((await validate([file])).accepted, true);
  assert.equal((await validate([file], { strict: true })).accepted, false);
  const [report] = await reports([file], { strict: true });
  assert.deepEqual(
    report?.errors.map(({ stage, type, line }) => ({ stage, type, line })),
    [
      { stage: 'decode', type: 'Duplicate key', line: 10 },
      { stage: 'decode', type: 'Unknown field', line: 9 },
    ],
  );
  assert.equal(report?.pod, undefined);
});

test('a program gets a list with the Pod as it would run', async () => {
  const good = put('a.yaml', web);
  const bad = put('b.yaml', `${web}      stdin: 1\n`);
  const [first, second] = await reports([good, bad]);
  assert.deepEqual(Object.keys(first ?? {}), ['file', 'accepted', 'errors', 'warnings', 'pod']);
  assert.equal(first?.pod?.metadata?.name, 'web-node-1');
  assert.equal(first?.pod?.spec?.restartPolicy, 'Always');
  assert.deepEqual(second, {
    file: 'b.yaml',
    accepted: false,
    errors: [
      {
        stage: 'decode',
        field: 'spec.containers[0].stdin',
        type: 'Type error',
        message: 'must be true or false, is the number 1',
        line: 9,
        column: 14,
      },
    ],
    warnings: [],
  });
  assert.equal((await reports([good], { hostnameOverride: 'Other' }))[0]?.pod?.spec?.nodeName, 'other');
  const yaml = await validate([good, bad], { output: 'yaml' });
  const unseen = (list: VerdictReport[]) => {
    for (const { pod } of list) delete pod?.metadata?.annotations?.['kubernetes.io/config.seen'];
    return list;
  };
  assert.deepEqual(unseen(parse(yaml.out)), unseen(await reports([good, bad])));
});

test('a list is a list, of one and of none', async () => {
  mkdirSync(join(directory, 'empty'));
  const empty = join(directory, 'empty');
  assert.deepEqual(await reports([empty]), []);
  assert.equal((await validate([empty], { output: 'yaml' })).out, '[]\n');
  assert.deepEqual(await validate([empty]), {
    accepted: true,
    out: '',
    err: 'there is no manifest in what was given\n',
  });
  assert.equal((await reports([put('a.yaml', web)])).length, 1);
});

test('a directory is judged as it would be read: what is no manifest is named, and is no error', async () => {
  put('b.yaml', web.replace('name: web', 'name: b'));
  put('a.json', '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}}');
  put('b.yaml~', 'never read');
  put('.hidden', 'never read');
  mkdirSync(join(directory, 'sub'));
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  symlinkSync('nowhere', join(directory, 'link.yaml'));
  const { accepted, out } = await validate([directory]);
  assert.equal(accepted, false);
  assert.deepEqual(
    out.split('\n').filter((line) => !/^ |^$/.test(line)),
    [
      'a.json:1:72: error: spec.containers: Required value: a Pod needs at least one container',
      'a.json: rejected, 1 error',
      'b.yaml: accepted as Pod default/b-node-1',
      "b.yaml~: note: not read: by its name an editor's backup copy",
      'link.yaml: error: Unreadable: a symbolic link whose target does not exist',
      'link.yaml: rejected, 1 error',
      'pipe: note: not opened: a named pipe',
      'sub: note: not entered: a directory',
      '3 manifests: 1 accepted, 2 rejected, 3 other files ignored',
    ],
  );
  const asList = await validate([directory], { output: 'json' });
  assert.deepEqual(
    (JSON.parse(asList.out) as VerdictReport[]).map(({ file }) => file),
    ['a.json', 'b.yaml', 'link.yaml'],
  );
  assert.match(asList.err, /sub: note: not entered/);
});

test('a file that cannot be read is told as a verdict, and the others are judged', async () => {
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  const writer = writeFile(join(directory, 'pipe'), 'x'.repeat(11 * 1024 * 1024)).catch(() => {});
  const big = put('big.yaml', '');
  truncateSync(big, 11 * 1024 * 1024);
  const names = ['missing.yaml', 'pipe', 'big.yaml', 'b.yaml/below'].map((name) => join(directory, name));
  const { accepted, out } = await validate([...names, put('b.yaml', web)]);
  assert.equal(accepted, false);
  assert.deepEqual(
    out.split('\n').filter((line) => line.includes(': error: ') || line.includes(': accepted')),
    [
      'missing.yaml: error: Unreadable: there is no such file',
      'pipe: error: Unreadable: more than the 10 MiB of a manifest',
      'big.yaml: error: Unreadable: not read: 11 MiB, a manifest may have 10 MiB',
      'b.yaml/below: error: Unreadable: there is no such file',
      'b.yaml: accepted as Pod default/web-node-1',
    ],
  );
  await writer;
  const [report] = await reports([join(directory, 'missing.yaml')]);
  assert.deepEqual(report, {
    file: 'missing.yaml',
    accepted: false,
    errors: [{ stage: 'decode', field: '', type: 'Unreadable', message: 'there is no such file' }],
    warnings: [],
  });
});

test('a pipe that is named is read to its end', async () => {
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writer = writeFile(pipe, web);
  const { accepted, out } = await validate([pipe]);
  await writer;
  assert.ok(accepted);
  assert.equal(out, 'pipe: accepted as Pod default/web-node-1\n');
});

test('standard input is a manifest as others are, up to their size', async () => {
  const { accepted, out } = await validate(['-'], {}, chunks(web.slice(0, 20), web.slice(20)));
  assert.ok(accepted);
  assert.equal(out, '<stdin>: accepted as Pod default/web-node-1\n');
  const endless = (async function* () {
    for (;;) yield new Uint8Array(1024 * 1024);
  })();
  assert.match((await validate(['-'], {}, endless)).out, /<stdin>: error: Unreadable: more than the 10 MiB/);
});

test('two that claim one name: the later is warned, with the place of the other; a file twice is one', async () => {
  const first = put('a.yaml', web);
  const second = put('b.yaml', web);
  const other = put('c.yaml', web.replace('name: web', 'name: web\n  namespace: other'));
  const { accepted, out } = await validate([first, first, second, directory, other]);
  assert.ok(accepted);
  assert.equal(
    out,
    `a.yaml: accepted as Pod default/web-node-1
b.yaml:4:9: warning: metadata.name: Duplicate value: ${directory}/a.yaml:4:9 claims the Pod default/web-node-1 as well: only one of the two would run
     4 |   name: web
       |         ^
b.yaml: accepted as Pod default/web-node-1, 1 warning
c.yaml: accepted as Pod other/web-node-1

3 manifests: 3 accepted, 1 warning
`.replaceAll(`${directory}/`, ''),
  );
});

test('no manifest and no file name writes to the terminal but text', async () => {
  const file = put('\u001b[2J.yaml', `${web}      "\\e]0;x\\a": 1\n      env: [{name: "\u001b[31m"}]\n`);
  const { out } = await validate([file]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('a host name that can be no node name is refused', async () => {
  await assert.rejects(validate([], { hostnameOverride: 'a b' }), /--hostname-override is invalid/);
});
