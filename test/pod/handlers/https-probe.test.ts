// HTTPS probes: nothing about the certificate matters, everything about the answer does.
import assert from 'node:assert/strict';
import { createServer, type ServerOptions } from 'node:https';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { V1HTTPGetAction } from '../../../src/kubernetes/generated/shapes.ts';
import { runProbe } from '../../../src/pod/handlers/probe.ts';
import { selfSigned } from './certificate.ts';
import { httpServer, Listener, nothingLeft, rawServer, Scene, saying, targetWith } from './scene.ts';

const certificate = selfSigned();

async function tlsServer(t: TestContext, options: ServerOptions = {}) {
  const seen: TLSSocket[] = [];
  const server = createServer({ ...certificate, ...options }, (request, response) => {
    seen.push(request.socket as TLSSocket);
    response.writeHead(request.url === '/bad' ? 503 : 200).end();
  });
  const { port } = await Listener.on(t, server);
  return { port, seen };
}

const probed = (action: V1HTTPGetAction) =>
  runProbe({ httpGet: { scheme: 'HTTPS', ...action } }, targetWith(), new Scene().around);

test('a self-signed certificate of another name', async (t) => {
  const { port, seen } = await tlsServer(t);
  assert.deepEqual(await probed({ port }), { result: 'success', message: '' });
  assert.equal((await probed({ port, path: '/bad' })).message, 'HTTP probe failed with statuscode: 503');
  assert.equal(seen[0]?.alpnProtocol, 'http/1.1');
  // An address is no server name.
  assert.equal(seen[0]?.servername, false);
});

test('a host that is a name is the server name, whatever the Host header', async (t) => {
  const { port, seen } = await tlsServer(t);
  const httpHeaders = [{ name: 'Host', value: 'web.example' }];
  assert.equal((await probed({ port, host: 'localhost', httpHeaders })).result, 'success');
  assert.equal(seen[0]?.servername, 'localhost');
});

test('a key that is too short to be trusted', async (t) => {
  const { port } = await tlsServer(t, { ...selfSigned(1024), ciphers: 'DEFAULT@SECLEVEL=0' });
  assert.equal((await probed({ port })).result, 'success');
});

test('a server that asks for a certificate may get none', async (t) => {
  const { port } = await tlsServer(t, { requestCert: true, rejectUnauthorized: false });
  assert.equal((await probed({ port })).result, 'success');
});

test('one that insists on it', async (t) => {
  const { port } = await tlsServer(t, { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' });
  assert.equal((await probed({ port })).result, 'failure');
});

for (const [what, answer] of [
  ['plain HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['plain HTTP without a body', 'HTTP/1.0 200 OK\r\n\r\n'],
] as const) {
  test(`${what} in answer to HTTPS is a failure`, async (t) => {
    const { port } = await saying(t, answer);
    assert.deepEqual(await probed({ port }), {
      result: 'failure',
      message: `Get "https://127.0.0.1:${port}/": http: server gave HTTP response to HTTPS client`,
    });
  });
}

for (const [what, bytes, why] of [
  ['closes', '', 'EOF'],
  ['refuses with an alert', '\x15\x03\x03\x00\x02\x02\x28', 'remote error: tls: handshake failure'],
] as const) {
  test(`a server that ${what} in the handshake`, async (t) => {
    const { port } = await saying(t, bytes);
    assert.deepEqual(await probed({ port }), {
      result: 'failure',
      message: `Get "https://127.0.0.1:${port}/": ${why}`,
    });
  });
}

test('a handshake that hangs costs the timeout, and the end of the container drops it', async (t) => {
  const server = await rawServer(t, () => undefined);
  const httpGet = { port: server.port, scheme: 'HTTPS' };
  const late = new Scene();
  const verdict = runProbe({ httpGet }, targetWith(), late.around);
  await server.connections(1);
  await late.pass(1000);
  assert.equal((await verdict).result, 'failure');

  const cut = new Scene();
  const unknown = runProbe({ httpGet }, targetWith(), cut.around);
  await server.connections(2);
  cut.endContainer();
  assert.equal((await unknown).result, 'unknown');
  await server.allGone();
  assert.deepEqual([late.leftovers(), cut.leftovers()], [nothingLeft, nothingLeft]);
});

test('a redirect from HTTP to HTTPS on the same host', async (t) => {
  const { port, seen } = await tlsServer(t);
  const plain = await httpServer(t, (_, response) => {
    response.writeHead(301, { location: `https://127.0.0.1:${port}/` }).end();
  });
  assert.equal((await probed({ port: plain.port, scheme: 'HTTP' })).result, 'success');
  assert.equal(seen.length, 1);
});
