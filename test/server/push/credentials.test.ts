// What the push endpoint needs to begin with: each thing that can be wrong is said when monopod starts.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import { StartupError } from '../../../src/config/startup-error.ts';
import { type CredentialFiles, Credentials } from '../../../src/server/push/credentials.ts';
import { FreshFiles } from '../../../src/server/push/fresh-files.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { FakeClock } from '../../sources/fake-clock.ts';
import { at, certificate, removeDirectory, secret, token } from './scene.ts';

let logged: string[] = [];
const log = createLog({ format: 'text', verbosity: 0, write: (line) => logged.push(line), now: () => 0 });

before(() => {
  certificate('server');
  certificate('other');
  secret('tokens', `${token}\n`);
  secret('empty', '# none yet\n');
  secret('spaced', 'two words\n');
  secret('nonsense', 'nonsense');
  writeFileSync(at('open'), token);
  chmodSync(at('open'), 0o640);
  mkdirSync(at('folder'));
  const body = readFileSync(at('server.crt'), 'latin1').split('\n').slice(1, 3).join('\n');
  secret('damaged', `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`);
  secret('large', 'x'.repeat(2 * 1024 * 1024));
});
after(removeDirectory);

const good = () => ({
  tlsCertFile: at('server.crt'),
  tlsPrivateKeyFile: at('server.key'),
  manifestPushTokenFile: at('tokens'),
});

test('what is needed is enough', () => {
  const credentials = new Credentials(good(), { clock: systemClock, log });
  assert.ok(credentials.acceptsToken(token));
  assert.ok(!credentials.acceptsToken(''));
  assert.equal(credentials.authorities(), undefined);
  const { manifestPushTokenFile: _, ...rest } = good();
  const byCertificate = { ...rest, clientCaFile: at('other.crt') };
  assert.ok(!new Credentials(byCertificate, { clock: systemClock, log }).acceptsToken(token));
});

const wrong: [string, Partial<CredentialFiles>, RegExp][] = [
  ['no certificate', { tlsCertFile: undefined }, /needs --tls-cert-file and --tls-private-key-file/],
  ['no key', { tlsPrivateKeyFile: undefined }, /needs --tls-cert-file and --tls-private-key-file/],
  ['nobody may', { manifestPushTokenFile: undefined }, /--manifest-push-token-file or --client-ca-file/],
  [
    'a certificate that is not there',
    { tlsCertFile: '/no/such' },
    /--tls-cert-file \/no\/such.*no such file/,
  ],
  ['a certificate that is none', { tlsCertFile: '/dev/null' }, /--tls-cert-file \/dev\/null.*not a file/],
  ['a key that is none', { tlsPrivateKeyFile: 'nonsense' }, /--tls-private-key-file .*nonsense: .*PEM/],
  ['a certificate in pieces', { tlsCertFile: 'damaged' }, /--tls-cert-file .*damaged.*PEM/],
  ['the key of another', { tlsPrivateKeyFile: 'other.key' }, /do not belong together/],
  ['authorities without one', { clientCaFile: 'nonsense' }, /--client-ca-file .*no certificate in it/],
  ['authorities in pieces', { clientCaFile: 'damaged' }, /--client-ca-file .*PEM/],
  [
    'tokens that others can read',
    { manifestPushTokenFile: 'open' },
    /--manifest-push-token-file .*mode 0640.*chmod 600/,
  ],
  ['no tokens', { manifestPushTokenFile: 'empty' }, /no token in it/],
  ['tokens that are none', { manifestPushTokenFile: 'spaced' }, /one token a line/],
  ['tokens in a directory', { manifestPushTokenFile: 'folder' }, /not a file/],
  ['tokens without end', { manifestPushTokenFile: 'large' }, /larger than 1 MiB/],
];

for (const [what, files, message] of wrong)
  test(`refused at the start: ${what}`, () => {
    const absolute = Object.fromEntries(
      Object.entries(files).map(([flag, path]) => [flag, path?.startsWith('/') ? path : path && at(path)]),
    );
    assert.throws(
      () => new Credentials({ ...good(), ...absolute }, { clock: systemClock, log }),
      (error: Error) => {
        assert.ok(error instanceof StartupError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /two words|\n/);
        return true;
      },
    );
  });

test('a file is read again only when it has changed', () => {
  const clock = new FakeClock();
  clock.set(systemClock.now() + 60_000);
  let parsed = 0;
  const path = secret('watched', 'first');
  const parse = ([content]: Buffer[]) => {
    parsed += 1;
    if (String(content) === 'bad') throw new Error('it is bad');
    return String(content);
  };
  const files = new FreshFiles({ files: [{ flag: '--watched', path }], parse, clock, log });
  assert.deepEqual([files.now(), files.now(), parsed], ['first', 'first', 1]);
  logged = [];
  writeFileSync(path, 'second');
  assert.deepEqual([files.now(), files.now(), parsed], ['second', 'second', 2]);
  writeFileSync(path, 'bad');
  assert.deepEqual([files.now(), files.now(), parsed], ['second', 'second', 3]);
  assert.equal(logged.length, 2);
  assert.match(logged[1] ?? '', /--watched .*it is bad/);
  writeFileSync(path, 'third');
  assert.deepEqual([files.now(), parsed], ['third', 4]);
});
