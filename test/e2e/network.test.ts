// The network as containers see it: names, /etc/hosts, resolv.conf, addresses; and the ports of the host that lead to them.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod, PodSpec } from '../../src/kubernetes/pod.ts';
import { pod, shell } from './harness/manifest.ts';
import { freePort, makeNode, type TestNode } from './harness/node.ts';
import { until } from './harness/until.ts';
import { type Work, workOf } from './harness/work.ts';

const looks = `
cp /etc/hosts /work/hosts; cp /etc/resolv.conf /work/resolv.conf
echo "$(hostname) $HOSTNAME" > /work/names
echo "$IP $IPS" > /work/ips
echo "# mine" >> /etc/hosts && echo ok > /work/hosts-written
echo "# mine" >> /etc/resolv.conf && echo ok > /work/resolv.conf-written
true`;
/** Not on the host network, where the name is the host's and the servers are nobody's. */
const asksItsName = `hostname -f > /work/whole-name; ${looks}`;
const addresses = ['IP', 'IPS'].map((name, at) => ({
  name,
  valueFrom: { fieldRef: { fieldPath: ['status.podIP', 'status.podIPs'][at] ?? '' } },
}));

const managed = (ip: string, names: string) => `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
${ip}\t${names}
`;
const hostAliases = [{ ip: '192.0.2.9', hostnames: ['db', 'db.example'] }];
const aliases = '\n# Entries added by HostAliases.\n192.0.2.9\tdb\tdb.example\n';

const ofNode = 'search node.example\nnameserver 127.0.0.53\nnameserver 192.0.2.53\noptions timeout:1\n';
const ofCluster =
  'search default.svc.cluster.local svc.cluster.local cluster.local node.example\nnameserver 10.96.0.10\noptions ndots:5\n';
const flags = [
  '--cluster-dns=10.96.0.10',
  '--cluster-domain=cluster.local',
  '--node-ip=192.0.2.77,2001:db8::77',
];

const waitsWith = (node: TestNode, name: string, words: RegExp) =>
  node.shows(name, `says ${words}`, ({ status }) =>
    words.test(status?.containerStatuses?.[0]?.state?.waiting?.message ?? ''),
  );

const answerOf = async (ip: string, port: number): Promise<string> =>
  (await fetch(`http://${ip}:${port}/`, { signal: AbortSignal.timeout(5_000) })).text();

/** Sent again until there is an answer: a datagram may be lost. */
const echoOf = (ip: string, port: number, text: string): Promise<string> =>
  until('a datagram comes back', async () => {
    const socket = createSocket('udp4');
    try {
      socket.send(text, port, ip);
      const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(500) });
      return String(answer);
    } finally {
      socket.close();
    }
  });

const echoes = `require('node:dgram').createSocket('udp4').on('message', function (text, { port, address }) {
  this.send(text, port, address);
}).bind(53)`;

test('names, hosts, DNS, addresses and ports', async (t) => {
  const node = await makeNode({ flags });
  t.after(async () => {
    if (!t.passed) console.error(`--- log of ${node.name}\n${node.logTail()}---`);
    await node.dispose();
  });
  const resolvConf = join(node.scratch, 'resolv.conf');
  writeFileSync(resolvConf, ofNode);
  const works: Record<string, Work> = {};
  const run = (name: string, spec: (work: Work) => Partial<PodSpec>, more: Partial<PodSpec> = {}) => {
    const work = workOf(node, name);
    works[name] = work;
    return node.write(`${name}.yaml`, pod(name, { volumes: work.volumes, ...spec(work), ...more }));
  };
  const lookAs = (name: string, spec: Partial<PodSpec>) =>
    run(name, (work) => ({
      restartPolicy: 'Never',
      containers: [work.shell('main', spec.hostNetwork ? looks : asksItsName, { env: addresses })],
      ...spec,
    }));
  const read = (name: string, file: string) => works[name]?.read(file);

  await lookAs('plain', { hostAliases });
  await lookAs('named', { hostname: 'db', subdomain: 'sub', setHostnameAsFQDN: true, dnsPolicy: 'Default' });
  await lookAs('over', { hostnameOverride: 'any.name.example', hostname: 'else', subdomain: 'sub' });
  await lookAs('onhost', {
    hostNetwork: true,
    hostAliases,
    dnsConfig: {
      nameservers: ['192.0.2.54', '192.0.2.55'],
      searches: ['more.example'],
      options: [{ name: 'timeout' }],
    },
  });
  await lookAs('hostdns', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
  const ownHosts = join(node.scratch, 'own');
  writeFileSync(ownHosts, '192.0.2.1 own\n');
  await run('own', (work) => ({
    restartPolicy: 'Never',
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['192.0.2.7'], options: [{ name: 'ndots', value: '2' }] },
    volumes: [...work.volumes, { name: 'own', hostPath: { path: ownHosts } }],
    initContainers: [
      work.shell('first', 'grep -c mine /etc/hosts > /work/first; echo "# mine" >> /etc/hosts'),
      work.shell('own', 'cp /etc/hosts /work/own', {
        volumeMounts: [
          { name: 'work', mountPath: '/work' },
          { name: 'own', mountPath: '/etc/hosts' },
        ],
      }),
    ],
    containers: [
      work.shell('main', looks, { env: addresses, securityContext: { readOnlyRootFilesystem: true } }),
    ],
  }));
  await lookAs('toolong', { subdomain: 'sub', setHostnameAsFQDN: true, hostname: 'h'.repeat(60) });
  const [tcp, loopback2, udp, beside, taken] = await Promise.all(Array.from({ length: 5 }, freePort));
  assert.ok(tcp && loopback2 && udp && beside && taken);
  const serving = (words: string, port: number) =>
    `mkdir -p /www; echo ${words} > /www/index.html; exec httpd -f -p ${port} -h /www`;
  await run('serves', (work) => ({
    volumes: [...work.volumes, { name: 'host', hostPath: { path: '/' } }],
    terminationGracePeriodSeconds: 1,
    initContainers: [
      work.sidecar('beside', serving('beside', 81), { ports: [{ containerPort: 81, hostPort: beside }] }),
    ],
    containers: [
      work.shell('main', `cp /etc/hosts /work/hosts; ${serving('main', 80)}`, {
        ports: [
          { containerPort: 80, hostPort: tcp },
          { containerPort: 80, hostPort: loopback2, hostIP: '127.0.0.2' },
          { containerPort: 82 },
        ],
      }),
      // None of busybox's programs answers datagrams: Node, out of the host's own files, does.
      shell('', {
        name: 'echoes',
        command: ['chroot', '/host', process.execPath, '-e', echoes],
        volumeMounts: [{ name: 'host', mountPath: '/host', readOnly: true }],
        ports: [{ containerPort: 53, hostPort: udp, hostIP: '127.0.0.1', protocol: 'UDP' }],
      }),
    ],
  }));
  const holder = createServer();
  t.after(() => holder.close());
  await once(holder.listen(taken, '0.0.0.0'), 'listening');
  await run('waits', (work) => ({
    containers: [
      work.shell('main', serving('waits', 80), { ports: [{ containerPort: 80, hostPort: taken }] }),
    ],
  }));
  await node.start(`--resolv-conf=${resolvConf}`);

  const ended = (name: string): Promise<Pod> =>
    node.shows(name, 'has ended well', ({ status }) => status?.phase === 'Succeeded');
  /** What a container saw of its address is what is shown of it. */
  const ipOf = (name: string, shown: Pod): string => {
    const { podIP = '', podIPs = [] } = shown.status ?? {};
    assert.equal(read(name, 'ips'), `${podIP} ${podIPs.map(({ ip }) => ip).join(',')}\n`);
    return podIP;
  };

  await t.test('a port that somebody else holds: it is said, and tried again', async () => {
    await waitsWith(node, 'waits', new RegExp(`FailedCreatePodSandBox: .*:${taken}.*already in use`));
    holder.close();
    await node.running('waits');
    assert.equal(await until('it serves', () => answerOf('127.0.0.1', taken)), 'waits\n');
  });

  await t.test('an ordinary Pod: its own name and address, aliases, the cluster’s DNS', async () => {
    const name = `plain-${node.name}`;
    const ip = ipOf('plain', await ended('plain'));
    assert.equal(read('plain', 'names'), `${name} ${name}\n`);
    assert.equal(read('plain', 'whole-name'), `${name}\n`);
    assert.equal(read('plain', 'hosts'), managed(ip, name) + aliases);
    assert.equal(read('plain', 'resolv.conf'), ofCluster);
    assert.deepEqual(
      [read('plain', 'hosts-written'), read('plain', 'resolv.conf-written')],
      ['ok\n', 'ok\n'],
    );
  });

  await t.test(
    'host name and subdomain; the kernel’s name with setHostnameAsFQDN; the node’s DNS, as it is',
    async () => {
      const fqdn = 'db.sub.default.svc.cluster.local';
      const ip = ipOf('named', await ended('named'));
      assert.equal(read('named', 'names'), `${fqdn} ${fqdn}\n`);
      assert.equal(read('named', 'whole-name'), `${fqdn}\n`);
      assert.equal(read('named', 'hosts'), managed(ip, `${fqdn}\tdb`));
      assert.equal(read('named', 'resolv.conf'), ofNode);
    },
  );

  await t.test('hostnameOverride', async () => {
    const ip = ipOf('over', await ended('over'));
    assert.equal(read('over', 'names'), 'any.name.example any.name.example\n');
    assert.equal(read('over', 'hosts'), managed(ip, 'any.name.example'));
  });

  await t.test('a whole name that is too long is refused in the kubelet’s words', async () => {
    await waitsWith(
      node,
      'toolong',
      /FailedCreatePodSandBox: failed to construct FQDN .* is too long \(64 characters/,
    );
  });

  await t.test(
    'in the host’s network: its names, hosts and addresses; ClusterFirst is Default, within limits',
    async () => {
      const shown = await ended('onhost');
      const { hostIPs, podIPs } = shown.status ?? {};
      assert.deepEqual([hostIPs, podIPs], [podIPs, [{ ip: '192.0.2.77' }, { ip: '2001:db8::77' }]]);
      ipOf('onhost', shown);
      assert.equal(read('onhost', 'names'), `${hostname()} ${hostname()}\n`);
      const hosts = readFileSync('/etc/hosts', 'utf8');
      assert.equal(
        read('onhost', 'hosts'),
        `# Kubernetes-managed hosts file (host network).\n${hosts}${aliases}`,
      );
      assert.equal(
        read('onhost', 'resolv.conf'),
        'search node.example more.example\nnameserver 127.0.0.53\nnameserver 192.0.2.53\nnameserver 192.0.2.54\noptions timeout\n',
      );
      const warned = node.log.split('\n').filter((line) => line.includes('Nameserver limits were exceeded'));
      assert.equal(warned.length, 1);
      assert.match(warned[0] ?? '', /the applied nameserver line is: 127.0.0.53 192.0.2.53 192.0.2.54/);
    },
  );

  await t.test('ClusterFirstWithHostNet', async () => {
    await ended('hostdns');
    assert.equal(read('hostdns', 'resolv.conf'), ofCluster);
  });

  await t.test(
    'dnsPolicy None; what one container wrote into /etc/hosts is gone for the next; a volume there wins',
    async () => {
      const ip = ipOf('own', await ended('own'));
      const name = `own-${node.name}`;
      assert.equal(read('own', 'resolv.conf'), 'nameserver 192.0.2.7\noptions ndots:2\n');
      assert.deepEqual([read('own', 'first'), read('own', 'own')], ['0\n', '192.0.2.1 own\n']);
      assert.equal(read('own', 'hosts'), managed(ip, name));
      // The root file system is read-only.
      assert.deepEqual([read('own', 'hosts-written'), read('own', 'resolv.conf-written')], ['ok\n', '']);
    },
  );

  await t.test('host ports lead to containers, by address and protocol, a sidecar’s as well', async () => {
    await node.running('serves');
    const answers = await until('all serve', () =>
      Promise.all([
        answerOf('127.0.0.1', tcp),
        answerOf('127.0.0.2', tcp),
        answerOf('127.0.0.2', loopback2),
        answerOf('127.0.0.1', beside),
      ]),
    );
    assert.deepEqual(answers, ['main\n', 'main\n', 'main\n', 'beside\n']);
    await assert.rejects(answerOf('127.0.0.1', loopback2));
    assert.equal(await echoOf('127.0.0.1', udp, 'there and back'), 'there and back');
  });

  await t.test('with a new sandbox the hosts file has its address', async () => {
    const idOf = (shown: Pod | undefined) => {
      const main = shown?.status?.containerStatuses?.find(({ name }) => name === 'main');
      return main?.state?.running && main.containerID;
    };
    const before = idOf(await node.pod('serves'));
    writeFileSync(join(works.serves?.path ?? '', 'hosts'), '');
    await node.docker.kill((await node.container('serves', 'POD')).Id);
    const { status } = await node.shows('serves', 'runs anew', (shown) => {
      const id = idOf(shown);
      return id !== undefined && id !== before;
    });
    const wanted = managed(status?.podIP ?? '', `serves-${node.name}`);
    await until('its hosts file has it', () => read('serves', 'hosts') === wanted, {
      seen: () => read('serves', 'hosts'),
    });
    assert.equal(await until('it serves again', () => answerOf('127.0.0.1', tcp)), 'main\n');
  });

  await t.test('the files lie with the Pod, as the kubelet has them', async () => {
    const uid = (await node.pod('serves'))?.metadata?.uid ?? '';
    const directory = join(node.root, 'pods', uid);
    assert.equal(readFileSync(join(directory, 'etc-hosts'), 'utf8'), read('serves', 'hosts'));
    assert.equal(readFileSync(join(directory, 'resolv.conf'), 'utf8'), ofCluster);
  });
});
