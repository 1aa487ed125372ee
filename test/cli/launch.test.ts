import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';

const repository = join(import.meta.dirname, '../..');
const brought = `node-${process.platform}-${process.arch}`;
const broughtDirectory = dirname(createRequire(import.meta.url).resolve(`${brought}/package.json`));
const scratch = mkdtempSync(join(tmpdir(), 'monopod-launch-'));
after(() => rmSync(scratch, { recursive: true }));

/** Stands for the rest of monopod: says how it was started, then does what its first argument says. */
const program = `
  const [what, value] = process.argv.slice(2);
  const { pid, version, env } = process;
  console.log(JSON.stringify({ pid, version, args: process.argv.slice(2), marked: 'MONOPOD_LAUNCHED_BY' in env }));
  if (what === 'exit') process.exitCode = Number(value);
  if (what === 'die') process.kill(process.pid, value);
  if (what === 'echo') process.stdin.pipe(process.stdout);
  if (what === 'wait') {
    setInterval(() => {}, 1e6);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => { console.log(signal); process.exit(3); });
    console.log('waiting');
  }`;

/** Makes a package with the real launcher, and the Node it brings nested in it, hoisted above it, or not there. */
function install(layout: 'nested' | 'hoisted' | 'none'): string {
  const root = mkdtempSync(join(scratch, 'node_modules-'));
  const home = join(root, 'node_modules/monopod');
  mkdirSync(join(home, 'dist'), { recursive: true });
  mkdirSync(join(home, 'node_modules'));
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
  writeFileSync(join(home, 'dist/cli.cjs'), program);
  cpSync(join(repository, 'dist/monopod.js'), join(home, 'dist/monopod.js'));
  const target = join(layout === 'nested' ? home : root, 'node_modules', brought);
  if (layout !== 'none') symlinkSync(broughtDirectory, target);
  // As npm does it: the command is a link.
  symlinkSync(join(home, 'dist/monopod.js'), join(root, 'monopod'));
  return join(root, 'monopod');
}

/** Makes this Node say it is version 20, for the launcher alone, with or without the process.execve of later ones. */
function disguise(execve: boolean): string[] {
  const script = `
    process.execArgv = [];
    Object.defineProperty(process, 'version', { value: 'v20.1.2' });
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.2' } });
    ${execve ? '' : 'process.execve = undefined;'}`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}

type Old = { name: string; command: string[] };
const olds: Old[] = [
  { name: 'an old Node', command: [process.execPath, ...disguise(false)] },
  { name: 'an old Node that has execve', command: [process.execPath, ...disguise(true)] },
  ...(await oldNodesOfThisMachine()),
];

/** What the PATH has besides ours, each version once. */
async function oldNodesOfThisMachine(): Promise<Old[]> {
  const found = new Map<string, Old>();
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(directory, 'node');
    if (!existsSync(node)) continue;
    const version = (await outcome(spawn(node, ['--version']))).out.trim();
    if (/^v(1[4-9]|2[0-5])\./.test(version)) found.set(version, { name: `Node ${version}`, command: [node] });
  }
  return [...found.values()];
}

function start(old: Old, launcher: string, args: string[], env = {}): ChildProcess {
  const [node = '', ...flags] = old.command;
  return spawn(node, [...flags, launcher, ...args], { env: { ...process.env, ...env } });
}

async function outcome(child: ChildProcess) {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { out, err, code, signal };
}

test('the Node that runs these tests is the one that monopod needs: no other process', async () => {
  const child = spawn(process.execPath, [install('none'), 'exit', '4']);
  const { out, err, code } = await outcome(child);
  assert.equal(JSON.parse(out).pid, child.pid);
  assert.deepEqual([code, err], [4, '']);
});

for (const old of olds) {
  test(`${old.name}: goes on under the Node that was brought, nested or hoisted, with arguments and exit code`, async () => {
    for (const layout of ['nested', 'hoisted'] as const) {
      const { out, err, code } = await outcome(start(old, install(layout), ['exit', '5', 'a b', '--x=']));
      assert.deepEqual([code, err], [5, '']);
      const started = JSON.parse(out);
      assert.equal(started.version, process.version);
      assert.deepEqual(started.args, ['exit', '5', 'a b', '--x=']);
      assert.equal(started.marked, false);
    }
  });

  test(`${old.name}: standard input and a death by signal pass through`, async () => {
    const echo = start(old, install('nested'), ['echo']);
    echo.stdin?.end('from standard input');
    assert.match((await outcome(echo)).out, /from standard input/);
    const died = await outcome(start(old, install('nested'), ['die', 'SIGKILL']));
    assert.deepEqual([died.code, died.signal], [null, 'SIGKILL']);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    test(`${old.name}: ${signal} reaches monopod, whose answer is the exit code`, async () => {
      const child = start(old, install('nested'), ['wait']);
      child.stdout?.on('data', (chunk) => {
        if (/waiting/.test(String(chunk))) child.kill(signal);
      });
      const { out, code } = await outcome(child);
      assert.deepEqual([code, out.trim().endsWith(signal)], [3, true]);
    });

  test(`${old.name}: killing what was started leaves nothing behind`, async () => {
    const child = start(old, install('nested'), ['wait']);
    child.stdout?.on('data', (chunk) => {
      if (/waiting/.test(String(chunk))) child.kill('SIGKILL');
    });
    // `close` comes when the last process that holds the pipe is gone.
    assert.equal((await outcome(child)).signal, 'SIGKILL');
  });

  test(`${old.name}: without a Node to go on with, one line says what to install`, async () => {
    const broken = install('none');
    const node = join(dirname(broken), 'node_modules', brought, 'bin/node');
    for (const prepare of [
      () => undefined,
      () => mkdirSync(dirname(node), { recursive: true }),
      () => writeFileSync(node, ''),
    ]) {
      prepare();
      const { out, err, code } = await outcome(start(old, broken, ['exit', '0']));
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /^error: monopod needs Node 26 or later, and this is v\d+\.\d+\.\d+: install .*\n$/);
    }
  });

  test(`${old.name}: what was brought and is old itself is not started for ever`, async () => {
    const { err, code } = await outcome(
      start(old, install('nested'), ['exit', '0'], { MONOPOD_LAUNCHED_BY: '1' }),
    );
    assert.deepEqual([code, err.split('\n').length], [1, 2]);
  });
}
