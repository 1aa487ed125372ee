// Holds the sources to DESIGN's rules: which stage may import which, where each library and the clock may be used,
// how long a file may be, what may stand at the top level. Each rule is a function, shown on bad examples to fail.
import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { transformSync } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** Stages from top to bottom: each may import itself and what stands below it. */
const stages = [
  'workers',
  'cli',
  'main',
  'supervisor',
  'server',
  'mirror',
  'sources',
  'pod',
  'status',
  'host',
  'engine',
  'actors',
  'manifest',
  'kubernetes',
];
/** For every stage to use; they use each other only. */
const leaves = ['telemetry', 'config', 'errors', 'clock'];

const libraryMayBeIn: Record<string, RegExp> = {
  dockerode: /^src\/engine\/docker\//,
  comlink: /^(src\/actors|workers)\//,
  '@kubernetes/client-node': /^src\/(mirror\/|kubernetes\/generate\.ts$)/,
};

const clockWords =
  /\b(Date\.now|new Date\(\)|Date\(\)|setTimeout|setInterval|Math\.random|performance\.now|node:timers(\/promises)?)/g;
const clockFile = 'src/clock.ts';

const linesMax = 400;
const topLevel =
  /^(src|workers|test|bench|package\.json|package-lock\.json|tsconfig\.json|biome\.json|README\.md|LICENSE|\..*)$/;
const untracked = /^(node_modules|dist|.*\.log)$/;

type Source = { path: string; text: string };

/** The stage that a path belongs to: `src/engine/docker/api.ts` -> engine, `src/clock.ts` -> clock. */
const stageOf = (path: string): string =>
  (path.startsWith('src/') ? path.slice(4) : path).split('/')[0]?.replace(/\.ts$/, '') ?? '';

/** Specifiers of static and dynamic imports and re-exports; those of types as well, as they too say who knows whom. */
function importsOf(text: string): string[] {
  const statements =
    /^\s*(?:import|export)\b[^;'"`]*?\bfrom\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm;
  return [...text.matchAll(statements)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const localImports = ({ path, text }: Source): string[] =>
  importsOf(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => normalize(join(dirname(path), specifier)));

function upwardImports(sources: Source[]): string[] {
  return sources.flatMap((source) => {
    const from = stageOf(source.path);
    if (![...stages, ...leaves].includes(from)) return [`${source.path}: ${from} is no stage of DESIGN`];
    return localImports(source)
      .filter((target) => !mayImport(from, stageOf(target)))
      .map((target) => `${source.path} imports ${target}: ${stageOf(target)} is not below ${from}`);
  });
}

function mayImport(from: string, to: string): boolean {
  if (leaves.includes(to)) return true;
  return stages.includes(to) && stages.includes(from) && stages.indexOf(to) >= stages.indexOf(from);
}

function importCycles(sources: Source[]): string[] {
  const graph = new Map(sources.map((source) => [source.path, localImports(source)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: string[]) => {
    if (trail.includes(path))
      return void cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

const strayLibraries = (sources: Source[]): string[] =>
  sources.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((specifier) =>
        Object.entries(libraryMayBeIn).some(
          ([library, place]) => `${specifier}/`.startsWith(`${library}/`) && !place.test(path),
        ),
      )
      .map((specifier) => `${path} imports ${specifier}`),
  );

/** Without comments and types, so that only uses count. */
function clockUses(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => path !== clockFile)
    .flatMap(({ path, text }) => {
      const code = transformSync(text, { loader: 'ts', target: 'esnext', legalComments: 'none' }).code;
      return [...code.matchAll(clockWords)].map(([word]) => `${path} uses ${word}`);
    });
}

const longFiles = (sources: Source[]): string[] =>
  sources
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > linesMax)
    .map(({ path, lines }) => `${path} has ${lines} lines`);

const headless = (sources: Source[]): string[] =>
  sources.filter(({ text }) => !/^(#!.*\n)?(\/\/ \S|\/\*\*)/.test(text)).map(({ path }) => path);

const strangers = (names: string[]): string[] =>
  names.filter((name) => !topLevel.test(name) && !untracked.test(name));

const sourcesOf = (...patterns: string[]): Source[] =>
  globSync(patterns, { cwd: root })
    .filter((path) => !path.startsWith('src/kubernetes/generated/'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

const program = sourcesOf('src/**/*.ts', 'workers/*.ts');
const everything = sourcesOf('{src,workers,test,bench}/**/*.{ts,mjs}');

const file = (path: string, text: string): Source => ({ path, text });

test('there are sources to check', () => {
  assert.ok(program.length > 20);
  assert.ok(everything.length > program.length);
});

test('imports point down the stages, never up', () => {
  assert.deepEqual(upwardImports(program), []);

  const bad = [
    file('src/engine/a.ts', "import type {\n  PodState,\n} from '../pod/state.ts';"),
    file('src/clock.ts', "export { x } from './kubernetes/pod.ts';"),
    file('src/pod/b.ts', "const late = await import('../supervisor/dispatch.ts');"),
    file('src/pod/c.ts', "import '../../workers/pod.ts';"),
    file('src/helpers/d.ts', ''),
  ];
  assert.equal(upwardImports(bad).length, bad.length);
  const good = [file('src/pod/a.ts', "import { b } from './b.ts';\nimport { ok } from '../errors.ts';")];
  assert.deepEqual(upwardImports(good), []);
});

test('no import goes in a circle', () => {
  assert.deepEqual(importCycles(program), []);

  const bad = [
    file('src/pod/a.ts', "import { b } from './b.ts';"),
    file('src/pod/b.ts', "import { c } from './c.ts';"),
    file('src/pod/c.ts', "import type { A } from './a.ts';"),
  ];
  assert.deepEqual(importCycles(bad), ['src/pod/a.ts -> src/pod/b.ts -> src/pod/c.ts -> src/pod/a.ts']);
});

test('dockerode, Comlink and the Kubernetes client stay in their places', () => {
  assert.deepEqual(strayLibraries(program), []);

  const bad = [
    file('src/engine/images.ts', "import Docker from 'dockerode';"),
    file('src/pod/actor.ts', "import * as Comlink from 'comlink';"),
    file('src/status/generate.ts', "import { V1Pod } from '@kubernetes/client-node';"),
    file('src/pod/x.ts', "import y from 'comlink/dist/esm/node-adapter.mjs';"),
  ];
  assert.equal(strayLibraries(bad).length, bad.length);
  assert.deepEqual(strayLibraries([file('src/engine/docker/api.ts', "import Docker from 'dockerode';")]), []);
});

test('only clock.ts reads the clock, sets timers and draws random numbers', () => {
  assert.deepEqual(clockUses(program), []);

  const bad = [
    file('src/pod/a.ts', 'export const a = Date.now();'),
    file('src/pod/b.ts', 'setTimeout(() => {}, 5);'),
    file('src/pod/c.ts', 'export const c = new Date().getTime() + new Date(5).getTime();'),
    file('src/pod/d.ts', "import { setTimeout as wait } from 'node:timers/promises'; await wait(1);"),
    file('src/pod/e.ts', 'export const e = Math.random();'),
    file('src/pod/f.ts', 'export const f = performance.now();'),
    file('src/pod/g.ts', 'setInterval(() => {}, 5);'),
  ];
  const found = clockUses(bad).map((use) => use.split(' ')[0]);
  assert.deepEqual(
    [...new Set(found)],
    bad.map(({ path }) => path),
  );
  assert.deepEqual(
    clockUses([file('src/pod/h.ts', '// Date.now is for clock.ts\nexport const h = new Date(5);')]),
    [],
  );
});

test('no file is longer than a person reads', () => {
  assert.deepEqual(longFiles(everything), []);
  assert.equal(longFiles([file('src/pod/a.ts', 'x\n'.repeat(linesMax + 1))]).length, 1);
  assert.equal(longFiles([file('src/pod/a.ts', 'x\n'.repeat(linesMax))]).length, 0);
});

test('each source file opens by saying what it is', () => {
  assert.deepEqual(headless(program), []);
  assert.deepEqual(headless([file('src/pod/a.ts', "import { b } from './b.ts';\n// late")]), [
    'src/pod/a.ts',
  ]);
  assert.deepEqual(headless([file('src/pod/a.ts', '#!/usr/bin/env node\n// The command.')]), []);
});

test('nothing stands at the top level that is not given', () => {
  assert.deepEqual(strangers(readdirSync(root)), []);
  assert.deepEqual(strangers(['src', 'docs', '.ci', 'dist', 'vite.config.ts']), ['docs', 'vite.config.ts']);
});
