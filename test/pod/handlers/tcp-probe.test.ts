// TCP probes: a connection is all they want.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { runProbe } from '../../../src/pod/handlers/probe.ts';
import { deafServer } from './deaf-server.ts';
import { closedPort, Listener, nothingLeft, rawServer, Scene, targetWith } from './scene.ts';

const probed = (port: number | string, scene = new Scene(), target = targetWith(), host?: string) =>
  runProbe({ tcpSocket: { port, ...(host !== undefined && { host }) } }, target, scene.around);

const success = { result: 'success', message: '' };

test('a connection is made and closed, and nothing is sent', async (t) => {
  const server = await rawServer(t, () => undefined);
  const scene = new Scene();
  assert.deepEqual(await probed(server.port, scene), success);
  await server.connections(1);
  await server.allGone();
  assert.equal(server.sockets[0]?.bytesRead, 0);
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

test('a named port, and a host of its own', async (t) => {
  const { port } = await rawServer(t, () => undefined);
  const target = targetWith({ ports: [{ name: 'db', containerPort: port }] }, '192.0.2.1');
  assert.deepEqual(await probed('db', new Scene(), target, '127.0.0.1'), success);
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

test('an IPv6 address', async (t) => {
  const closed = await closedPort();
  const failed = await probed(closed, new Scene(), targetWith({}, '::1'));
  assert.match(failed.message, new RegExp(`^dial tcp \\[::1\\]:${closed}: connect: `));
  if (!hasIpv6) return;
  const { port } = await Listener.on(t, createServer(), '::1');
  assert.deepEqual(await probed(port, new Scene(), targetWith({}, '::1')), success);
});

test('nobody listens', async () => {
  const port = await closedPort();
  assert.deepEqual(await probed(port), {
    result: 'failure',
    message: `dial tcp 127.0.0.1:${port}: connect: connection refused`,
  });
});

test('a port nobody has named: cannot be run', async () => {
  assert.deepEqual(await probed('db'), {
    result: 'unknown',
    message: 'container "main" has no port named "db"',
  });
});

test('a connection that is not made costs the timeout; the end of the container drops it', async (t) => {
  const { port } = await deafServer(t);
  const late = new Scene();
  const verdict = probed(port, late);
  await late.pass(999);
  assert.equal(late.timers, 1);
  await late.pass(1);
  assert.deepEqual(await verdict, {
    result: 'failure',
    message: `dial tcp 127.0.0.1:${port}: i/o timeout`,
  });

  const cut = new Scene();
  const unknown = probed(port, cut);
  cut.endContainer();
  assert.deepEqual(await unknown, { result: 'unknown', message: 'the container has ended' });
  assert.deepEqual([late.leftovers(), cut.leftovers()], [nothingLeft, nothingLeft]);
});
