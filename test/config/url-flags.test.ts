// Flags about the URL source: the kubelet's syntax, and no secret in any error.
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

const url = '--manifest-url=https://user:hunter2@h/m';
const refused = (...args: string[]): string => {
  const { options, said } = parse(...args);
  assert.equal(options, undefined, args.join(' '));
  assert.doesNotMatch(said, /hunter2/);
  return said;
};

test('headers as the kubelet reads them', () => {
  const { options } = parse(
    url,
    '--manifest-url-header=a:hello,b: again ,,c:http://x:1',
    '--manifest-url-header=b:beautiful',
  );
  assert.deepEqual(options?.manifestUrlHeader, {
    a: ['hello'],
    b: ['again', 'beautiful'],
    c: ['http://x:1'],
  });
});

test('a bad header is refused without being shown', () => {
  assert.match(refused(url, '--manifest-url-header=hunter2'), /must be name:value/);
  assert.match(refused(url, '--manifest-url-header=:hunter2'), /must be name:value/);
  assert.match(refused(url, '--manifest-url-header=a b:hunter2'), /must be name:value/);
  assert.match(refused(url, '--manifest-url-header=token:hunter2\r\nx: y'), /value of token/);
});

test('a bad URL is refused without being shown', () => {
  for (const bad of [
    'hunter2',
    'ftp://u:hunter2@h/',
    'file:///hunter2',
    'https://u:hunter2@',
    'user:hunter2@h/m',
  ])
    assert.match(refused(`--manifest-url=${bad}`), /must be http:\/\/host\/path or https:/);
});

test('what belongs together', () => {
  assert.match(refused(url, '--manifest-url-client-cert-file=/c'), /belong together/);
  assert.match(refused('--pod-manifest-path=/m', '--manifest-url-header=a:hunter2'), /no --manifest-url/);
  const { options } = parse('--manifest-url=', '--pod-manifest-path=/m', '--http-check-frequency=1m');
  assert.deepEqual([options?.manifestUrl, options?.httpCheckFrequencyMs], ['', 60_000]);
  assert.match(refused('--manifest-url='), /no source of Pod manifests/);
});
