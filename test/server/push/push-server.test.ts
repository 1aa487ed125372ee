// The push endpoint over TLS: who may push, and clients that misbehave.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import {
  ask,
  at,
  certificate,
  type Endpoint,
  endpoint,
  pem,
  put,
  removeDirectory,
  secret,
  token,
} from './scene.ts';

const pod = (version: number) => `pod web image:${version}`;

before(() => {
  for (const name of ['server', 'authority', 'stranger']) certificate(name);
  certificate('client', 'authority');
  certificate('intruder', 'stranger');
  secret('tokens', `# of the deploy job\n${token}\n\nb3RoZXI=\n`);
});
after(removeDirectory);

describe('who may push', { timeout: 20_000 }, () => {
  const anyBody = { method: 'PUT', body: pod(1) };
  const status = async (served: Endpoint, asked: Parameters<typeof ask>[2]) =>
    (await ask(served, '/manifests/web', { ...anyBody, ...asked })).status;

  it('has one of the tokens, in its whole length', async (test) => {
    const served = await endpoint(test);
    assert.equal(await status(served, { token: 'b3RoZXI=' }), 201);
    for (const wrong of ['', 'wrong', `${token}x`, token.slice(1), token.toUpperCase(), '#'])
      assert.equal(await status(served, { token: wrong }), 401, wrong);
    assert.equal(await status(served, { token: '', headers: { authorization: `Basic ${token}` } }), 401);
    const refused = await ask(served, '/manifests', { token: 'wrong' });
    assert.equal(refused.headers['www-authenticate'], 'Bearer realm="monopod"');
    assert.equal(await status(served, { token: '', client: 'client' }), 401);
  });

  it('or a certificate of the authority, and of no other', async (test) => {
    const served = await endpoint(test, { files: { clientCaFile: at('authority.crt') } });
    assert.equal(await status(served, { token: '', client: 'client' }), 201);
    assert.equal(await status(served, { token: '', client: 'intruder' }), 401);
    assert.equal(await status(served, { token: '', client: 'server' }), 401);
    assert.equal(await status(served, { token: '' }), 401);
    assert.equal(await status(served, {}), 401);
  });

  it('where both are asked for, either will do', async (test) => {
    const files = { clientCaFile: at('authority.crt'), manifestPushTokenFile: at('tokens') };
    const served = await endpoint(test, { files });
    assert.equal(await status(served, { token: '', client: 'client' }), 201);
    assert.equal(await status(served, { token: 'wrong', client: 'client' }), 200);
    assert.equal(await status(served, { client: 'intruder' }), 200);
    assert.equal(await status(served, { token: 'wrong', client: 'intruder' }), 401);
  });

  it('is told in the log once a minute, without what was shown', async (test) => {
    const served = await endpoint(test);
    for (let attempt = 0; attempt < 5; attempt++) await status(served, { token: 'cGFzc3dvcmQ' });
    assert.equal(served.logged.length, 1);
    served.clock.advance(60_000);
    await status(served, { token: '' });
    assert.equal(served.logged.length, 2);
    assert.match(served.logged[1] ?? '', /attempts=5/);
    assert.doesNotMatch(served.logged.join(), /cGFzc3dvcmQ/);
  });

  it('is told in the log with what was done', async (test) => {
    const files = { clientCaFile: at('authority.crt'), manifestPushTokenFile: at('tokens') };
    const served = await endpoint(test, { files });
    await status(served, { client: 'client' });
    await status(served, { method: 'GET', body: undefined });
    await status(served, { body: 'nonsense' });
    // It is told when all of the answer has gone out, which the client may see first.
    while (served.logged.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const [first = '', second = ''] = served.logged;
    assert.match(first, /request="PUT \/manifests\/web" client=127\.0\.0\.1 certificate=client status=201\n/);
    assert.match(second, /client=127\.0\.0\.1 status=422\n/);
    assert.doesNotMatch(served.logged.join(), new RegExp(token));
  });

  it('is settled before a body is read', async (test) => {
    const served = await endpoint(test);
    const socket = connect({
      port: served.port,
      host: '127.0.0.1',
      ca: pem('server.crt'),
      servername: 'localhost',
    });
    test.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    socket.write(
      'PUT /manifests/web HTTP/1.1\r\nhost: x\r\ncontent-length: 9000000\r\nexpect: 100-continue\r\n\r\n',
    );
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 401 /);
    await once(socket, 'close');
  });

  it('follows the files as they change, without a restart', async (test) => {
    const own = secret('own-tokens', 'Zmlyc3Q=\n');
    copyFileSync(at('authority.crt'), at('own-ca.crt'));
    const files = { clientCaFile: at('own-ca.crt'), manifestPushTokenFile: own };
    const served = await endpoint(test, { files });
    assert.equal(await status(served, { token: 'Zmlyc3Q=' }), 201);
    secret('own-tokens', 'c2Vjb25k\n');
    assert.equal(await status(served, { token: 'Zmlyc3Q=' }), 401);
    assert.equal(await status(served, { token: 'c2Vjb25k' }), 200);
    chmodSync(own, 0o644);
    assert.equal(await status(served, { token: 'c2Vjb25k' }), 401);
    assert.match(served.logged.join(), /mode 0644/);
    chmodSync(own, 0o600);
    assert.equal(await status(served, { token: 'c2Vjb25k' }), 200);
    rmSync(own);
    assert.equal(await status(served, { token: 'c2Vjb25k' }), 401);

    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    test.after(() => agent.destroy());
    const get = { token: '', client: 'client', agent, method: 'GET', body: undefined };
    assert.equal(await status(served, get), 200);
    copyFileSync(at('stranger.crt'), at('own-ca.crt'));
    assert.equal(await status(served, get), 401, 'not by the connection that it has');
    assert.equal(await status(served, { ...get, agent: undefined }), 401, 'nor by another');
    assert.equal(await status(served, { token: '', client: 'intruder' }), 200);
    writeFileSync(at('own-ca.crt'), 'nothing');
    assert.equal(await status(served, { token: '', client: 'intruder' }), 200, 'the last good ones go on');
    assert.doesNotMatch(served.logged.join(), /Zmlyc3Q|c2Vjb25k/);
  });

  it('sees the certificate that is on disk; half of a new pair changes nothing', async (test) => {
    for (const end of ['crt', 'key']) copyFileSync(at(`server.${end}`), at(`own.${end}`));
    const files = {
      tlsCertFile: at('own.crt'),
      tlsPrivateKeyFile: at('own.key'),
      manifestPushTokenFile: at('tokens'),
    };
    const served = await endpoint(test, { files });
    const shown = async () => {
      const socket = connect({ port: served.port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return CN;
    };
    assert.equal(await shown(), 'server');
    copyFileSync(at('stranger.crt'), at('own.crt'));
    assert.equal(await shown(), 'server');
    copyFileSync(at('stranger.key'), at('own.key'));
    assert.equal(await shown(), 'stranger');
  });

  it('speaks a TLS that is new enough', async (test) => {
    const served = await endpoint(test, { tlsMinVersion: 'VersionTLS13' });
    await assert.rejects(ask(served, '/manifests', { maxVersion: 'TLSv1.2' }));
    assert.equal((await ask(served, '/manifests')).status, 200);
  });
});

describe('a client with much to push', { timeout: 20_000 }, () => {
  it('keeps its connection', async (test) => {
    const served = await endpoint(test);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    test.after(() => agent.destroy());
    const { headers } = await put(served, 'web', pod(1), { agent });
    assert.notEqual(headers.connection, 'close');
    assert.equal((await put(served, 'api', 'pod api image:1', { agent })).status, 201);
    const unread = await put(served, 'web?dryRun=No', pod(1), { agent });
    assert.deepEqual([unread.status, unread.headers.connection], [400, 'close']);
  });
});

describe('a client that misbehaves', { timeout: 20_000 }, () => {
  const open = async (served: Endpoint, head: string) => {
    const socket = connect({
      port: served.port,
      host: '127.0.0.1',
      ca: pem('server.crt'),
      servername: 'localhost',
    });
    await once(socket, 'secureConnect');
    socket.write(
      `PUT /manifests/web HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${head}\r\n\r\n`,
    );
    return socket;
  };

  it('sends too much: 413, whether it says so or not', async (test) => {
    const served = await endpoint(test);
    const large = Buffer.alloc(10 * 1024 * 1024 + 1, '#');
    assert.equal((await put(served, 'web', large, { headers: { expect: '100-continue' } })).status, 413);
    const socket = await open(served, 'transfer-encoding: chunked');
    test.after(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write(`${large.length.toString(16)}\r\n`);
    socket.write(large);
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 413 /);
    assert.ok(!existsSync(join(served.pushed, 'web')));
  });

  it('says that what it sends is compressed: 415', async (test) => {
    const served = await endpoint(test);
    assert.equal((await put(served, 'web', pod(1), { headers: { 'content-encoding': 'gzip' } })).status, 415);
  });

  it('goes away half-way: nothing has changed, and nothing is logged', async (test) => {
    const served = await endpoint(test);
    await put(served, 'web', pod(1));
    const socket = await open(served, 'content-length: 1000');
    socket.write(pod(2));
    socket.end();
    socket.destroy();
    await once(socket, 'close');
    assert.equal((await put(served, 'web', pod(1))).status, 200);
    assert.equal(served.table.image('push:web'), 'image:1');
    assert.deepEqual(
      served.logged.filter((line) => !line.includes('status=20')),
      [],
    );
  });

  it('stalls in the middle of a body: it is cut off', async (test) => {
    const bounds = { requestTimeout: 200, headersTimeout: 200, connectionsCheckingInterval: 50 };
    const served = await endpoint(test, { bounds });
    const socket = await open(served, 'content-length: 1000');
    socket.write('pod ');
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.equal(served.table.entries.size, 0);
    assert.deepEqual(served.logged, []);
  });

  it('fills the headers: 431', async (test) => {
    const served = await endpoint(test);
    assert.equal(
      (await ask(served, '/manifests', { headers: { 'x-large': 'x'.repeat(20_000) } })).status,
      431,
    );
  });

  it('pushes more at a time than there is room for: 429', async (test) => {
    const served = await endpoint(test);
    const stalled = await Promise.all(Array.from({ length: 8 }, () => open(served, 'content-length: 1000')));
    let last = { status: 0 };
    for (let attempt = 0; attempt < 200 && last.status !== 429; attempt++)
      last = await put(served, 'web?dryRun=All', pod(1));
    assert.equal(last.status, 429);
    for (const socket of stalled) socket.destroy();
    for (let attempt = 0; attempt < 200 && last.status === 429; attempt++)
      last = await put(served, 'web', pod(1));
    assert.equal(last.status, 201);
  });
});
