// Which logins of a Docker config are for which image.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginsFor, readDockerConfig, readDockercfg } from '../../../src/engine/registry/keyring.ts';

const auth = (username: string, password = 'secret') => ({
  auth: Buffer.from(`${username}:${password}`).toString('base64'),
});

const cases: [what: string, places: string[], repository: string, expected: string[]][] = [
  ['the host', ['r.example'], 'r.example/app', ['r.example']],
  ['with a scheme', ['https://r.example'], 'r.example/app', ['https://r.example']],
  ['a port is part of it', ['r.example:5000', 'r.example'], 'r.example:5000/app', ['r.example:5000']],
  ['/v1/ and /v2/ are the host', ['https://r.example/v2/'], 'r.example/app', ['https://r.example/v2/']],
  ['a path is a beginning', ['r.example/team'], 'r.example/team/app', ['r.example/team']],
  ['… of that path only', ['r.example/team'], 'r.example/other/app', []],
  [
    'the longest first, then the others',
    ['r.example', 'r.example/team/app', 'r.example/team'],
    'r.example/team/app',
    ['r.example/team/app', 'r.example/team', 'r.example'],
  ],
  ['a glob is for one label', ['*.example.com'], 'eu.example.com/app', ['*.example.com']],
  ['… not for two', ['*.example.com'], 'a.b.example.com/app', []],
  ['… nor for none', ['*.example.com'], 'example.com/app', []],
  ['part of a label', ['r-*.example'], 'r-eu.example/app', ['r-*.example']],
  ['? and classes', ['r?.[a-e]xample'], 'r1.example/app', ['r?.[a-e]xample']],
  ['a dot is a dot', ['r.exam+le'], 'r.exammle/app', []],
  [
    'Docker Hub by its old name',
    ['https://index.docker.io/v1/'],
    'docker.io/library/app',
    ['https://index.docker.io/v1/'],
  ],
  [
    '… only if no other is for it',
    ['docker.io', 'https://index.docker.io/v1/'],
    'docker.io/a/b',
    ['docker.io'],
  ],
  ['another registry', ['r.example'], 'docker.io/library/app', []],
];
for (const [what, places, repository, expected] of cases)
  test(`${what}: ${repository}`, () => {
    const auths = Object.fromEntries(places.map((place) => [place, auth(place.replaceAll(':', ';'))]));
    const keyring = readDockerConfig(JSON.stringify({ auths }), assert.fail) ?? [];
    const found = loginsFor(keyring, repository).map(({ username }) => username.replaceAll(';', ':'));
    assert.deepEqual(found, expected);
  });

test('a login is auth, or username and password; a password may hold colons', () => {
  const auths = {
    'a.example': auth('ann', 'x:y'),
    'b.example': { username: 'bob', password: 'p' },
    'c.example': {},
  };
  const keyring = readDockerConfig(JSON.stringify({ auths }), assert.fail) ?? [];
  assert.deepEqual(loginsFor(keyring, 'a.example/i'), [{ username: 'ann', password: 'x:y' }]);
  assert.deepEqual(loginsFor(keyring, 'b.example/i'), [{ username: 'bob', password: 'p' }]);
  assert.deepEqual(loginsFor(keyring, 'c.example/i'), []);
  const older = readDockercfg(JSON.stringify(auths), assert.fail);
  assert.equal(loginsFor(older, 'a.example/i').length, 1);
});

test('an entry that is wrong costs that entry, and nothing secret is said of it', () => {
  const said: string[] = [];
  const broken = { auth: Buffer.from('sesame').toString('base64') };
  const auths = { 'a.example': broken, 'b.example': 'x', 'c.example': auth('c') };
  const keyring = readDockerConfig(JSON.stringify({ auths }), (trouble) => said.push(trouble)) ?? [];
  assert.deepEqual(loginsFor(keyring, 'c.example/i'), [{ username: 'c', password: 'secret' }]);
  assert.equal(said.length, 2);
  assert.match(said[0] ?? '', /"a\.example".*username:password/);
  assert.doesNotMatch(said.join(), new RegExp(`sesame|${broken.auth}`));
});

test('what is no JSON is said to be so without quoting it', () => {
  assert.throws(() => readDockerConfig('{"auths": {"r": {"auth": "c2Vzc2FtZQ', assert.fail), {
    message: 'it is not JSON',
  });
});

test('a config.json without logins is none of Docker; with a helper only it is, and that is said', () => {
  assert.equal(readDockerConfig('{"port": 80}', assert.fail), undefined);
  const said: string[] = [];
  const keyring = readDockerConfig('{"credsStore": "pass"}', (trouble) => said.push(trouble));
  assert.deepEqual(keyring, []);
  assert.match(said[0] ?? '', /credsStore.*not asked/);
});
