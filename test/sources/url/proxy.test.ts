// The proxy variables as Go reads them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFor } from '../../../src/sources/url/proxy.ts';

const proxied = (url: string, env: Record<string, string>) => {
  const proxy = proxyFor(new URL(url), env);
  return proxy && ('url' in proxy ? proxy.url : proxy.unsupported);
};

test('each scheme has its variable, in either case; the upper one comes first', () => {
  const env = { HTTP_PROXY: 'http://p:1', https_proxy: 'p:2', http_proxy: 'http://q:3' };
  assert.equal(proxied('http://h/', env), 'http://p:1/');
  assert.equal(proxied('https://h/', env), 'http://p:2/');
  assert.equal(proxied('https://h/', { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: '' }), undefined);
});

test('a proxy that cannot be used is not gone around', () => {
  assert.match(
    proxied('http://h/', { HTTP_PROXY: 'socks5://u:secret@p:1' }) ?? '',
    /socks5:\/\/ proxy: only/,
  );
  assert.match(proxied('http://h/', { HTTP_PROXY: 'http://u:secret@' }) ?? '', /HTTP_PROXY is no URL/);
  assert.doesNotMatch(proxied('http://h/', { HTTP_PROXY: 'http://u:secret@' }) ?? '', /secret/);
});

for (const [noProxy, direct, through] of [
  ['', 'localhost 127.0.0.1 127.9.9.9:80 [::1] LOCALHOST', 'h 10.0.0.1'],
  ['*', 'h 10.0.0.1 [2001:db8::1]', ''],
  [
    'example.com',
    'example.com EXAMPLE.com a.example.com example.com. example.com:8080',
    'xexample.com example.org',
  ],
  ['.example.com', 'a.example.com', 'example.com xexample.com'],
  ['*.example.com', 'a.example.com', 'example.com'],
  ['example.com:8080', 'example.com:8080 a.example.com:8080', 'example.com example.com:80'],
  ['h:80, 10.1.2.3', 'h 10.1.2.3 10.1.2.3:99', 'h:81 10.1.2.4 10.1.2.30'],
  ['10.0.0.0/8,2001:db8::/32', '10.255.0.1 [2001:db8::5]', '11.0.0.1 [2001:db9::5] h'],
  ['10.0.0.0/99, x/8, ,', '', '10.0.0.1 h'],
  ['2001:db8::1', '[2001:db8::1]', '[2001:db8::2]'],
] as const)
  test(`NO_PROXY=${noProxy}`, () => {
    const env = { HTTP_PROXY: 'http://p:1', NO_PROXY: noProxy };
    for (const host of direct.split(' ').filter(Boolean))
      assert.equal(proxied(`http://${host}/`, env), undefined, host);
    for (const host of through.split(' ').filter(Boolean))
      assert.equal(proxied(`http://${host}/`, env), 'http://p:1/', host);
  });
