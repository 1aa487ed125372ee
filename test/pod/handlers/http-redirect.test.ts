// Redirects: those to the same host are followed, one to another host is a success that says so.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { V1HTTPGetAction } from '../../../src/kubernetes/generated/shapes.ts';
import { runProbe } from '../../../src/pod/handlers/probe.ts';
import { httpServer, nothingLeft, Scene, targetWith } from './scene.ts';

/** A server that redirects `/` and answers everything else; what it is asked is kept. */
async function redirecting(t: TestContext, status: number, location: (port: number) => string | undefined) {
  const requests: IncomingMessage[] = [];
  const server = await httpServer(t, (request, response) => {
    requests.push(request);
    const to = location(server.port);
    if (request.url !== '/' || to === undefined)
      return void response.writeHead(status >= 400 ? 200 : 204).end();
    response.writeHead(status, { location: to }).end('moved');
  });
  const probe = async (more: Partial<V1HTTPGetAction> = {}) => {
    const scene = new Scene();
    const verdict = await runProbe({ httpGet: { port: server.port, ...more } }, targetWith(), scene.around);
    await server.allGone();
    assert.deepEqual(scene.leftovers(), nothingLeft);
    return verdict;
  };
  return { port: server.port, requests, probe };
}

const success = { result: 'success', message: '' };

for (const status of [301, 302, 303, 307, 308]) {
  test(`${status} is followed`, async (t) => {
    const { probe, requests } = await redirecting(t, status, () => '/next?a=b');
    assert.deepEqual(await probe(), success);
    assert.deepEqual(
      requests.map(({ method, url }) => `${method} ${url}`),
      ['GET /', 'GET /next?a=b'],
    );
  });
}

for (const [what, location] of [
  ['a whole URL', (port: number) => `http://127.0.0.1:${port}/next`],
  ['one without scheme', (port: number) => `//127.0.0.1:${port}/next`],
  ['a relative path', () => 'next#part'],
  ['dots', () => '/a/../next'],
] as const) {
  test(`the place may be ${what}`, async (t) => {
    const { probe, requests } = await redirecting(t, 302, location);
    assert.deepEqual(await probe(), success);
    assert.equal(requests[1]?.url, '/next');
  });
}

test('the port and the scheme may change, the host may not', async (t) => {
  const other = await httpServer(t, (_, response) => void response.writeHead(500).end());
  const { probe } = await redirecting(t, 302, () => `http://127.0.0.1:${other.port}/`);
  assert.deepEqual(await probe(), {
    result: 'failure',
    message: 'HTTP probe failed with statuscode: 500',
  });
});

test('one to another host is not followed, and is a success', async (t) => {
  const other = await httpServer(t, (_, response) => void response.writeHead(500).end());
  const { probe, requests } = await redirecting(t, 302, () => `http://localhost:${other.port}/`);
  assert.deepEqual(await probe(), {
    result: 'success',
    message: 'Probe terminated redirects, Response body: moved',
  });
  assert.equal(requests.length, 1);
  assert.equal(other.sockets.length, 0);
});

test('one that names no place stands for itself', async (t) => {
  const server = await httpServer(t, (_, response) => void response.writeHead(301).end());
  const verdict = await runProbe({ httpGet: { port: server.port } }, targetWith(), new Scene().around);
  assert.deepEqual(verdict, {
    result: 'success',
    message: 'Probe terminated redirects, Response body: ',
  });
});

test('headers go along, with where they come from', async (t) => {
  const { probe, requests, port } = await redirecting(t, 302, () => '/next');
  await probe({ httpHeaders: [{ name: 'X-A', value: 'b' }] });
  const { headers } = requests[1] ?? assert.fail();
  assert.equal(headers['x-a'], 'b');
  assert.equal(headers['user-agent'], 'kube-probe/1.36');
  assert.equal(headers.referer, `http://127.0.0.1:${port}/`);
  assert.equal(headers.host, `127.0.0.1:${port}`);
});

test('a Host of its own goes along to a relative place only', async (t) => {
  const httpHeaders = [{ name: 'Host', value: 'web.example' }];
  const relative = await redirecting(t, 302, () => '/next');
  await relative.probe({ httpHeaders });
  assert.equal(relative.requests[1]?.headers.host, 'web.example');

  const whole = await redirecting(t, 302, (port) => `http://127.0.0.1:${port}/next`);
  await whole.probe({ httpHeaders });
  assert.equal(whole.requests[1]?.headers.host, `127.0.0.1:${whole.port}`);
});

test('a circle ends after ten requests', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: '/round' }).end();
  });
  const scene = new Scene();
  assert.deepEqual(await runProbe({ httpGet: { port: server.port } }, targetWith(), scene.around), {
    result: 'failure',
    message: 'Get "/round": stopped after 10 redirects',
  });
  assert.equal(server.sockets.length, 10);
  await server.allGone();
  assert.deepEqual(scene.leftovers(), nothingLeft);
});

for (const [what, location, why] of [
  ['a scheme that is not HTTP', 'ftp://127.0.0.1/', 'unsupported protocol scheme "ftp"'],
  ['no URL', 'http://[/', 'failed to parse Location header "http://[/"'],
] as const) {
  test(`a place that is ${what} is a failure`, async (t) => {
    const { probe, port } = await redirecting(t, 302, () => location);
    assert.deepEqual(await probe(), {
      result: 'failure',
      message: `Get "http://127.0.0.1:${port}/": ${why}`,
    });
  });
}

test('the timeout covers the whole way', async (t) => {
  const server = await httpServer(t, (request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/slow' }).end();
  });
  const scene = new Scene();
  const verdict = runProbe({ httpGet: { port: server.port } }, targetWith(), scene.around);
  await server.connections(1);
  await scene.pass(600);
  await server.connections(2);
  await scene.pass(400);
  assert.deepEqual(await verdict, {
    result: 'failure',
    message: `Get "http://127.0.0.1:${server.port}/slow": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
  });
  await server.allGone();
});
