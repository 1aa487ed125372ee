// Volumes, as the processes in the containers see them and as they lie on the host. Needs root, as monopod does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ContainerStatus, Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { until } from './harness/until.ts';

const idle = 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done';
const mount = (...args: string[]) => execFileSync('mount', args);
const mountsOf = (text: string) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(text));
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const statusOf = ({ status }: Pod, name = 'main'): ContainerStatus | undefined =>
  status?.containerStatuses?.find((container) => container.name === name);
const waitingOf = (shown: Pod, name?: string) => statusOf(shown, name)?.state?.waiting;

/** What a container has said until now, by `name=value`, once it has said that it is done. */
const said = (node: TestNode, podName: string, container = 'main'): Promise<Record<string, string>> =>
  until(`${podName}/${container} has said what it sees`, async () => {
    const found = (await node.containers(podName)).find(({ name }) => name === container);
    const lines = (await node.docker.logs(found?.id ?? '')).trim().split('\n');
    if (!lines.includes('done=')) return undefined;
    return Object.fromEntries(lines.map((line) => [line.split('=')[0], line.replace(/^[^=]*=/, '')]));
  });

/** A script that says what it sees, and waits for its end. */
const looks = (script: string) => `
try() { ( "$@" ) > /dev/null 2>&1 && echo yes || echo no; }
${script}
echo done=
${idle}`;

const emptyDirs = (host: string): Partial<PodSpec> => ({
  securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 4321 },
  volumes: [
    { name: 'disk', emptyDir: {} },
    { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'dir', hostPath: { path: `${host}/new: dir ü`, type: 'DirectoryOrCreate' } },
    { name: 'file', hostPath: { path: `${host}/new-file`, type: 'FileOrCreate' } },
    { name: 'untyped', hostPath: { path: `${host}/untyped` } },
    { name: 'root', hostPath: { path: '/', type: 'Directory' } },
  ],
  containers: [
    shell(
      looks(`
echo disk=$(stat -c %a:%g /disk)
echo memory=$(stat -c %a:%g /disk/inner)
echo kind=$(awk '$2 == "/disk/inner" { print $3 }' /proc/mounts)
touch /disk/mine && echo mine=$(stat -c %u:%g /disk/mine)
dd if=/dev/zero of=/disk/inner/big bs=64k count=64 2> /dev/null; echo big=$(stat -c %s /disk/inner/big)
echo dir=$(stat -c %F:%a:%g /dir)
echo file=$(stat -c %F:%a /file)
echo untyped=$(stat -c %F /untyped)
echo root=$(try test -d /host/proc/1) $(try touch /host/x)`),
      {
        volumeMounts: [
          // What is mounted in another mount may stand before it.
          { name: 'memory', mountPath: '/disk/inner' },
          { name: 'disk', mountPath: '/disk' },
          { name: 'dir', mountPath: '/dir' },
          { name: 'file', mountPath: '/file' },
          { name: 'untyped', mountPath: '/untyped' },
          { name: 'root', mountPath: '/host', readOnly: true },
        ],
      },
    ),
  ],
});

const subPaths: Partial<PodSpec> = {
  securityContext: { fsGroup: 4321 },
  volumes: [{ name: 'v', emptyDir: {} }],
  initContainers: [
    shell(
      'mkdir /v/real; echo one > /v/real/file; ln -s real /v/inner; ln -s /etc /v/evil; ln -s ../../../../../../.. /v/dots',
      { name: 'init', volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    ),
  ],
  containers: [
    shell(
      looks(`
echo file=$(cat /file)
echo linked=$(cat /inner/file)
echo made=$(stat -c %a:%g /made)
echo mine > /logs/mine
echo evil=$(ls -d /evil 2> /dev/null)`),
      {
        env: [{ name: 'WHO', value: 'me' }],
        volumeMounts: [
          { name: 'v', mountPath: '/file', subPath: 'real/file' },
          { name: 'v', mountPath: '/inner', subPath: 'inner' },
          { name: 'v', mountPath: '/made', subPath: 'made/deep' },
          { name: 'v', mountPath: '/logs', subPathExpr: '$(WHO)/logs' },
        ],
      },
    ),
    shell(idle, { name: 'evil', volumeMounts: [{ name: 'v', mountPath: '/evil', subPath: 'evil' }] }),
    shell(idle, { name: 'dots', volumeMounts: [{ name: 'v', mountPath: '/evil', subPath: 'dots/etc/new' }] }),
  ],
};

const readOnly = (host: string): Partial<PodSpec> => ({
  volumes: [{ name: 'h', hostPath: { path: host } }],
  containers: [
    shell(
      looks(`
echo ro=$(try touch /ro/x) $(try touch /ro/below/x)
echo if-possible=$(try touch /if-possible/x) $(try touch /if-possible/below/y)
echo rw=$(try touch /rw/x)`),
      {
        volumeMounts: [
          { name: 'h', mountPath: '/ro', readOnly: true },
          { name: 'h', mountPath: '/if-possible', readOnly: true, recursiveReadOnly: 'IfPossible' },
          { name: 'h', mountPath: '/rw' },
        ],
      },
    ),
    shell(looks('echo must=$(try touch /must/x) $(try touch /must/below/x)'), {
      name: 'must',
      volumeMounts: [{ name: 'h', mountPath: '/must', readOnly: true, recursiveReadOnly: 'Enabled' }],
    }),
  ],
});

const propagation = (host: string): Partial<PodSpec> => ({
  volumes: [{ name: 'h', hostPath: { path: host } }],
  containers: [
    shell(looks('until grep -q " /p/from-host " /proc/mounts; do sleep 0.1; done; echo came=yes'), {
      volumeMounts: [{ name: 'h', mountPath: '/p', mountPropagation: 'HostToContainer' }],
    }),
    // It must be privileged, and not every host lets a container be that: how it was made has to do.
    shell(idle, {
      name: 'gives',
      securityContext: { privileged: true },
      volumeMounts: [{ name: 'h', mountPath: '/p', mountPropagation: 'Bidirectional' }],
    }),
  ],
});

/** Makes its directory its own, as a database does. */
const inMemory: Partial<PodSpec> = {
  volumes: [
    { name: 'memory', emptyDir: { medium: 'Memory' } },
    { name: 'disk', emptyDir: {} },
  ],
  containers: [
    shell(looks('chmod 700 /disk; echo x > /memory/file'), {
      volumeMounts: [
        { name: 'memory', mountPath: '/memory' },
        { name: 'disk', mountPath: '/disk' },
      ],
    }),
  ],
};

test('volumes', async (t) => {
  const node = await startNode(t);
  const host = (name: string) => join(node.scratch, 'host', name);
  for (const name of ['ro/below', 'shared/from-host']) mkdirSync(host(name), { recursive: true });
  mount('-t', 'tmpfs', 'below', host('ro/below'));
  mount('--bind', host('shared'), host('shared'));
  mount('--make-rshared', host('shared'));
  const volumePath = ({ metadata }: Pod, name: string) =>
    join(node.root, 'pods', metadata?.uid ?? '', 'volumes/kubernetes.io~empty-dir', name);

  const pods: Record<string, Partial<PodSpec>> = {
    late: {
      volumes: [
        { name: 'missing', hostPath: { path: host('late'), type: 'Directory' } },
        { name: 'memory', emptyDir: { medium: 'Memory' } },
      ],
      containers: [shell(idle, { volumeMounts: [{ name: 'missing', mountPath: '/late' }] })],
    },
    looks: emptyDirs(host('')),
    'sub-paths': subPaths,
    'read-only': readOnly(host('ro')),
    propagation: propagation(host('shared')),
    memory: inMemory,
    lost: inMemory,
  };
  for (const [name, spec] of Object.entries(pods)) await node.write(`${name}.yaml`, pod(name, spec));

  await t.test('one that cannot be had shows as FailedMount, and holds up no other Pod', async () => {
    const shown = await node.shows('late', 'waits for its volume', (late) => !!waitingOf(late)?.message);
    assert.deepEqual(waitingOf(shown), {
      reason: 'ContainerCreating',
      message: `FailedMount: MountVolume.SetUp failed for volume "missing" : hostPath type check failed: ${host('late')} is not a directory`,
    });
    assert.equal((await node.containers('late')).filter(({ name }) => name === 'main').length, 0);
    mkdirSync(host('late'));
  });

  await t.test('emptyDir and hostPath, with the kubelet’s modes and groups', async () => {
    const seen = await said(node, 'looks');
    assert.deepEqual([seen.disk, seen.memory, seen.kind], ['2777:4321', '3777:4321', 'tmpfs']);
    assert.deepEqual([seen.mine, seen.big], ['1000:4321', `${2 ** 20}`]);
    assert.deepEqual([seen.dir, seen.file], ['directory:755:0', 'regular empty file:644']);
    assert.deepEqual([seen.untyped, seen.root], ['directory', 'yes no']);
    assert.ok(statSync(host('new: dir ü')).isDirectory());
  });

  await t.test('subPath: just that, made where it is missing, and never what is outside', async () => {
    const seen = await said(node, 'sub-paths');
    assert.deepEqual([seen.file, seen.linked, seen.made, seen.evil], ['one', 'one', '2777:4321', '']);
    const shown = await node.shows('sub-paths', 'refuses what leads out', (pod) =>
      ['evil', 'dots'].every((name) => waitingOf(pod, name)?.reason === 'CreateContainerConfigError'),
    );
    for (const [name, what] of [
      ['evil', 'prepare subPath'],
      ['dots', 'create subPath directory'],
    ] as const) {
      const words = `failed to ${what} for volumeMount "v" of container "${name}"`;
      assert.ok(
        `${waitingOf(shown, name)?.message}`.startsWith(words),
        waitingOf(shown, name)?.message ?? name,
      );
    }
    assert.equal(readFileSync(join(volumePath(shown, 'v'), 'me/logs/mine'), 'utf8'), 'mine\n');
    assert.equal(existsSync('/etc/new'), false);
    const uid = shown.metadata?.uid ?? '';
    const targets = join(node.root, 'pods', uid, 'volume-subpaths/v');
    assert.deepEqual(readdirSync(join(targets, 'main')).toSorted(), ['0', '1', '2', '3']);
    assert.equal(mountsOf(`${targets}/main/`).length, 4);
    await node.remove('sub-paths.yaml');
    await node.gone('sub-paths');
    await until('nothing is left of it', () => !existsSync(join(node.root, 'pods', uid)));
    assert.deepEqual(mountsOf(uid), []);
  });

  await t.test('read-only, and what is mounted below', async () => {
    const { ApiVersion } = await node.docker.version();
    const recursive = Number(ApiVersion.split('.')[1]) >= 44;
    const seen = await said(node, 'read-only');
    assert.deepEqual([seen.ro, seen.rw], ['no yes', 'yes']);
    assert.equal(seen['if-possible'], recursive ? 'no no' : 'no yes');
    const shown = await node.shows('read-only', 'has decided on the other', (pod) =>
      recursive ? !!statusOf(pod, 'must')?.state?.running : !!waitingOf(pod, 'must')?.message,
    );
    const is = recursive ? 'Enabled' : 'Disabled';
    assert.deepEqual(statusOf(shown)?.volumeMounts, [
      { name: 'h', mountPath: '/ro', readOnly: true, recursiveReadOnly: 'Disabled' },
      { name: 'h', mountPath: '/if-possible', readOnly: true, recursiveReadOnly: is },
      { name: 'h', mountPath: '/rw' },
    ]);
    if (recursive) assert.equal((await said(node, 'read-only', 'must')).must, 'no no');
    else
      assert.deepEqual(waitingOf(shown, 'must'), {
        reason: 'CreateContainerConfigError',
        message:
          'failed to resolve recursive read-only mode: volume "h" requested recursive read-only mode, but it is not supported by the runtime',
      });
  });

  await t.test('mounts go from the host into a container, where that was asked for', async () => {
    await until('its container runs', () => node.container('propagation').catch(() => undefined));
    mount('-t', 'tmpfs', 'from-host', host('shared/from-host'));
    assert.equal((await said(node, 'propagation')).came, 'yes');
    const gives = await until('the other is made', async () =>
      (await node.containers('propagation')).find(({ name }) => name === 'gives'),
    );
    const detail = await node.docker.inspect(gives.id);
    assert.ok(detail?.HostConfig.Binds?.includes(`${host('shared')}:/p:rw,rshared`));
  });

  await t.test('a crash leaves volumes as they are; what nobody knows any more is removed', async () => {
    for (const name of ['memory', 'lost']) await said(node, name);
    const [kept, lost] = [await node.running('memory'), await node.running('lost')];
    const before = await node.container('memory');
    await node.kill();
    for (const { id } of await node.containers('lost')) await node.docker.remove(id);
    await node.remove('lost.yaml');
    rmSync(join(node.root, `checkpoints/default_lost-${node.name}.json`));
    await node.start();
    const lostDirectory = join(node.root, 'pods', lost.metadata?.uid ?? '');
    await until('the directory of the lost Pod is gone', () => !existsSync(lostDirectory));
    await until('its mounts are undone', () => mountsOf(lost.metadata?.uid ?? '-').length === 0);
    assert.equal((await node.container('memory')).Id, before.Id);
    assert.equal(modeOf(volumePath(kept, 'disk')), '700');
    assert.equal(readFileSync(join(volumePath(kept, 'memory'), 'file'), 'utf8'), 'x\n');
    assert.equal(mountsOf(volumePath(kept, 'memory')).length, 1);
    await node.remove('memory.yaml');
    await node.gone('memory');
    await until('its mounts are undone', () => mountsOf(kept.metadata?.uid ?? '').length === 0);
  });

  await t.test('what could not be had is tried again', async () => {
    await node.running('late');
  });
});
