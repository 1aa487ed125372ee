// What a container is called with, what it finds in its environment, and what files tell it of its Pod: as seen from
// inside, and what is said of those that cannot be had.
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Container } from '../../src/kubernetes/pod.ts';
import { image } from '../setup/images.ts';
import { pod } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { onHost } from './harness/on-host.ts';
import { prints, statusOf, waitingFor } from './harness/seen.ts';
import { until } from './harness/until.ts';
import { untilOpen, type Work, workOf } from './harness/work.ts';

type Env = Container['env'];
const fromField = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const fromResource = (name: string, resource: string, divisor = '1', containerName?: string) => ({
  name,
  valueFrom: { resourceFieldRef: { resource, divisor, ...(containerName && { containerName }) } },
});
const fromFile = (name: string, key: string, optional?: boolean) => ({
  name,
  valueFrom: { fileKeyRef: { volumeName: 'files', path: 'made/env', key, ...(optional && { optional }) } },
});

/** What a container has written, once it has written all of it. */
const written = (work: Work, file: string): Promise<string> =>
  until(`${file} is written`, () => work.read(file).endsWith('.\n') && work.read(file).slice(0, -2));

/** A container that shows its environment. */
const shows = (work: Work, name: string, env: Env, more: Partial<Container> = {}): Container =>
  work.shell(name, `{ env; echo .; } > /work/${name}.part && mv /work/${name}.part /work/${name}`, {
    env,
    ...more,
  });

const environmentIn = async (work: Work, name: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    [...(await written(work, name)).matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]),
  );

const never = { restartPolicy: 'Never', terminationGracePeriodSeconds: 0 } as const;

const environment: Env = [
  { name: 'FIRST', value: 'one' },
  { name: 'THEN', value: '$(FIRST) $(LATER) $$(FIRST) $(OF) $( $FIRST' },
  { name: 'LATER', value: 'two' },
  { name: 'FIRST', value: '$(FIRST)+$(LATER)' },
  fromField('POD', 'metadata.name'),
  fromField('NAMESPACE', 'metadata.namespace'),
  fromField('UID_', 'metadata.uid'),
  fromField('LABEL', "metadata.labels['example.com/app']"),
  fromField('NO_LABEL', "metadata.labels['none']"),
  fromField('NOTE', "metadata.annotations['note']"),
  fromField('NODE', 'spec.nodeName'),
  fromField('OLD_NODE', 'spec.host'),
  fromField('HOST_IP', 'status.hostIP'),
  fromField('POD_IP', 'status.podIP'),
  fromField('POD_IPS', 'status.podIPs'),
  fromResource('CPU', 'limits.cpu'),
  fromResource('MILLICPU', 'requests.cpu', '1m'),
  fromResource('MEMORY', 'limits.memory', '1Mi'),
  fromResource('NODE_MEMORY', 'limits.memory', '1Ki', 'other'),
  fromResource('OTHER_CPU', 'requests.cpu', '1m', 'other'),
];

function wordsPod(work: Work) {
  const own = (name: string, { env = [], ...more }: Partial<Container> = {}): Container => {
    const { command: _, ...rest } = work.shell(name);
    return { ...rest, image: image.says, ...more, env: [{ name: 'AS', value: name }, ...env] };
  };
  const script = ['sh', '-c', 'echo "$0 $* in $PWD, $OF" > /work/$AS'];
  return pod('words', {
    ...never,
    volumes: work.volumes,
    containers: [
      own('plain'),
      own('empty', { command: [], args: [] }),
      own('args', { args: ['as', '$(AS)', '$$(AS)', '$(NOBODY)'] }),
      own('command', { command: [...script, 'my $(AS)'] }),
      own('both', {
        command: [...script, 'my'],
        args: ['args'],
        workingDir: '/home',
        env: [{ name: 'OF', value: 'pod' }],
      }),
    ],
  });
}

function envPod(work: Work) {
  const resources = { requests: { cpu: '250m' }, limits: { cpu: '1500m', memory: '100M' } };
  const containers = [
    shows(work, 'main', environment, { resources }),
    work.shell('other', 'true', { resources: { requests: { cpu: '5m' } } }),
  ];
  const metadata = { labels: { 'example.com/app': 'web' }, annotations: { note: 'said so' } };
  return pod('env', { ...never, volumes: work.volumes, containers }, metadata);
}

function hostedPod(work: Work) {
  const addresses = [fromField('HOST_IP', 'status.hostIP'), fromField('POD_IP', 'status.podIP')];
  const containers = [shows(work, 'main', addresses)];
  return pod('hosted', { ...never, hostNetwork: true, volumes: work.volumes, containers });
}

/** An init container writes the file from which the next and the main ones take variables and a path. */
function filesPod(work: Work) {
  const mounts = [
    { name: 'work', mountPath: '/work' },
    { name: 'files', mountPath: '/files' },
  ];
  const within = { name: 'files', mountPath: '/within', subPathExpr: '$(DIRECTORY)/$(POD)' };
  const lines = `mkdir -p /files/made && printf "%s\\n" "# made" "SECRET='it is: \\$(POD)'" "DIRECTORY='in/side'" > /files/made/env`;
  const env: Env = [
    fromField('POD', 'metadata.name'),
    fromFile('TAKEN', 'SECRET'),
    fromFile('DIRECTORY', 'DIRECTORY'),
    fromFile('ABSENT', 'NONE', true),
    { name: 'SEES', value: '[$(TAKEN)] [$(ABSENT)]' },
  ];
  const taker = (name: string) =>
    shows(work, name, env, { volumeMounts: [...mounts, within], command: ['sh', '-c', takes(name)] });
  return pod('files', {
    ...never,
    volumes: [...work.volumes, { name: 'files', emptyDir: {} }],
    initContainers: [work.shell('writer', lines, { volumeMounts: mounts }), taker('init')],
    containers: [taker('main')],
  });
}
const takes = (name: string) =>
  `echo ${name} >> /within/list; { env; echo LIST=$(cat /files/in/side/$POD/list); echo .; } > /work/${name}.part && mv /work/${name}.part /work/${name}`;

/** Two containers that cannot be made, until a third helps one of them. */
function brokenPod(work: Work) {
  const files = { name: 'files', mountPath: '/files' };
  const volumeMounts = [{ name: 'work', mountPath: '/work' }, files];
  const helps = `${untilOpen('help')}; mkdir /files/made; echo "KEY='helped'" > /files/made/env`;
  return pod('broken', {
    terminationGracePeriodSeconds: 0,
    volumes: [...work.volumes, { name: 'files', emptyDir: {} }],
    containers: [
      work.shell('helper', `${helps}; exec sleep 3600`, { volumeMounts }),
      shows(work, 'helped', [fromFile('HELPED', 'KEY')], { volumeMounts }),
      work.shell('lost', 'true', {
        volumeMounts: [...volumeMounts, { ...files, mountPath: '/lost', subPathExpr: '$(NOBODY)/$(NOR_HE)' }],
      }),
    ],
  });
}

const info = (path: string, fieldPath: string, mode?: number) => ({
  path,
  fieldRef: { fieldPath },
  ...(mode !== undefined && { mode }),
});

/** Reads its own story as a user that only its group lets in. */
function infoPod(work: Work) {
  const script = [
    'cd /info; ls -lnAL --color=never . deep > /work/list',
    'cat labels > /work/labels; cat deep/uid > /work/uid; cat cpu > /work/cpu; cat /projected/a /projected/b > /work/projected',
    '{ touch new; echo x > labels; rm cpu; echo x > /projected/a; } 2> /work/refused',
    'echo "$(readlink labels) $(readlink deep)." > /work/links; exec sleep 3600',
  ];
  const cpu = {
    path: 'cpu',
    resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' },
  };
  return pod(
    'info',
    {
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsUser: 1234, runAsGroup: 1234, fsGroup: 4321 },
      volumes: [
        ...work.volumes,
        {
          name: 'info',
          downwardAPI: {
            defaultMode: 0o400,
            items: [info('labels', 'metadata.labels'), info('deep/uid', 'metadata.uid', 0o404), cpu],
          },
        },
        {
          name: 'both',
          projected: {
            sources: [
              { downwardAPI: { items: [info('a', 'metadata.name')] } },
              { downwardAPI: { items: [info('b', "metadata.annotations['note']")] } },
            ],
          },
        },
      ],
      containers: [
        work.shell('main', script.join('\n'), {
          resources: { limits: { cpu: '1500m' } },
          volumeMounts: [
            { name: 'work', mountPath: '/work' },
            { name: 'info', mountPath: '/info' },
            { name: 'both', mountPath: '/projected' },
          ],
        }),
      ],
    },
    { labels: { a: 'x', b: 'z' }, annotations: { note: 'two\nlines' } },
  );
}

const lostPod = () =>
  pod('lost', {
    terminationGracePeriodSeconds: 0,
    volumes: [
      {
        name: 'info',
        downwardAPI: {
          items: [{ path: 'cpu', resourceFieldRef: { containerName: 'nobody', resource: 'limits.cpu' } }],
        },
      },
    ],
  });

const makers = {
  words: wordsPod,
  env: envPod,
  hosted: hostedPod,
  files: filesPod,
  broken: brokenPod,
  info: infoPod,
};

test('command, environment and what files tell of the Pod', async (t) => {
  const node = await startNode(t);
  const work = Object.fromEntries(Object.keys(makers).map((name) => [name, workOf(node, name)])) as Record<
    keyof typeof makers,
    Work
  >;
  chmodSync(work.info.path, 0o777);
  for (const [name, make] of Object.entries(makers))
    await node.write(`${name}.yaml`, make(work[name as keyof typeof makers]));
  await node.write('lost.yaml', lostPod());

  await t.test('what it is called with', () => sawWords(node, work.words));
  await t.test('variables of the manifest, the Pod and the node', () => sawEnvironment(node, work.env));
  await t.test('on the host network', () => sawHost(work.hosted));
  await t.test('variables and paths from files of a volume', () => sawFiles(work.files));
  await t.test('what cannot be had is said, and tried again', () => sawBroken(node, work.broken));
  await t.test('downwardAPI and projected volumes', () => sawInfo(node, work.info));
  await t.test('a volume that cannot be had', () => sawLost(node));
});

async function sawWords(node: TestNode, work: Work) {
  await node.shows('words', 'has ended', ({ status }) => status?.phase === 'Succeeded');
  for (const [name, said] of [
    ['plain', 'own-command own-args in /var/tmp, image'],
    ['empty', 'own-command own-args in /var/tmp, image'],
    ['args', 'own-command as args $(AS) $(NOBODY) in /var/tmp, image'],
    ['command', 'my command  in /var/tmp, image'],
    ['both', 'my args in /home, pod'],
  ] as const)
    assert.equal(work.read(name), `${said}\n`, name);
}

async function sawEnvironment(node: TestNode, work: Work) {
  const seen = await environmentIn(work, 'main');
  const { metadata, status } = await node.shows(
    'env',
    'has an address',
    (one) => one.status?.podIP !== undefined,
  );
  for (const [name, value] of Object.entries({
    FIRST: 'one+two',
    THEN: 'one $(LATER) $(FIRST) $(OF) $( $FIRST',
    LATER: 'two',
    POD: `env-${node.name}`,
    NAMESPACE: 'default',
    UID_: metadata?.uid,
    LABEL: 'web',
    NO_LABEL: '',
    NOTE: 'said so',
    NODE: node.name,
    OLD_NODE: node.name,
    HOST_IP: status?.hostIP,
    POD_IP: status?.podIP,
    POD_IPS: status?.podIP,
    CPU: '2',
    MILLICPU: '250',
    MEMORY: '96',
    OTHER_CPU: '5',
    HOSTNAME: `env-${node.name}`,
  }))
    assert.equal(seen[name], value, name);
  assert.ok(Number(seen.NODE_MEMORY) > 2 ** 17, 'no limit of its own: what the node may give');
  assert.ok(!Object.keys(seen).some((name) => name.endsWith('_SERVICE_HOST')));
}

async function sawHost(work: Work) {
  const seen = await environmentIn(work, 'main');
  assert.equal(seen.POD_IP, seen.HOST_IP);
  assert.equal(seen.HOSTNAME, hostname());
}

async function sawFiles(work: Work) {
  for (const [name, list] of [
    ['init', 'init'],
    ['main', 'init main'],
  ] as const) {
    const seen = await environmentIn(work, name);
    assert.equal(seen.TAKEN, 'it is: $(POD)', 'what stands in a file is not expanded');
    assert.equal(seen.SEES, '[it is: $(POD)] [$(ABSENT)]');
    assert.equal(seen.LIST, list, 'below the path that the variables make');
    assert.ok(!('ABSENT' in seen));
  }
}

async function sawBroken(node: TestNode, work: Work) {
  const reasonOf = 'CreateContainerConfigError';
  const shown = await node.shows('broken', 'names both', (one) =>
    ['helped', 'lost'].every((name) => waitingFor(one, name) === reasonOf),
  );
  const messageOf = (name: string) => statusOf(shown, name).state?.waiting?.message ?? '';
  assert.match(
    messageOf('helped'),
    /environment variable HELPED: couldn't parse env file ".*made\/env": no such file/,
  );
  assert.match(messageOf('lost'), /missing value for NOBODY, NOR_HE/);
  await prints(node, 'broken', reasonOf);
  work.open('help');
  assert.equal((await environmentIn(work, 'helped')).HELPED, 'helped');
}

async function sawInfo(node: TestNode, work: Work) {
  const links = await until(
    'all of it is written',
    () => work.read('links').endsWith('.\n') && work.read('links'),
  );
  assert.equal(links, '..data/labels ..data/deep.\n');
  const { metadata } = await node.running('info');
  assert.deepEqual(['labels', 'uid', 'cpu', 'projected'].map(work.read), [
    'a="x"\nb="z"',
    metadata?.uid ?? '',
    '1500',
    `info-${node.name}two\nlines`,
  ]);
  for (const line of [
    /^-r--r----- .* 0 +4321 .* labels$/m,
    /^-r--r--r-- .* 0 +4321 .* uid$/m,
    /^drwxr-sr-x .* 0 +4321 .* deep$/m,
  ])
    assert.match(work.read('list'), line);
  assert.equal(work.read('refused').match(/Read-only file system/g)?.length, 4, work.read('refused'));
  const volumes = join(node.root, 'pods', metadata?.uid ?? '', 'volumes');
  const data = readlinkSync(join(volumes, 'kubernetes.io~downward-api/info/..data'));
  assert.match(data, /^\.\.\d{4}(_\d\d){5}\.\w+$/);
  assert.ok(readdirSync(join(volumes, 'kubernetes.io~projected/both')).includes('a'));
}

async function sawLost(node: TestNode) {
  const shown = await node.shows('lost', 'waits', (one) =>
    (statusOf(one, 'main').state?.waiting?.message ?? '').includes('nobody'),
  );
  assert.equal(waitingFor(shown, 'main'), 'ContainerCreating');
  const { message = '' } = statusOf(shown, 'main').state?.waiting ?? {};
  assert.match(message, /volume "info".*cpu: container nobody not found/);
  const names = [...Object.keys(makers), 'lost'];
  for (const name of names) await node.remove(`${name}.yaml`);
  for (const name of names) await node.gone(name);
  await until('nothing is left on the host', () => onHost(node).length === 0, { seen: () => onHost(node) });
}
