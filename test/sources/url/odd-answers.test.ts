// Answers that are right in an odd way, or wrong in one that a person has to understand: validators that lie, redirects
// that change, encodings, statuses, and TLS that fails for a reason.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { temporary } from '../directory/scene.ts';
import { certificate, documents, type Handler, pod, podList, Site, says, site, started } from './scene.ts';

const secondsAgo = (seconds: number) => ({
  date: 'Mon, 01 Jan 2024 00:00:30 GMT',
  'last-modified': `Mon, 01 Jan 2024 00:00:${30 - seconds} GMT`,
});
/** As a server does that knows one version. */
const unlessKnown =
  (name: string, body: string, headers: Record<string, string> = {}): Handler =>
  (request, response) =>
    request.headers[name] === undefined
      ? response.writeHead(200, headers).end(body)
      : response.writeHead(304).end();

describe('a status', () => {
  for (const [status, shows] of [
    [401, 'it answers 401 Unauthorized'],
    [403, 'it answers 403 Forbidden'],
    [429, 'it answers 429 Too Many Requests'],
    [503, 'it answers 503 Service Unavailable'],
  ] as const)
    it(`${status} is told, and the Pods stay, whatever its body is`, async (test) => {
      const server = await site(test, says(podList('a', 'b')));
      const { table, source } = await started(test, server.url);
      server.handler = (_, response) =>
        response.writeHead(status, { 'retry-after': '3600', 'www-authenticate': 'Basic' }).end(podList());
      await source.rescan();
      assert.deepEqual([table.unreadable, table.entries.size], [shows, 2]);
    });
});

describe('what says that it is as it was', () => {
  it('and is not: the same ETag with another content', async (test) => {
    const server = await site(test, says(podList('a'), { etag: 'W/"1"' }));
    const { table, source } = await started(test, server.url);
    server.handler = says(podList('a', 'b'), { etag: 'W/"1"' });
    await source.rescan();
    assert.equal(server.requests[1]?.headers['if-none-match'], 'W/"1"');
    assert.equal(table.entries.size, 2);
  });

  for (const [seconds, etag] of [
    [0, undefined],
    [1, undefined],
    [1, '"65920080-1f"'],
  ] as const)
    it(`and may change within the second: modified ${seconds} s ago, ETag ${etag}`, async (test) => {
      const headers = { ...secondsAgo(seconds), ...(etag && { etag }) };
      const server = await site(test, says(podList('a'), headers));
      const { table, source } = await started(test, server.url);
      const known = etag === undefined ? 'if-modified-since' : 'if-none-match';
      server.handler = unlessKnown(known, podList('b'), headers);
      await source.rescan();
      assert.deepEqual([...table.entries.keys()], [`${server.url}#default/b`]);
    });

  it('by Last-Modified alone, once that is no longer fresh', async (test) => {
    const server = await site(test, says(podList('a'), secondsAgo(0)));
    const { table, source } = await started(test, server.url);
    server.handler = says(podList('a'), secondsAgo(20));
    await source.rescan();
    server.handler = unlessKnown('if-modified-since', podList('never'));
    await source.rescan();
    assert.equal(server.requests[2]?.headers['if-modified-since'], 'Mon, 01 Jan 2024 00:00:10 GMT');
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
  });

  it('means nothing to another server, which may give the same name to something else', async (test) => {
    const other = await site(test, unlessKnown('if-none-match', podList('b'), { etag: '"1"' }));
    const server = await site(test, says(podList('a'), { etag: '"1"' }));
    const { table, source } = await started(test, server.url);
    server.handler = (_, response) => response.writeHead(302, { location: other.url }).end();
    await source.rescan();
    assert.deepEqual([...table.entries.keys()], [`${server.url}#default/b`]);
    // Of that one it is known now; the first was not asked whether it is as it was.
    await source.rescan();
    assert.deepEqual(
      [...server.requests, ...other.requests].map(({ headers }) => headers['if-none-match']),
      [undefined, '"1"', undefined, undefined, '"1"'],
    );
    assert.equal(table.unreadable, undefined);
  });
});

it('a redirect to an address with a signature: it is secret, and not news each time', async (test) => {
  let signature = 0;
  const store = await site(test, (_, response) => response.writeHead(403).end());
  const server = await site(test, (_, response) =>
    response.writeHead(302, { location: `${store.url}?X-Signature=hunter${++signature}` }).end(),
  );
  const { table, source } = await started(test, server.url);
  await source.rescan();
  assert.equal(store.requests[1]?.url, '/pods?X-Signature=hunter2');
  assert.equal(table.unreadable, `it answers 403 Forbidden (at ${store.url}?…, to which it redirects)`);
  assert.equal(table.updates.length, 1);
});

it('an address of IPv6', async (test) => {
  const server = new Site(says(podList('a')));
  await new Promise<void>((resolve) => server.server.listen(0, '::1', resolve));
  test.after(() => server.close());
  const url = `http://[::1]:${server.port}/pods`;
  const { table } = await started(test, url, { env: { HTTP_PROXY: 'http://127.0.0.1:1' } });
  assert.deepEqual([table.unreadable, [...table.entries.keys()]], [undefined, [`${url}#default/a`]]);
});

describe('a body', () => {
  it('with a byte order mark, by any type of content, in several gzips', async (test) => {
    const text = Buffer.from(documents(`\ufeff${pod('a')}`, pod('b')));
    const server = await site(test, says(text, { 'content-type': 'text/html; charset=latin1' }));
    const { table, source } = await started(test, server.url);
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 2]);
    const members = Buffer.concat([gzipSync(pod('a')), gzipSync(`---\n${pod('c')}`)]);
    server.handler = says(members, { 'content-encoding': 'X-GZIP' });
    await source.rescan();
    assert.deepEqual([...table.entries.keys()].sort(), [
      `${server.url}#default/a`,
      `${server.url}#default/c`,
    ]);
  });

  it('that is a PodList with one item at fault: none of it, and which', async (test) => {
    const server = await site(test, says(podList('a')));
    const { table, source } = await started(test, server.url);
    server.handler = says(podList('b', 'Bad', 'c'));
    await source.rescan();
    assert.match(table.unreadable ?? '', /not taken: 1 of its 3 documents: default\/Bad: .*items\[1\]/);
    const runs = [...table.entries.values()].flatMap(({ staticPod }) => staticPod?.key ?? []);
    assert.deepEqual(runs, ['default/a-node']);
  });

  it('that is a v1 List is no Pod and no PodList, as for the kubelet', async (test) => {
    const server = await site(test, says(podList('a')));
    const { table, source } = await started(test, server.url);
    server.handler = says(podList('a').replace('"PodList"', '"List"'));
    await source.rescan();
    assert.match(table.unreadable ?? '', /not taken: .*List/);
    assert.equal(table.entries.size, 2);
  });
});

describe('TLS that fails', () => {
  it('as what listens there speaks none', async (test) => {
    const server = await site(test, says(podList('a')));
    const { table, source } = await started(test, server.url.replace('http:', 'https:'));
    assert.match(table.unreadable ?? '', /^it does not speak TLS: .* begins with http:\/\/$/);
    await source.rescan();
    assert.equal(table.updates.length, 1, 'the same is not said again');
  });

  it('as its certificate has expired', async (test) => {
    const { files, pem } = expired(temporary(test));
    const server = await site(test, says(podList('a')), pem);
    const { table } = await started(test, server.url, { files: { ca: files.cert } });
    assert.equal(table.unreadable, 'its certificate has expired');
  });

  it('until the client certificate is replaced, with no restart', async (test) => {
    const dir = temporary(test);
    const [server, before, after] = ['server', 'before', 'after'].map((name) => certificate(dir, name));
    assert.ok(server && before && after);
    const strict = { ...server.pem, ca: before.pem.cert, requestCert: true, rejectUnauthorized: true };
    const secure = await site(test, says(podList('a')), strict);
    const files = { ca: server.files.cert, ...before.files };
    const { table, source } = await started(test, secure.url, { files });
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
    (secure.server as import('node:https').Server).setSecureContext({ ...strict, ca: after.pem.cert });
    await source.rescan();
    assert.ok(table.unreadable);
    assert.doesNotMatch(table.unreadable, /error:|EPROTO/);
    for (const kind of ['cert', 'key'] as const) copyFileSync(after.files[kind], before.files[kind]);
    await source.rescan();
    assert.deepEqual([table.unreadable, table.entries.size], [undefined, 1]);
  });
});

/** For 127.0.0.1, in January 2020. */
function expired(directory: string) {
  const at = (name: string) => join(directory, name);
  const openssl = (line: string) =>
    execFileSync('openssl', line.split(' '), { stdio: 'pipe', cwd: directory });
  const files = { cert: at('expired.crt'), key: at('expired.key') };
  mkdirSync(at('issued'));
  writeFileSync(at('index'), '');
  writeFileSync(at('serial'), '01\n');
  writeFileSync(
    at('ca.conf'),
    '[ca]\ndefault_ca=x\n[x]\ndatabase=index\nserial=serial\nnew_certs_dir=issued\ndefault_md=sha256\npolicy=p\n' +
      'x509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\n',
  );
  openssl(
    `req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=expired -keyout ${files.key} -out expired.csr`,
  );
  openssl(
    `ca -batch -notext -config ca.conf -selfsign -keyfile ${files.key} -in expired.csr -out ${files.cert} -startdate 20200101000000Z -enddate 20200102000000Z`,
  );
  return { files, pem: { cert: readFileSync(files.cert), key: readFileSync(files.key) } };
}
