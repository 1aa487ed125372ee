// What probes ask by - exec, httpGet, tcpSocket, grpc - as the servers and commands in the containers see it.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Container, Pod } from '../../src/kubernetes/pod.ts';
import { selfSigned } from '../pod/handlers/certificate.ts';
import { Answering } from './harness/answering.ts';
import type { Asked } from './harness/answering-server.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { deafServer, logged, ready, told, unready } from './harness/probed.ts';
import { statusOf } from './harness/seen.ts';
import { until } from './harness/until.ts';

const port = 8080;
const [tlsPort, grpcPort] = [8443, 9000];
const often = { periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 1 };

type Probe = NonNullable<Container['readinessProbe']>;

/** One container a probe, named for it; all share the Pod's address. */
const probing = (probes: Record<string, Probe>) =>
  Object.entries(probes).map(([name, probe]) =>
    shell(undefined, { name, readinessProbe: { ...often, ...probe } }),
  );

const get = (path: string, more: object = {}): Probe => ({ httpGet: { port, path, ...more } });

const readyOf = ({ status }: Pod) =>
  Object.fromEntries((status?.containerStatuses ?? []).map(({ name, ready: is }) => [name, is]));

const header = ({ headers }: Asked, name: string): string[] =>
  headers.filter((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === name);

/** Waits until each is ready, or has been told of as failing for the reason given. */
async function turnOut(node: TestNode, name: string, expected: Record<string, true | string>): Promise<void> {
  for (const [container, is] of Object.entries(expected)) {
    if (is === true) await ready(node, name, container);
    else await logged(node, new RegExp(`container ${container}: readiness probe failed.*${is}`));
  }
  const isReady = Object.entries(expected).map(([container, is]) => [container, is === true]);
  assert.deepEqual(readyOf((await node.pod(name)) as Pod), Object.fromEntries(isReady));
}

describe('kinds of probes', { concurrency: 4 }, () => {
  test('httpGet: statuses, path and query, headers, a named port, another host', async (t) => {
    const node = await startNode(t);
    const server = new Answering(node.scratch, [{ scheme: 'http', port }]);
    const outside = await deafServer(t, '127.0.0.1');
    for (const status of ['204', '399', '400', '404', '503']) server.say(status, status);
    const main = server.container({
      ports: [{ name: 'web', containerPort: port }],
      readinessProbe: {
        ...often,
        httpGet: {
          port: 'web',
          path: '/main/health?verbose=1&of=a%20b',
          httpHeaders: [
            { name: 'Host', value: 'shop.example' },
            { name: 'X-Asked-By', value: 'one' },
            { name: 'X-Asked-By', value: 'two' },
            { name: 'Accept', value: '' },
          ],
        },
      },
    });
    const others = probing({
      plain: get('/plain'),
      s204: get('/204'),
      s399: get('/399'),
      s400: get('/400'),
      s404: get('/404'),
      s503: get('/503'),
      outside: { httpGet: { host: '127.0.0.1', port: outside.port } },
    });
    await node.write('web.yaml', pod('web', { volumes: server.volumes, containers: [main, ...others] }));
    await ready(node, 'web');
    await turnOut(node, 'web', {
      main: true,
      plain: true,
      s204: true,
      s399: true,
      s400: 'HTTP probe failed with statuscode: 400',
      s404: 'statuscode: 404',
      s503: 'statuscode: 503',
      outside: 'Client.Timeout exceeded',
    });
    assert.ok(outside.sockets.length > 0);

    const { podIP } = ((await node.pod('web')) as Pod).status ?? {};
    const [plain] = server.asked('plain') as [Asked];
    assert.equal(plain.url, '/plain');
    assert.deepEqual(header(plain, 'host'), [`${podIP}:${port}`]);
    assert.deepEqual(header(plain, 'user-agent'), ['kube-probe/1.36']);
    assert.deepEqual(header(plain, 'accept'), ['*/*']);
    assert.deepEqual(header(plain, 'connection'), ['close']);
    const [own] = server.asked('main/health') as [Asked];
    assert.equal(own.url, '/main/health?verbose=1&of=a%20b');
    assert.deepEqual(header(own, 'host'), ['shop.example']);
    assert.deepEqual(header(own, 'x-asked-by'), ['one', 'two']);
    assert.deepEqual(header(own, 'accept'), []);
  });

  test('redirects are followed on the same host only; elsewhere they are success', async (t) => {
    const node = await startNode(t);
    const server = new Answering(node.scratch, [{ scheme: 'http', port }]);
    const elsewhere = await deafServer(t, '127.0.0.1');
    server.say('here', '302 /well');
    server.say('here-broken', '301 /broken');
    server.say('broken', '500');
    server.say('there', `302 http://127.0.0.1:${elsewhere.port}/`);
    server.say('loop', '307 /loop');
    const others = probing({
      here: get('/here'),
      broken: get('/here-broken'),
      there: get('/there'),
      loop: get('/loop'),
    });
    await node.write(
      'web.yaml',
      pod('web', { volumes: server.volumes, containers: [server.container(), ...others] }),
    );
    await turnOut(node, 'web', {
      main: true,
      here: true,
      broken: 'statuscode: 500',
      there: true,
      loop: 'stopped after 10 redirects',
    });
    assert.ok(server.asked('well').length > 0);
    assert.deepEqual(header(server.asked('well')[0] as Asked, 'user-agent'), ['kube-probe/1.36']);
    assert.equal(elsewhere.sockets.length, 0);
  });

  test('scheme HTTPS: any certificate will do; HTTP where HTTPS is asked for will not', async (t) => {
    const node = await startNode(t);
    const listens = [
      { scheme: 'http', port },
      { scheme: 'https', port: tlsPort },
    ] as const;
    const server = new Answering(node.scratch, [...listens], { tls: selfSigned() });
    server.say('broken', '500');
    const others = probing({
      secure: get('/secure', { scheme: 'HTTPS', port: tlsPort }),
      broken: get('/broken', { scheme: 'HTTPS', port: tlsPort }),
      plain: get('/plain', { scheme: 'HTTPS' }),
    });
    await node.write(
      'web.yaml',
      pod('web', { volumes: server.volumes, containers: [server.container(), ...others] }),
    );
    await turnOut(node, 'web', {
      main: true,
      secure: true,
      broken: 'statuscode: 500',
      plain: 'server gave HTTP response to HTTPS client',
    });
    assert.equal(server.asked('secure')[0]?.scheme, 'https');
  });

  test('tcpSocket: a port that accepts, one that refuses until it accepts, a named one, another host', async (t) => {
    const node = await startNode(t);
    const gate = join(node.scratch, 'gate');
    mkdirSync(gate);
    const outside = await deafServer(t, '127.0.0.1');
    const main = shell('until [ -e /gate/open ]; do sleep 0.1; done; exec httpd -f -p 9001', {
      ports: [{ name: 'late', containerPort: 9001 }],
      volumeMounts: [{ name: 'gate', mountPath: '/gate' }],
      readinessProbe: { ...often, tcpSocket: { port: 'late' } },
    });
    const others = probing({
      late: { tcpSocket: { port: 9001 } },
      outside: { tcpSocket: { host: '127.0.0.1', port: outside.port } },
    });
    const volumes = [{ name: 'gate', hostPath: { path: gate } }];
    await node.write('tcp.yaml', pod('tcp', { volumes, containers: [main, ...others] }));
    const refuses = 'dial tcp .*:9001: connect: connection refused';
    await turnOut(node, 'tcp', { main: refuses, late: refuses, outside: true });
    writeFileSync(join(gate, 'open'), '');
    await ready(node, 'tcp', 'late');
    await ready(node, 'tcp');
    await until('a probe closes what it opens', () => outside.sockets[0]?.closed);
  });

  test('grpc: the health protocol, by service', async (t) => {
    const node = await startNode(t);
    const server = new Answering(node.scratch, [{ scheme: 'grpc', port: grpcPort }]);
    server.say('grpc-down', 'serving 2');
    server.say('grpc-none', 'status 5 unknown service');
    server.say('grpc-other', 'status 12 unknown service grpc.health.v1.Health');
    const grpc = (service?: string): Probe => ({ grpc: { port: grpcPort, service } });
    const others = probing({
      all: grpc(),
      shop: grpc('shop'),
      down: grpc('down'),
      none: grpc('none'),
      other: grpc('other'),
    });
    await node.write(
      'grpc.yaml',
      pod('grpc', { volumes: server.volumes, containers: [server.container(), ...others] }),
    );
    await turnOut(node, 'grpc', {
      main: true,
      all: true,
      shop: true,
      down: 'service unhealthy .responded with ..NOT_SERVING',
      none: 'code = NotFound desc = unknown service',
      other: 'does not implement the grpc health protocol',
    });
    const [shop] = server.asked('shop') as [Asked];
    assert.equal(shop.url, '/grpc.health.v1.Health/Check');
    assert.match(header(shop, 'user-agent')[0] ?? '', /^kube-probe\/1\.36/);
    server.say('grpc-down', 'serving 1');
    await ready(node, 'grpc', 'down');
    server.say('grpc-shop', 'serving 2');
    await unready(node, 'grpc', 'shop');
  });

  test('exec: in the container, by its exit code, with its environment, as its user', async (t) => {
    const sh = (script: string) => ({ ...often, exec: { command: ['sh', '-c', script] } });
    const containers = [
      shell('touch /tmp/mine; trap "exit 0" TERM; sleep 3600 & wait', {
        securityContext: { runAsUser: 1234 },
        workingDir: '/tmp',
        env: [{ name: 'COLOUR', value: 'blue' }],
        readinessProbe: {
          ...often,
          exec: {
            command: [
              'sh',
              '-c',
              '[ $0 = blue ] && [ $COLOUR = blue ] && [ $(id -u) = 1234 ] && [ -e mine ]',
              '$(COLOUR)',
            ],
          },
        },
      }),
      shell(undefined, { name: 'fails', readinessProbe: sh('echo out of paint; echo quite >&2; exit 3') }),
      shell(undefined, { name: 'silent', readinessProbe: sh('false') }),
      shell(undefined, {
        name: 'absent',
        readinessProbe: { ...often, exec: { command: ['/no/such/program'] } },
      }),
    ];
    const node = await startNode(t, { manifests: { 'exec.yaml': pod('exec', { containers }) } });
    await turnOut(node, 'exec', {
      main: true,
      fails: 'out of paint',
      silent: 'the command exited with 1',
      absent: 'no/such/program',
    });
    await logged(node, /container fails: readiness probe failed.*quite/);
  });

  test('a probe that cannot be run counts for nothing, and is told of once', async (t) => {
    const node = await startNode(t);
    const unheard = { ...often, httpGet: { port: 'unheard-of' } };
    const ticking = { ...often, exec: { command: ['true'] } };
    const containers = [
      shell(undefined, { livenessProbe: unheard }),
      shell(undefined, { name: 'unready', readinessProbe: unheard }),
      shell(undefined, { name: 'counts', readinessProbe: ticking }),
    ];
    await node.write('web.yaml', pod('web', { containers }));
    const asks = async () =>
      (await node.events()).filter(({ action }) => action.startsWith('exec_create')).length;
    await until('time for several of them passes', async () => (await asks()) >= 5);
    const shown = (await node.pod('web')) as Pod;
    assert.equal(statusOf(shown, 'main').restartCount, 0);
    assert.deepEqual(readyOf(shown), { main: true, unready: false, counts: true });
    const cause = 'has no port named';
    await logged(node, new RegExp(`container main: liveness probe could not be run.*${cause}`));
    await logged(node, new RegExp(`container unready: readiness probe could not be run.*${cause}`));
    assert.equal(told(node, /probe could not be run/), 2);
  });
});
