// TLS, redirects and proxies; and that what is secret goes to the very host alone, and into nothing that is told.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { temporary } from '../directory/scene.ts';
import { certificate, podList, says, site, started } from './scene.ts';

const redirect = (location: string, status = 302) =>
  ((_, response) => response.writeHead(status, { location }).end()) as ReturnType<typeof says>;

describe('TLS', () => {
  it('trusts the CA file alone, read anew each time', async (test) => {
    const dir = temporary(test);
    const [one, other] = [certificate(dir, 'one'), certificate(dir, 'other')];
    const server = await site(test, says(podList('a')), one.pem);
    const untrusting = await started(test, server.url);
    assert.match(untrusting.table.unreadable ?? '', /self-signed: give it as --manifest-url-ca-file/);
    assert.equal(server.requests.length, 0);

    const ca = join(dir, 'ca.crt');
    copyFileSync(other.files.cert, ca);
    const { table, source } = await started(test, server.url, { files: { ca } });
    assert.match(table.unreadable ?? '', /self-signed/);
    copyFileSync(one.files.cert, ca);
    await source.rescan();
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
    writeFileSync(ca, 'nothing');
    await source.rescan();
    assert.match(table.unreadable ?? '', /ca-file .*ca.crt has no certificate \(PEM\)/);
    await started(test, server.url, { files: { ca: `${ca}.none` } }).then(({ table: another }) =>
      assert.match(another.unreadable ?? '', /ca-file .*ca.crt.none does not exist/),
    );
  });

  it('shows a client certificate to a server that wants one', async (test) => {
    const dir = temporary(test);
    const [server, client] = [certificate(dir, 'server'), certificate(dir, 'client')];
    const strict = { ...server.pem, ca: client.pem.cert, requestCert: true, rejectUnauthorized: true };
    const secure = await site(test, says(podList('a')), strict);
    const without = await started(test, secure.url, { files: { ca: server.files.cert } });
    assert.match(without.table.unreadable ?? '', /it wants a client certificate/);
    const files = { ca: server.files.cert, ...client.files };
    const { table, source } = await started(test, secure.url, { files });
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
    copyFileSync(server.files.key, client.files.key);
    await source.rescan();
    assert.match(table.unreadable ?? '', /client key is not that of the client certificate/);
    writeFileSync(client.files.key, '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n');
    await source.rescan();
    assert.match(table.unreadable ?? '', /certificate or key is damaged/);
  });

  it('is for the host that is meant', async (test) => {
    const { files, pem } = certificate(temporary(test), 'one', 'other.test');
    const server = await site(test, says(podList('a')), pem);
    const url = server.url.replace('127.0.0.1', 'localhost');
    const { table } = await started(test, url, { files: { ca: files.cert } });
    assert.match(table.unreadable ?? '', /certificate is not for that host, but for .*other.test/);
  });
});

describe('a redirect', () => {
  const secret = { 'x-token': ['hunter2'], cookie: ['hunter2'] };

  it('is followed; what is secret goes to the same host alone', async (test) => {
    const other = await site(test, says(podList('b')));
    const server = await site(test, redirect('/other?x=1'));
    const url = server.url.replace('http://', 'http://user:hunter%402@');
    const { table, source } = await started(test, url, {
      headers: secret,
      limits: { redirects: 1 },
    });
    assert.match(table.unreadable ?? '', /redirects more than 1 times \(at .*\/other\?…, to which/);
    server.handler = (request, response) =>
      request.url === '/other'
        ? says(podList('a'))(request, response)
        : redirect('/other')(request, response);
    await source.rescan();
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
    const basic = `Basic ${Buffer.from('user:hunter@2').toString('base64')}`;
    for (const { headers } of server.requests)
      assert.deepEqual(
        [headers['x-token'], headers.cookie, headers.authorization],
        ['hunter2', 'hunter2', basic],
      );

    server.handler = redirect(`${other.url.replace('http://', 'http://their:own@')}#x`, 307);
    await source.rescan();
    assert.equal(table.unreadable, undefined);
    assert.deepEqual([...table.entries.keys()], [`${server.url}#default/b`]);
    const { headers } = other.requests[0] ?? {};
    assert.ok(headers);
    for (const name of ['x-token', 'cookie', 'authorization']) assert.equal(headers[name], undefined, name);
    other.handler = (_, response) => response.writeHead(500).end();
    await source.rescan();
    assert.match(table.unreadable ?? '', /500 .*\(at http:\/\/127.0.0.1:\d+\/pods, to which it redirects\)/);
    assert.doesNotMatch(JSON.stringify(table.updates), /hunter|user:|their|own@/);
  });

  it('from https to http is not, and no client certificate goes to another host', async (test) => {
    const dir = temporary(test);
    const [mine, client] = [certificate(dir, 'mine'), certificate(dir, 'client')];
    const plain = await site(test, says(podList('a')));
    const server = await site(test, redirect(plain.url), mine.pem);
    const files = { ca: mine.files.cert, ...client.files };
    const { table, source } = await started(test, server.url, { files });
    assert.match(table.unreadable ?? '', /from https to http/);
    assert.equal(plain.requests.length, 0);
    const seen: unknown[] = [];
    const asking = { ...mine.pem, requestCert: true, rejectUnauthorized: false };
    const other = await site(
      test,
      (request, response) => {
        const socket = request.socket as unknown as { getPeerCertificate(): { subject?: unknown } };
        seen.push(socket.getPeerCertificate().subject);
        says(podList('a'))(request, response);
      },
      asking,
    );
    server.handler = redirect(other.url);
    await source.rescan();
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
    assert.deepEqual(seen, [undefined]);
  });
});

describe('what is secret', () => {
  it('is asked with, and told nowhere', async (test) => {
    const server = await site(test, says('text'));
    const url = server.url.replace('http://', 'http://user:hunter2@');
    const headers = { 'X-Token': ['hunter2', 'hunter3'], Accept: ['text/x'] };
    const { table, source } = await started(test, url, { headers });
    const { requests } = server;
    assert.equal(requests[0]?.headers['x-token'], 'hunter2, hunter3');
    assert.equal(requests[0]?.headers.accept, 'text/x');
    assert.match(requests[0]?.headers.authorization ?? '', /^Basic /);
    assert.equal(requests[0]?.url, '/pods');
    server.handler = says(podList('a'));
    await source.rescan();
    server.close();
    await source.rescan();
    assert.match(table.unreadable ?? '', /refused/);
    assert.doesNotMatch(JSON.stringify(table.updates), /hunter|user/);
  });

  it('is no part of who a Pod is', async (test) => {
    const server = await site(test, says(podList('a')));
    const plain = await started(test, server.url);
    const known = await started(test, server.url.replace('http://', 'http://user:hunter2@'));
    assert.deepEqual(
      [...known.table.entries].map(([origin, { staticPod }]) => [origin, staticPod?.uid]),
      [...plain.table.entries].map(([origin, { staticPod }]) => [origin, staticPod?.uid]),
    );
  });
});

/** A proxy that leads every host to `port`, and counts. */
async function proxy(test: TestContext, port: number) {
  const seen: string[] = [];
  const note = (kind: string, { url = '', headers }: IncomingMessage) =>
    seen.push(`${kind} ${url} ${headers['proxy-authorization'] ?? 'nobody'}`);
  const server = createServer((asked, response) => {
    note('GET', asked);
    const { pathname } = new URL(asked.url ?? '');
    request({ port, host: '127.0.0.1', path: pathname, headers: asked.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    }).end();
  });
  const open = new Set<Duplex>();
  const refusing = { now: false };
  server.on('connect', (asked, socket: Duplex) => {
    note('CONNECT', asked);
    open.add(socket);
    socket.on('error', () => undefined);
    if (refusing.now) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const to = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(to).pipe(socket);
    });
    to.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    for (const socket of open) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { seen, refusing, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a proxy', () => {
  it('is asked for an http URL', async (test) => {
    const server = await site(test, says(podList('a')));
    const { seen, address } = await proxy(test, server.port);
    const env = { http_proxy: address };
    const { table } = await started(test, 'http://manifests.test/pods', { env });
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
    assert.deepEqual(seen, ['GET http://manifests.test/pods nobody']);
  });

  it('leads to an https URL', async (test) => {
    const { files, pem } = certificate(temporary(test), 'one', 'manifests.test');
    const server = await site(test, says(podList('a')), pem);
    const { seen, refusing, address } = await proxy(test, server.port);
    const env = { HTTPS_PROXY: `http://me:hunter2@${address}`, NO_PROXY: 'other.test' };
    const url = 'https://manifests.test/pods';
    const { table, source } = await started(test, url, { env, files: { ca: files.cert } });
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
    const basic = `Basic ${Buffer.from('me:hunter2').toString('base64')}`;
    assert.deepEqual(seen, [`CONNECT manifests.test:443 ${basic}`]);
    assert.equal(server.requests[0]?.headers['proxy-authorization'], undefined);
    refusing.now = true;
    await source.rescan();
    assert.match(table.unreadable ?? '', /proxy makes no connection to it: it answers 407/);
    assert.doesNotMatch(JSON.stringify(table.updates), /hunter2/);
  });

  it('that takes the connection and says nothing is given up, and nothing is left open', async (test) => {
    let open = 0;
    const silent = createTcpServer((socket) => {
      open += 1;
      socket
        .on('error', () => undefined)
        .on('close', () => {
          open -= 1;
        });
      socket.resume();
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    test.after(() => silent.close());
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    for (const scheme of ['http', 'https']) {
      const env = { [`${scheme}_proxy`]: address };
      const { table } = await started(test, `${scheme}://manifests.test/`, {
        env,
        limits: { silenceMs: 40 },
      });
      assert.match(table.unreadable ?? '', /nothing was heard/);
    }
    while (open > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('is not for this machine, nor for whom NO_PROXY names', async (test) => {
    const server = await site(test, says(podList('a')));
    const { seen, address } = await proxy(test, server.port);
    const { table } = await started(test, server.url, { env: { HTTP_PROXY: address } });
    assert.equal(table.entries.size, 1);
    assert.deepEqual(seen, []);
  });
});
