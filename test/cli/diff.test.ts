// `monopod diff`: what would become of manifests, given what the running monopod has.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { diffManifests } from '../../src/cli/diff.ts';
import type { Foreseen, Node } from '../../src/cli/foresee.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';
import type { ConfigSource, StaticPod } from '../../src/manifest/static-pod.ts';
import type { ManifestRecord } from '../../src/server/node-view.ts';
import { freshDirectory } from '../fresh-directory.ts';

let directory: string;
freshDirectory((path) => {
  directory = path;
});

const manifest = (name: string, more = '') => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
spec:
  containers:
    - name: main
      image: busybox:1.36
${more}`;

const watched = () => join(directory, 'watched');
const elsewhere = () => join(directory, 'elsewhere');

let node: Node;

/** A manifest that monopod has, whose Pod runs. */
function runs(origin: string, text: string, source: ConfigSource = 'file'): StaticPod {
  const seenAtMs = Date.UTC(2026, 0, 1);
  const verdict = decodeManifest(Buffer.from(text), { origin, source, nodeName: 'node-1', seenAtMs });
  assert.ok(verdict.accepted);
  const staticPod: StaticPod = JSON.parse(JSON.stringify(verdict.staticPod));
  // As the URL source names its documents.
  if (source === 'http') staticPod.origin = `${origin}#${staticPod.key}`;
  const sourceId = source === 'file' ? `file:${watched()}` : `${source}:${origin}`;
  const rest = { errors: [], warnings: [], reason: '', sinceMs: 0 };
  node.records.push({ ...rest, origin: staticPod.origin, sourceId, state: 'running', staticPod });
  node.pods.push({ ...staticPod.pod, status: { phase: 'Running' } });
  return staticPod;
}

function inWatched(name: string, text: string): string {
  const path = join(watched(), name);
  writeFileSync(path, text);
  return path;
}

function put(name: string, text: string): string {
  const path = join(elsewhere(), name);
  writeFileSync(path, text);
  return path;
}

const record = (at: number) => node.records[at] as ManifestRecord;

beforeEach(() => {
  node = { nodeName: 'node-1', records: [], pods: [] };
  mkdirSync(watched());
  mkdirSync(elsewhere());
  runs(inWatched('web.yaml', manifest('web')), manifest('web'));
});

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function diff(names: string[], stdin: AsyncIterable<Uint8Array> = nothing()) {
  const said = { code: 0, out: '', err: '' };
  said.code = await diffManifests(names, node, {
    stdin,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { ...said, out: said.out.replaceAll(`${elsewhere()}/`, '').replaceAll(`${directory}/`, '') };
}

async function outcomes(names: string[]): Promise<string[]> {
  let text = '';
  await diffManifests(
    names,
    node,
    {
      stdin: nothing(),
      out: (piece) => {
        text += piece;
      },
      err: () => undefined,
    },
    'json',
  );
  return (JSON.parse(text) as Foreseen[]).map(({ file, outcome }) => `${basename(file)} ${outcome}`);
}

test('a comment, a reformat or another order of keys restarts nothing, wherever the file lies', async () => {
  const same = put(
    'any.yaml',
    '# hello\n{kind: Pod, apiVersion: v1, spec: {containers: [{image: "busybox:1.36", name: main}]}, metadata: {name: web}}\n',
  );
  assert.deepEqual(await diff([same]), {
    code: 0,
    out: 'any.yaml: default/web-node-1 would not change\n',
    err: '',
  });
  assert.deepEqual(await outcomes([join(watched(), 'web.yaml')]), ['web.yaml unchanged']);
});

test('an edit restarts its Pod, field by field; a script is shown by its lines', async () => {
  const script = (word: string) =>
    `      command:\n        - sh\n        - -c\n        - |\n          set -e\n          echo ${word}\n          exec sleep 9\n`;
  runs(inWatched('s.yaml', manifest('s', script('a'))), manifest('s', script('a')));
  const edited = put('web.yaml', manifest('web').replace('1.36', '1.37'));
  const longer = put('s.yaml', manifest('s', `${script('b')}      env: [{name: A, value: "1"}]\n`));
  assert.deepEqual(await diff([edited, longer]), {
    code: 1,
    out: `web.yaml: default/web-node-1 would restart
  ~ spec.containers[0].image: "busybox:1.36" -> "busybox:1.37"
s.yaml: default/s-node-1 would restart
  ~ spec.containers[0].command[2]:
      - echo a
      + echo b
  + spec.containers[0].env: [{"name":"A","value":"1"}]
`,
    err: '',
  });
});

test('a default that is spelt out restarts the Pod as well, and it is said why', async () => {
  const spelt = put('w.yaml', manifest('web', '  restartPolicy: Always\n'));
  assert.deepEqual(await diff([spelt]), {
    code: 1,
    out: 'w.yaml: default/web-node-1 would restart: nothing differs but how it is written\n',
    err: '',
  });
});

test('values that fill a line stand below one another', async () => {
  const image = (tag: string) => `registry.example/team/an-application-with-a-long-name:${tag}`;
  const before = manifest('long').replace('busybox:1.36', image('a'));
  runs(inWatched('long.yaml', before), before);
  const edited = put('long.yaml', before.replace(image('a'), image('b')));
  assert.equal(
    (await diff([edited])).out,
    `long.yaml: default/long-node-1 would restart
  ~ spec.containers[0].image:
      - "${image('a')}"
      + "${image('b')}"
`,
  );
});

test('a container that comes or goes is shown as YAML', async () => {
  const added = put('w.yaml', manifest('web', '    - {name: more, image: "busybox:1.36", command: [sh]}\n'));
  assert.equal(
    (await diff([added])).out,
    `w.yaml: default/web-node-1 would restart
  + spec.containers[1]:
      + name: more
      + image: busybox:1.36
      + command:
      +   - sh
      + resources: {}
      + imagePullPolicy: IfNotPresent
      + terminationMessagePath: /dev/termination-log
      + terminationMessagePolicy: File
`,
  );
});

test('what nothing runs of would start; what is no Pod would be rejected, with the place', async () => {
  const added = put('new.yaml', manifest('new'));
  const bad = put('bad.yaml', manifest('bad', '      stdin: 1\n'));
  assert.deepEqual(await diff([added]), {
    code: 1,
    out: 'new.yaml: default/new-node-1 would start\n',
    err: '',
  });
  assert.deepEqual(await diff([added, bad, join(elsewhere(), 'none.yaml')]), {
    code: 2,
    out: `new.yaml: default/new-node-1 would start
bad.yaml:9:14: error: spec.containers[0].stdin: Type error: must be true or false, is the number 1
     9 |       stdin: 1
       |              ^
bad.yaml: would be rejected
none.yaml: error: Unreadable: there is no such file
none.yaml: would be rejected
`,
    err: '',
  });
});

test('a file that is broken where it lies keeps its last good version', async () => {
  inWatched('web.yaml', 'no Pod');
  const { code, out } = await diff([join(watched(), 'web.yaml')]);
  assert.equal(code, 2);
  assert.match(
    out,
    /\nwatched\/web.yaml: would be rejected: the last good version of default\/web-node-1 would run on\n$/,
  );
});

test('a file beside the one that has the name, in the same directory, would not run', async () => {
  inWatched('a-copy.yaml', manifest('web'));
  assert.deepEqual(await outcomes([watched()]), ['a-copy.yaml conflict', 'web.yaml unchanged']);
  const { code, out } = await diff([join(watched(), 'a-copy.yaml')]);
  assert.equal(code, 1);
  assert.equal(
    out,
    'watched/a-copy.yaml: default/web-node-1 would not run: it belongs to watched/web.yaml\n',
  );
  const twice = [put('a.yaml', manifest('x')), put('b.yaml', manifest('x'))];
  assert.deepEqual(await outcomes(twice), ['a.yaml start', 'b.yaml conflict']);
});

test('another name in the same file ends one Pod and starts another', async () => {
  inWatched('web.yaml', manifest('other'));
  assert.deepEqual(await diff([join(watched(), 'web.yaml')]), {
    code: 1,
    out: `watched/web.yaml: default/web-node-1 would stop: its manifest would be default/other-node-1
watched/web.yaml: default/other-node-1 would start
`,
    err: '',
  });
});

test('a directory takes the place of the watched one: what it lacks would stop, what is broken in it would not', async () => {
  for (const name of ['gone', 'broken']) runs(inWatched(`${name}.yaml`, manifest(name)), manifest(name));
  runs('http://host/pod', manifest('url'), 'http');
  put('web.yaml', manifest('web'));
  put('broken.yaml', 'no Pod');
  assert.deepEqual(await outcomes([elsewhere()]), [
    'broken.yaml rejected',
    'web.yaml unchanged',
    'gone.yaml stop',
  ]);
  assert.deepEqual(await outcomes([join(elsewhere(), 'web.yaml')]), ['web.yaml unchanged']);
  put('url.yaml', manifest('url'));
  assert.deepEqual((await outcomes([elsewhere()]))[1], 'url.yaml conflict');
});

test('a Pod of another source is compared as a manifest of that source', async () => {
  runs('http://host/pod', manifest('url'), 'http');
  assert.deepEqual(await outcomes([put('u.yaml', manifest('url'))]), ['u.yaml unchanged']);
});

test('a restart by order is no difference; a version that did run is none either', async () => {
  const { pod } = record(0).staticPod as StaticPod;
  const annotations = { ...pod.metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': 'now' };
  const restarted: Pod = { ...pod, metadata: { ...pod.metadata, uid: 'derived', annotations } };
  node.pods = [restarted];
  assert.deepEqual(await outcomes([put('web.yaml', manifest('web'))]), ['web.yaml unchanged']);
  const { out } = await diff([put('web.yaml', manifest('web', '  hostNetwork: true\n'))]);
  assert.equal(out, 'web.yaml: default/web-node-1 would restart\n  + spec.hostNetwork: true\n');

  // Rolled back: the manifest's version has failed, the one before runs.
  node.pods = [pod];
  const failed = manifest('web', '  hostNetwork: true\n');
  node.records = [];
  runs(inWatched('web.yaml', failed), failed);
  node.pods = [pod];
  Object.assign(record(0), { state: 'rolled-back', reason: 'did not become Ready' });
  const [back, again] = [put('w.yaml', manifest('web')), put('again.yaml', failed)];
  assert.equal((await diff([back])).code, 0);
  assert.equal(
    (await diff([again])).out,
    'again.yaml: default/web-node-1 would not change: did not become Ready\n',
  );
});

test('a Pod that is stopped by order stays so', async () => {
  Object.assign(record(0), { state: 'stopped', reason: 'stopped by order' });
  node.pods = [];
  const edited = put('web.yaml', manifest('web', '  hostNetwork: true\n'));
  assert.deepEqual(await diff([edited]), {
    code: 1,
    out: 'web.yaml: default/web-node-1 would stay stopped: stopped by order\n  + spec.hostNetwork: true\n',
    err: '',
  });
});

test('what is stopped and has no manifest any more stays stopped with the next one, wherever it is', async () => {
  Object.assign(record(0), { state: 'stopped', reason: 'stopped by order', isGone: true });
  node.pods = [];
  const anew = inWatched('anew.yaml', manifest('web'));
  assert.deepEqual(await diff([anew]), {
    code: 0,
    out: `watched/anew.yaml: default/web-node-1 would stay stopped: stopped by order\n`,
    err: '',
  });
});

test('standard input is compared by the name of its Pod', async () => {
  const stdin = (async function* () {
    yield readFileSync(join(watched(), 'web.yaml'));
  })();
  assert.deepEqual(await diff(['-'], stdin), {
    code: 0,
    out: '<stdin>: default/web-node-1 would not change\n',
    err: '',
  });
});

test('values write no control sequences', async () => {
  const { out } = await diff([
    put('w.yaml', manifest('web', '      env: [{name: A, value: "\\e[2J\\u202e"}]\n')),
  ]);
  assert.equal(
    out,
    'w.yaml: default/web-node-1 would restart\n  + spec.containers[0].env: [{"name":"A","value":"\\u001b[2J\\u202e"}]\n',
  );
});
