// What the push endpoint answers to each request.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ThreadGoneError } from '../../../src/actors/call.ts';
import { staticPod } from '../../sources/toy-decoder.ts';
import { ask, certificate, endpoint, put, removeDirectory, secret, token } from './scene.ts';

const pod = (version: number) => `pod web image:${version}`;
const gone = () => Promise.reject(new ThreadGoneError('the source thread has ended'));

before(() => {
  certificate('server');
  secret('tokens', `${token}\n`);
});
after(removeDirectory);

describe('a push', { timeout: 20_000 }, () => {
  it('answers with the verdict, and with 201 for what is new, 200 for what is known', async (test) => {
    const served = await endpoint(test);
    const first = await put(served, 'web', pod(1));
    assert.equal(first.status, 201);
    const { pod: shown, ...report } = JSON.parse(first.body);
    assert.deepEqual(report, { file: 'web', accepted: true, errors: [], warnings: [] });
    assert.equal(shown.metadata.name, 'web');
    assert.equal((await put(served, 'web', pod(1))).status, 200);
    const second = await put(served, 'web', pod(2));
    assert.equal(second.status, 200);
    assert.notEqual(second.headers.etag, first.headers.etag);
    assert.equal(served.table.image('push:web'), 'image:2');
  });

  it('that is refused is 422 with where and why, and the version before runs on', async (test) => {
    const served = await endpoint(test);
    const none = await put(served, 'web', 'nonsense');
    assert.equal(none.status, 422);
    const report = JSON.parse(none.body);
    assert.equal(report.accepted, false);
    assert.equal(report.file, 'web');
    assert.deepEqual([report.errors[0].line, report.errors[0].column], [2, 7]);
    assert.equal((await ask(served, '/manifests/web')).status, 404);
    await put(served, 'web', pod(1));
    const { status, headers } = await put(served, 'web', 'nonsense');
    assert.equal(status, 422);
    assert.equal(headers.etag, (await ask(served, '/manifests/web')).headers.etag);
    assert.equal(served.table.state('push:web'), 'kept');
    const { body } = await ask(served, '/manifests/web', { headers: { accept: 'application/json' } });
    const record = JSON.parse(body);
    assert.equal(record.state, 'kept');
    assert.equal(record.errors.length, 1);
    assert.equal(record.pod.spec.containers[0].image, 'image:1');
  });

  it('tells a person on request', async (test) => {
    const served = await endpoint(test);
    const headers = { accept: 'text/plain' };
    assert.equal(
      (await put(served, 'web', pod(1), { headers })).body,
      'web: accepted as Pod default/web\nweb: created\n',
    );
    const refused = await put(served, 'web', 'first\nnonsense', { headers });
    assert.match(refused.headers['content-type'] ?? '', /^text\/plain/);
    assert.match(
      refused.body,
      /^web:2:7: error: kind: Invalid value: .*\n +2 \| nonsense\n +\| {7}\^\nweb: rejected, 1 error\nweb: not changed, the version before stays\n$/,
    );
    const deleted = await ask(served, '/manifests/web', { method: 'DELETE', headers });
    assert.equal(deleted.body, 'web: deleted\n');
  });

  it('refuses a parameter that it does not know: a misspelt dryRun must not run anything', async (test) => {
    const served = await endpoint(test);
    const { status, body } = await put(served, 'web?dryrun=All', pod(1));
    assert.equal(status, 400);
    assert.equal(body, '"dryrun": no such parameter. Did you mean dryRun?\n');
    assert.equal((await ask(served, '/manifests/web')).status, 404);
    assert.equal((await put(served, 'web?fieldManager=me&pretty=true&timeout=1s', pod(1))).status, 201);
    const kept = await ask(served, '/manifests/web?dry-run=All', { method: 'DELETE' });
    assert.equal(kept.status, 400);
    assert.match(kept.body, /Did you mean dryRun/);
    assert.equal((await ask(served, '/manifests/web')).status, 200);
  });

  it('of a form is refused; of a text without its ends of lines the reason is told', async (test) => {
    const served = await endpoint(test);
    const type = (value: string) => ({ headers: { 'content-type': value } });
    const form = await put(served, 'web', pod(1), type('multipart/form-data; boundary=x'));
    assert.equal(form.status, 415);
    assert.match(form.body, /curl -T FILE/);
    const url = 'application/x-www-form-urlencoded';
    assert.equal((await put(served, 'web', pod(1), type(url))).status, 201);
    const { status, body } = await put(served, 'web', 'nonsense', type(url));
    assert.equal(status, 422);
    assert.match(JSON.parse(body).errors[0].message, / \(curl -d takes the ends of lines away: .*\)$/);
    const told = await put(served, 'web', 'nonsense', {
      headers: { 'content-type': url, accept: 'text/plain' },
    });
    assert.match(told.body, /\ncurl -d takes the ends of lines away: /);
    const lines = await put(served, 'web', 'nonsense\n', type(url));
    assert.doesNotMatch(lines.body, /curl/);
  });

  it('in a dry run changes nothing; what else dryRun says is refused', async (test) => {
    const served = await endpoint(test);
    assert.equal((await put(served, 'web?dryRun=All', pod(1))).status, 201);
    assert.deepEqual(readdirSync(served.pushed), []);
    await put(served, 'web', pod(1));
    assert.equal((await put(served, 'web?dryRun=All', pod(2))).status, 200);
    assert.equal((await put(served, 'web?dryRun=All', 'nonsense')).status, 422);
    assert.equal((await ask(served, '/manifests/web?dryRun=All', { method: 'DELETE' })).status, 200);
    assert.equal((await ask(served, '/manifests/no?dryRun=All', { method: 'DELETE' })).status, 404);
    for (const value of ['None', '', 'all', 'All&dryRun=No']) {
      assert.equal((await put(served, `web?dryRun=${value}`, pod(2))).status, 400, value);
      assert.equal((await ask(served, `/manifests/web?dryRun=${value}`, { method: 'DELETE' })).status, 400);
    }
    assert.equal(readFileSync(join(served.pushed, 'web'), 'utf8'), pod(1));
    assert.equal(served.table.state('push:web'), 'accepted');
  });

  it('is held to fieldValidation', async (test) => {
    const served = await endpoint(test);
    const text = 'pod web image:1 # no such field';
    assert.equal((await put(served, 'web?fieldValidation=Strict', text)).status, 422);
    assert.equal((await put(served, 'web?fieldValidation=strict', text)).status, 400);
    const warned = await put(served, 'web', text);
    assert.equal(JSON.parse(warned.body).warnings.length, 1);
  });

  it('goes through only over what its sender has seen', async (test) => {
    const served = await endpoint(test);
    const { headers } = await put(served, 'web', pod(1), { headers: { 'if-none-match': '*' } });
    const tag = headers.etag ?? '';
    assert.equal((await put(served, 'web', pod(2), { headers: { 'if-none-match': '*' } })).status, 412);
    assert.equal(
      (await put(served, 'web', pod(2), { headers: { 'if-match': `"other", ${tag}` } })).status,
      200,
    );
    assert.equal((await put(served, 'web', pod(3), { headers: { 'if-match': tag } })).status, 412);
    const removal = { method: 'DELETE', headers: { 'if-match': tag } };
    assert.equal((await ask(served, '/manifests/web', removal)).status, 412);
    assert.equal(served.table.image('push:web'), 'image:2');
  });

  it('whose Pod belongs to another manifest is taken, with a warning that says whose', async (test) => {
    const served = await endpoint(test);
    const holder = {
      sourceId: 'file:/m',
      origin: '/m/web.yaml',
      errors: [],
      warnings: [],
      reason: '',
      sinceMs: 0,
    };
    served.others.push({
      ...holder,
      state: 'running',
      staticPod: staticPod('/m/web.yaml', 'web', 'image:1'),
    });
    for (const query of ['?dryRun=All', '']) {
      const { status, body } = await put(served, `web${query}`, pod(1));
      assert.equal(status, 201);
      const [warning] = JSON.parse(body).warnings;
      assert.equal(warning.type, 'Duplicate value');
      assert.match(warning.message, /default\/web belongs to \/m\/web\.yaml/);
    }
    for (const other of served.others) other.state = 'conflict';
    assert.deepEqual(JSON.parse((await put(served, 'web', pod(1))).body).warnings, []);
  });

  it('comes back as it was sent', async (test) => {
    const served = await endpoint(test);
    await put(served, 'web', pod(1));
    const got = await ask(served, '/manifests/web');
    assert.deepEqual([got.status, got.body, got.headers['content-type']], [200, pod(1), 'application/yaml']);
    const head = await ask(served, '/manifests/web', { method: 'HEAD' });
    assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', `${pod(1).length}`]);
    const known = { headers: { 'if-none-match': got.headers.etag ?? '' } };
    assert.equal((await ask(served, '/manifests/web', known)).status, 304);
    const { items } = JSON.parse((await ask(served, '/manifests')).body);
    assert.equal(items.length, 1);
    const { name, state, staticPod: key, uid, since } = items[0];
    assert.deepEqual([name, state, key], ['web', 'running', 'default/web']);
    assert.ok(uid.length > 0 && /Z$/.test(since));
    assert.equal((await ask(served, '/manifests/web', { method: 'DELETE' })).status, 200);
    assert.equal((await ask(served, '/manifests/web')).status, 404);
    assert.equal((await ask(served, '/manifests/web', { method: 'DELETE' })).status, 404);
  });

  it('has a name that is one, whatever it is written as', async (test) => {
    const served = await endpoint(test);
    const names = [
      '..%2fweb',
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e',
      '.partial-1',
      'Web',
      '-web',
      'a_b',
      '%00',
      'web%0a',
      'a'.repeat(254),
    ];
    for (const name of names) {
      for (const method of ['PUT', 'GET', 'DELETE']) {
        const { status } = await ask(served, `/manifests/${name}`, {
          method,
          ...(method === 'PUT' && { body: pod(1) }),
        });
        assert.ok(status === 400 || (name === '%2e%2e' && status === 404), `${method} ${name}: ${status}`);
      }
    }
    assert.deepEqual(readdirSync(served.pushed), []);
    const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
    assert.equal((await put(served, longest, pod(1))).status, 201);
  });

  it('comes by its own method only', async (test) => {
    const served = await endpoint(test);
    for (const method of ['POST', 'PATCH', 'OPTIONS', 'TRACE'])
      assert.equal((await ask(served, '/manifests/web', { method })).status, 405, method);
    const { status, headers } = await ask(served, '/manifests', { method: 'PUT', body: pod(1) });
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD']);
    assert.equal((await ask(served, '/pods')).status, 404);
  });

  it('is 503 while the source is being started again, and 507 without room', async (test) => {
    const none = { put: gone, remove: gone, get: gone };
    const away = await endpoint(test, { calls: none });
    for (const method of ['PUT', 'GET', 'DELETE']) {
      const { status, headers } = await ask(away, '/manifests/web', {
        method,
        ...(method === 'PUT' && { body: pod(1) }),
      });
      assert.deepEqual([status, headers['retry-after']], [503, '1'], method);
    }
    const noRoom = async () => ({ outcome: 'full', message: 'there is no room' }) as const;
    const full = await endpoint(test, { calls: { ...none, put: noRoom } });
    assert.deepEqual((({ status, body }) => [status, body])(await put(full, 'web', pod(1))), [
      507,
      'there is no room\n',
    ]);
  });
});
