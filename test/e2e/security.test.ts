// Security contexts and namespaces, as the processes in the containers see them: users, groups, capabilities, seccomp,
// what of /proc is masked, sysctls, and what is shared with the Pod and with the host.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readlinkSync, statfsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Container, Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import { image } from '../setup/images.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';

type Context = NonNullable<Container['securityContext']>;

/** Says what the process is and what it may, one `name=value` a line. */
const looks = `
status() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }
try() { ( "$@" ) > /dev/null 2>&1 && echo yes || echo no; }
forward() { echo 1 > /proc/sys/net/ipv4/ip_forward; }
echo user=$(id -u):$(id -g)
echo groups=$(id -G)
for field in CapEff CapBnd Seccomp NoNewPrivs; do echo $field=$(status $field); done
echo root=$(awk '$2 == "/" { print substr($4, 1, 2) }' /proc/mounts)
echo shm=$(df -k /dev/shm | awk 'NR == 2 { print $2 }')
echo interrupts=$(wc -c < /proc/interrupts)
echo forward=$(try forward)
echo mkdir=$(try mkdir /tmp/new)
for space in pid ipc net uts; do echo $space=$(readlink /proc/self/ns/$space); done
echo hostname=$(hostname)
echo ports=$(cat /proc/sys/net/ipv4/ip_local_port_range)
echo somaxconn=$(cat /proc/sys/net/core/somaxconn)
echo first=$(tr '\\0' ' ' < /proc/1/cmdline)
echo filtered=$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/1/status)
`;

/** Waits for its neighbour in the Pod's /dev/shm, and for as long as that wants it there. */
const meets = `${looks}
touch /dev/shm/$NAME
until [ -e /dev/shm/$OTHER ]; do sleep 0.1; done
echo met=yes
echo sees=$(cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -q "^NAME=$OTHER$" && echo yes || echo no)
touch /dev/shm/$NAME-seen
until [ -e /dev/shm/$OTHER-seen ]; do sleep 0.1; done
`;

const looking = (name: string, securityContext: Context = {}, of: string = image.busybox): Container =>
  shell(looks, { name, securityContext, image: of });

const meeting = (name: string, other: string): Container =>
  shell(meets, {
    name,
    env: [
      { name: 'NAME', value: name },
      { name: 'OTHER', value: other },
    ],
  });

const manifest = (name: string, spec: Partial<PodSpec>): Pod =>
  pod(name, { restartPolicy: 'Never', ...spec });

const runtimeDefault = { type: 'RuntimeDefault' };
const localhost = { type: 'Localhost', localhostProfile: 'profiles/no-mkdir.json' };
const noMkdir = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
};

/** What a container has said, once all of its Pod have ended. */
async function heard(node: TestNode, name: string, container = 'main'): Promise<Record<string, string>> {
  await node.shows(name, 'has ended well', ({ status }) => status?.phase === 'Succeeded');
  const found = (await node.containers(name)).find((seen) => seen.name === container);
  const lines = (await node.docker.logs(found?.id ?? '')).trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.split('=')[0], line.replace(/^[^=]*=/, '').trim()]));
}

const waiting = ({ status }: Pod) => status?.containerStatuses?.[0]?.state?.waiting;
const waitsFor = (node: TestNode, name: string, reason: string) =>
  node.shows(name, `waits with ${reason}`, (shown) => waiting(shown)?.reason === reason);

/** An image whose USER is a name; goes with the test. */
async function imageAsNobody(t: TestContext, node: TestNode): Promise<string> {
  const repository = `monopod.test/as-nobody-${node.name}`;
  const base = await node.docker.create('', { Image: image.busybox, Cmd: ['true'] });
  await node.docker.commit(base, repository, '1', { User: 'nobody', Cmd: ['sh'] });
  await node.docker.remove(base);
  t.after(() => node.docker.removeImage(`${repository}:1`));
  return `${repository}:1`;
}

const has = (capabilities: string | undefined, bit: number): boolean =>
  ((BigInt(`0x${capabilities}`) >> BigInt(bit)) & 1n) === 1n;
const CHOWN = 0;
const NET_BIND_SERVICE = 10;
const NET_ADMIN = 12;

test('what containers may and see', async (t) => {
  const flags = ['--allowed-unsafe-sysctls=net.core.somax*'];
  const node = await startNode(t, { flags });
  const nobody = await imageAsNobody(t, node);
  mkdirSync(join(node.root, 'seccomp/profiles'), { recursive: true });
  const profilePath = (name: string) => join(node.root, 'seccomp/profiles', name);
  writeFileSync(profilePath('no-mkdir.json'), JSON.stringify(noMkdir));
  const ofHost = (space: string) => readlinkSync(`/proc/self/ns/${space}`);

  const pods: Record<string, Partial<PodSpec>> = {
    open: {
      containers: [
        looking('main'),
        looking('capable', { capabilities: { add: ['CAP_NET_ADMIN'], drop: ['CHOWN'] } }),
        looking('filtered', { seccompProfile: localhost }),
      ],
    },
    closed: {
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 3000,
        fsGroup: 4000,
        supplementalGroups: [5000],
        runAsNonRoot: true,
        seccompProfile: runtimeDefault,
        sysctls: [
          { name: 'net.ipv4.ip_local_port_range', value: '20000 30000' },
          { name: 'net.core.somaxconn', value: '777' },
        ],
      },
      containers: [
        looking('main', {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
        }),
        looking('root', { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false }),
      ],
    },
    image: {
      containers: [
        looking('main', { runAsNonRoot: true }, image.asUser1234),
        looking('group', { runAsGroup: 77 }, image.asUser1234),
        looking('named', { runAsGroup: 55 }, nobody),
      ],
    },
    'as-root': { containers: [looking('main', { runAsNonRoot: true })] },
    'as-name': { containers: [looking('main', { runAsNonRoot: true }, nobody)] },
    together: { containers: [meeting('main', 'other'), meeting('other', 'main')] },
    shared: { shareProcessNamespace: true, containers: [meeting('main', 'other'), meeting('other', 'main')] },
    host: { hostNetwork: true, hostPID: true, hostIPC: true, containers: [looking('main')] },
    privileged: { containers: [looking('main', { privileged: true, seccompProfile: runtimeDefault })] },
    unprofiled: {
      containers: [
        looking('main', { seccompProfile: { ...localhost, localhostProfile: 'profiles/late.json' } }),
      ],
    },
    'unsafe-sysctl': { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_ecn', value: '1' }] } },
    strict: { securityContext: { supplementalGroupsPolicy: 'Strict' } },
    windows: { os: { name: 'windows' } },
    'own-users': { hostUsers: false },
  };
  for (const [name, spec] of Object.entries(pods)) await node.write(`${name}.yaml`, manifest(name, spec));

  await t.test('a seccomp profile that is not there keeps the container from being made', async () => {
    const shown = await waitsFor(node, 'unprofiled', 'CreateContainerError');
    assert.ok(
      waiting(shown)?.message?.startsWith(`cannot load seccomp profile "${profilePath('late.json')}"`),
    );
    assert.ok(!(await node.containers('unprofiled')).some((seen) => seen.name === 'main'));
    writeFileSync(profilePath('late.json'), JSON.stringify(noMkdir));
  });

  await t.test('by default: root with the capabilities of the engine, unconfined, /proc masked', async () => {
    const seen = await heard(node, 'open');
    assert.deepEqual([seen.user, seen.Seccomp, seen.NoNewPrivs, seen.root], ['0:0', '0', '0', 'rw']);
    assert.ok(has(seen.CapEff, CHOWN) && !has(seen.CapEff, NET_ADMIN));
    assert.deepEqual([seen.interrupts, seen.forward], ['0', 'no']);
    assert.equal(seen.mkdir, 'yes');
  });

  await t.test(
    'capabilities are added and dropped; a seccomp profile of the node filters calls',
    async () => {
      const capable = await heard(node, 'open', 'capable');
      assert.ok(!has(capable.CapEff, CHOWN) && has(capable.CapEff, NET_ADMIN));
      const filtered = await heard(node, 'open', 'filtered');
      assert.deepEqual([filtered.Seccomp, filtered.mkdir], ['2', 'no']);
    },
  );

  await t.test("the Pod's context holds for its containers; a container's own word wins", async () => {
    const seen = await heard(node, 'closed');
    assert.equal(seen.user, '1000:3000');
    assert.deepEqual(seen.groups?.split(' ').toSorted(), ['3000', '4000', '5000']);
    assert.deepEqual([seen.Seccomp, seen.NoNewPrivs, seen.root], ['2', '1', 'ro']);
    assert.equal(BigInt(`0x${seen.CapBnd}`), 1n << BigInt(NET_BIND_SERVICE));
    assert.equal(BigInt(`0x${seen.CapEff}`), 0n);
    const root = await heard(node, 'closed', 'root');
    assert.deepEqual([root.user, root.Seccomp, root.NoNewPrivs, root.root], ['0:0', '2', '0', 'rw']);
  });

  await t.test('sysctls are set for the Pod, and for it alone', async () => {
    const seen = await heard(node, 'closed', 'root');
    assert.deepEqual([seen.ports?.split(/\s+/), seen.somaxconn], [['20000', '30000'], '777']);
    const other = await heard(node, 'open');
    assert.notEqual(other.somaxconn, '777');
    assert.notEqual(readFileSync('/proc/sys/net/core/somaxconn', 'utf8').trim(), '777');
  });

  await t.test("where the Pod leaves it open, the image's user is asked for", async () => {
    assert.equal((await heard(node, 'image')).user, '1234:1234');
    assert.equal((await heard(node, 'image', 'group')).user, '1234:77');
    assert.equal((await heard(node, 'image', 'named')).user, '65534:55');
  });

  await t.test('runAsNonRoot refuses an image that is root, or may be', async () => {
    const refusals = {
      'as-root': 'container has runAsNonRoot and image will run as root',
      'as-name':
        'container has runAsNonRoot and image has non-numeric user (nobody), cannot verify user is non-root',
    };
    for (const [name, words] of Object.entries(refusals)) {
      const shown = await waitsFor(node, name, 'CreateContainerConfigError');
      const { name: podName, namespace, uid } = shown.metadata ?? {};
      assert.equal(
        waiting(shown)?.message,
        `${words} (pod: "${podName}_${namespace}(${uid})", container: main)`,
      );
      assert.ok(!(await node.containers(name)).some((seen) => seen.name === 'main'));
    }
  });

  await t.test('/dev/shm, IPC and network are of the Pod, processes of the container', async () => {
    const [a, b] = [await heard(node, 'together'), await heard(node, 'together', 'other')];
    assert.deepEqual([a.met, b.met, a.shm], ['yes', 'yes', '65536']);
    assert.deepEqual([a.ipc, a.net], [b.ipc, b.net]);
    assert.notEqual(a.pid, b.pid);
    assert.deepEqual([a.sees, b.sees], ['no', 'no']);
    for (const space of ['pid', 'ipc', 'net', 'uts']) assert.notEqual(a[space], ofHost(space), space);
  });

  await t.test('shareProcessNamespace: containers see each other, and the sandbox as process 1', async () => {
    const [a, b] = [await heard(node, 'shared'), await heard(node, 'shared', 'other')];
    assert.equal(a.pid, b.pid);
    assert.notEqual(a.pid, ofHost('pid'));
    assert.deepEqual([a.sees, b.sees], ['yes', 'yes']);
    assert.match(a.first ?? '', /pause/);
    assert.deepEqual([a.Seccomp, a.filtered], ['0', '2'], 'the sandbox has a profile, whatever the Pod has');
  });

  await t.test("hostPID, hostIPC and hostNetwork: the host's, with its name", async () => {
    const seen = await heard(node, 'host');
    for (const space of ['pid', 'ipc', 'net', 'uts']) assert.equal(seen[space], ofHost(space), space);
    assert.equal(seen.hostname, hostname());
    const { blocks, bsize } = statfsSync('/dev/shm');
    assert.equal(Number(seen.shm), (blocks * bsize) / 1024);
  });

  await t.test('privileged: all that there is, or a word on why the engine cannot give it', async () => {
    const bounds = /^CapBnd:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
    if (BigInt(`0x${bounds}`) === (1n << BigInt(last + 1)) - 1n) {
      const seen = await heard(node, 'privileged');
      assert.deepEqual([seen.CapEff, seen.Seccomp, seen.forward], [bounds, '0', 'yes']);
      assert.notEqual(seen.interrupts, '0');
      return;
    }
    const { status } = await node.shows(
      'privileged',
      'has failed',
      (shown) => shown.status?.phase === 'Failed',
    );
    const message = status?.containerStatuses?.[0]?.state?.terminated?.message ?? '';
    assert.match(message, /unable to apply caps.*the engine itself does not have all capabilities/);
  });

  await t.test('what this node cannot give is refused by its name', async () => {
    const refusals = {
      'unsafe-sysctl': ['SysctlForbidden', 'forbidden sysctl: "net.ipv4.tcp_ecn" not allowlisted'],
      strict: [
        'SupplementalGroupsPolicyNotSupported',
        'SupplementalGroupsPolicy=Strict is not supported in this node',
      ],
      windows: ['PodOSNotSupported', "Failed to admit pod as the OS field doesn't match node OS"],
    };
    for (const [name, [reason, message]] of Object.entries(refusals)) {
      const { status } = await node.shows(name, 'is refused', (shown) => shown.status?.reason === reason);
      assert.equal(status?.message, `Pod was rejected: ${message}`);
      assert.deepEqual(await node.containers(name), []);
    }
    const shown = await node.shows(
      'own-users',
      'has no sandbox',
      (one) => waiting(one)?.message !== undefined,
    );
    assert.match(waiting(shown)?.message ?? '', /runtime does not support user namespaces/);
    assert.deepEqual(await node.containers('own-users'), []);
  });

  await t.test("a sysctl of the whole node's is not to be allowed", async () => {
    const flags = ['--allowed-unsafe-sysctls=vm.swappiness', `--pod-manifest-path=${node.manifestDirectory}`];
    const { code, stderr } = await node.cli('run', ...flags);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /--allowed-unsafe-sysctls: the sysctl "vm.swappiness" are not known to be namespaced/,
    );
  });

  await t.test('--seccomp-default: RuntimeDefault for who names no profile', async () => {
    await node.stop();
    await node.start('--seccomp-default');
    await node.write('late.yaml', manifest('late', { containers: [looking('main')] }));
    assert.equal((await heard(node, 'late')).Seccomp, '2');
  });

  await t.test('a seccomp profile that has come meanwhile is used', async () => {
    assert.equal((await heard(node, 'unprofiled')).mkdir, 'no');
  });
});
