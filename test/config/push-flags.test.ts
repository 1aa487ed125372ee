// Flags about the push endpoint.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { addRunFlags, toRunOptions } from '../../src/config/flags.ts';

function parse(...args: string[]) {
  let said = '';
  const command = new Command('run').exitOverride().action(() => undefined);
  command.configureOutput({ writeErr: (text) => (said += text), writeOut: (text) => (said += text) });
  addRunFlags(command, { env: {}, hostname: 'node1' });
  try {
    command.parse(args, { from: 'user' });
  } catch {
    return { said };
  }
  return { said, options: toRunOptions(command) };
}

test('the port alone is a source of manifests; without it there is no endpoint', () => {
  const { options } = parse(
    '--manifest-push-port=8443',
    '--manifest-push-address=::',
    '--tls-cert-file=/a.crt',
  );
  assert.equal(options?.podManifestPath, undefined);
  assert.deepEqual(
    [options?.manifestPushPort, options?.manifestPushAddress, options?.tlsCertFile, options?.tlsMinVersion],
    [8443, '::', '/a.crt', 'VersionTLS12'],
  );
  assert.match(
    parse('--manifest-push-port=0').said,
    /no source of Pod manifests: .*--manifest-push-port=PORT/,
  );
});

test('TLS that is no longer safe is not offered', () => {
  const by = (version: string) => parse('--pod-manifest-path=/m', `--tls-min-version=${version}`);
  assert.equal(by('VersionTLS13').options?.tlsMinVersion, 'VersionTLS13');
  for (const version of ['VersionTLS10', 'VersionTLS11', '1.2', ''])
    assert.match(by(version).said, /VersionTLS12 or VersionTLS13/);
});

test('what is no port and no address is refused', () => {
  for (const wrong of [
    '--manifest-push-port=70000',
    '--manifest-push-port=https',
    '--manifest-push-address=localhost',
  ])
    assert.match(parse('--pod-manifest-path=/m', wrong).said, /invalid/, wrong);
});
