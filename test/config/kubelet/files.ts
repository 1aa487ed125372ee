// Configuration files in a directory of their own, and what `monopod run` makes of them with a command line.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { Command, type CommanderError } from 'commander';
import { addRunFlags, normaliseFlagNames, toRunOptions } from '../../../src/config/flags.ts';
import type { ConfigReader } from '../../../src/config/kubelet/document.ts';
import type { ConfigInUse } from '../../../src/config/kubelet/in-use.ts';
import type { RunOptions } from '../../../src/config/options.ts';
import { nearName } from '../../../src/kubernetes/near-name.ts';
import { readDocument } from '../../../src/manifest/read-document.ts';

const scratch = mkdtempSync(join(tmpdir(), 'monopod config-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

export const reader: ConfigReader = { read: readDocument, nearName };

const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

/** Of a KubeletConfiguration: keys begin at line 3. */
export const text = (keys: string): string => head + keys;

export type Outcome = {
  options?: RunOptions;
  config?: ConfigInUse;
  error: string;
  path: (name: string) => string;
};

/** `files`: name to keys; `config.yaml` becomes --config, and what is in `conf.d/` --config-dir. */
export async function start(
  files: Record<string, string>,
  line: string[] = [],
  surroundings: { env?: Record<string, string> } = {},
): Promise<Outcome> {
  const directory = mkdtempSync(join(scratch, 'c-'));
  const path = (name: string) => join(directory, name);
  for (const [name, keys] of Object.entries(files)) write(path(name), text(keys));
  const flags = [
    ...(files['config.yaml'] === undefined ? [] : [`--config=${path('config.yaml')}`]),
    ...(Object.keys(files).some((name) => name.startsWith('conf.d/'))
      ? [`--config-dir=${path('conf.d')}`]
      : []),
  ];
  return { ...(await startWith([...flags, ...line], surroundings)), path };
}

export function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

export async function startWith(
  args: string[],
  { env = {} }: { env?: Record<string, string> } = {},
): Promise<Omit<Outcome, 'path'>> {
  const outcome: Omit<Outcome, 'path'> = { error: '' };
  const command = new Command('run').exitOverride().configureOutput({
    writeErr: (written) => {
      outcome.error += written;
    },
  });
  const config = addRunFlags(command, { env, hostname: 'node1' }, async () => reader);
  command.action(() => {
    const inUse = config();
    Object.assign(outcome, { options: toRunOptions(command), ...(inUse && { config: inUse }) });
  });
  try {
    await command.parseAsync(normaliseFlagNames(args, command), { from: 'user' });
  } catch (error) {
    if (!(error as CommanderError).code?.startsWith('commander.')) throw error;
  }
  return outcome;
}

export async function accepted(
  ...given: Parameters<typeof start>
): Promise<{ options: RunOptions; config: ConfigInUse; path: Outcome['path'] }> {
  const { options, config, error, path } = await start(...given);
  assert.ok(options && config, `refused: ${error}`);
  return { options, config, path };
}

/** What is said, with the file's place but without its directory: `config.yaml:3:1: ...`. */
export async function refused(...given: Parameters<typeof start>): Promise<string> {
  const { options, error, path } = await start(...given);
  assert.equal(options, undefined, 'accepted');
  return error.replaceAll(path('/'), '');
}
