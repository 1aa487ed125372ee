// Start of `npm run demo|test|bench|sim|check` in a clone with nothing installed, on any Node from 18: dependencies,
// build, then the wanted script on Node 26. Plain JavaScript, as nothing that strips types is at hand yet.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const scripts = {
  demo: 'test/demo/demo.ts',
  test: 'test/setup/run-tests.ts',
  bench: 'bench/main.ts',
  sim: 'test/simulation/run.ts',
};
const nodeMajor = 26;
const at = (...path) => join(root, ...path);
const binaries = at('node_modules/.bin');

const [wanted = '', ...args] = process.argv.slice(2);
if (wanted !== 'install' && !(wanted in scripts))
  stop(`usage: bootstrap.mjs install|${Object.keys(scripts).join('|')}`);
if (!dependenciesMatch()) installDependencies();
if (wanted !== 'install') {
  if (!buildIsCurrent()) build();
  run(node26(), [at(scripts[wanted]), ...args]);
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

/** Whether each package that the lock file asks for is there in its version; optional ones may be of another platform. */
function dependenciesMatch() {
  const locked = packagesOf(at('package-lock.json'));
  const installed = packagesOf(at('node_modules/.package-lock.json'));
  return Object.entries(locked).every(
    ([path, { version, optional }]) =>
      path === '' || (installed[path] ? installed[path].version === version : optional === true),
  );
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return {};
  }
}

function installDependencies() {
  console.error('installing dependencies (npm ci)');
  const flags = ['--include=dev', '--include=optional', '--engine-strict=false', '--no-audit', '--no-fund'];
  const ran = npm(['ci', ...flags, '--loglevel=error']);
  if (ran.status !== 0) stop(`npm ci failed:\n${firstLines(ran.stderr || ran.stdout)}`);
}

/** npm says what is wrong first, and how it is used after. */
function firstLines(text) {
  return text.trim().split('\n').slice(0, 12).join('\n');
}

/** By the npm that runs this script, if one does: it need not be on the PATH. */
function npm(npmArgs) {
  const own = process.env.npm_execpath;
  const [command, first] = own && /\.c?js$/.test(own) ? [process.execPath, [own]] : ['npm', []];
  const ran = spawnSync(command, [...first, ...npmArgs], { cwd: root, encoding: 'utf8' });
  if (ran.error) stop(`cannot start npm: ${ran.error.message}`);
  return ran;
}

function buildIsCurrent() {
  const outputs = ['dist/monopod.js', 'dist/cli.cjs'].map((path) => at(path));
  if (!outputs.every((path) => existsSync(path))) return false;
  const built = Math.min(...outputs.map((path) => statSync(path).mtimeMs));
  const inputs = ['src', 'workers', 'package.json', 'package-lock.json'].map((path) => at(path));
  return Math.max(...inputs.map(newest)) < built;
}

/** Directories count too: a file removed or renamed dates its directory. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function build() {
  const ran = npm(['run', '-s', 'build']);
  if (ran.status !== 0) stop(`npm run build failed:\n${ran.stdout}${ran.stderr}`.trim());
}

/** The Node that the optional dependency brought, else the running one if it is new enough. */
function node26() {
  const brought = join(binaries, 'node');
  if (existsSync(brought) && spawnSync(brought, ['--version']).status === 0) return brought;
  if (Number.parseInt(process.versions.node, 10) >= nodeMajor) return process.execPath;
  return stop(
    `monopod needs Node ${nodeMajor} and brings it for Linux on x64 and arm64 only: install it (this is ${process.version})`,
  );
}

function run(command, commandArgs) {
  const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` };
  const child = spawn(command, commandArgs, { cwd: root, env, stdio: 'inherit' });
  // Ctrl-C reaches the child by itself, as one process group; other ends are passed on. Its exit decides when we go.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => stop(`cannot start ${command}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
