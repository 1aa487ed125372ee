// The making of a container: what it takes from the host, in which order, and that nothing is made of half of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerConfig, Engine } from '../../src/engine/engine.ts';
import { fail, ok } from '../../src/errors.ts';
import type { Container } from '../../src/kubernetes/pod.ts';
import { createContainer, type Making } from '../../src/pod/create-container.ts';
import type { Effect } from '../../src/pod/events.ts';
import { message } from '../contract/results.ts';
import { noHost } from './acting.ts';
import { container, staticPod } from './pods.ts';

const fromFile = { volumeName: 'v', path: 'f', key: 'K' };
const env: Container['env'] = [
  { name: 'TAKEN', valueFrom: { fileKeyRef: fromFile } },
  { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
  { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  { name: 'ALL', value: '$(TAKEN) $(CPU) $(IP)' },
];

/** Makes `main`; what was asked for on the way, and what the engine was told. */
async function make(main: Container, host: Partial<Making['host']> = {}) {
  const asked: string[] = [];
  const told: ContainerConfig[] = [];
  const written = staticPod('v1', { containers: [main] });
  const making = {
    boot: {
      rootDir: '/r',
      seccompDefault: false,
      hostIps: ['192.0.2.1'],
      dns: { clusterDns: [], clusterDomain: '', resolvConf: '' },
      node: { capacity: {}, allocatable: { cpu: '3' } },
    },
    host: {
      ...noHost,
      fileKeys: async () => {
        asked.push('files');
        return ok(new Map([[fromFile, 'from a file']]));
      },
      mounts: async (...args: Parameters<Making['host']['mounts']>) => {
        asked.push(`mounts with ${[...args[4]].map(([name, value]) => `${name}=${value}`).join(', ')}`);
        return ok([]);
      },
      ...host,
    },
    engine: {
      createContainer: async (config: ContainerConfig) => {
        told.push(config);
        return ok('id');
      },
    } as unknown as Engine,
    warn: () => {},
    facts: { nodeName: 'node', hostIps: ['192.0.2.1'], podIps: ['172.17.0.2'] },
    generation: { staticPod: written, ips: ['172.17.0.2'] },
    spec: main,
  } as unknown as Making;
  const effect = { attempt: 0, restartCount: 0, sandboxId: 'box' } as Extract<
    Effect,
    { type: 'create-container' }
  >;
  return { answer: await createContainer(making, effect), asked, told };
}

test('an ordinary container asks for no files, and its mounts see its environment', async () => {
  const { asked, told } = await make(container('main', { env: [{ name: 'A', value: 'a' }] }));
  assert.deepEqual(asked, ['mounts with A=a']);
  assert.deepEqual(told[0]?.env, [{ name: 'A', value: 'a' }]);
});

test('files first, then the environment of all there is, then mounts, then the engine', async () => {
  const { asked, told } = await make(container('main', { env, args: ['$(ALL)'] }));
  assert.deepEqual(asked, [
    'files',
    'mounts with TAKEN=from a file, CPU=3, IP=172.17.0.2, ALL=from a file 3 172.17.0.2',
  ]);
  assert.deepEqual(told[0]?.args, ['from a file 3 172.17.0.2']);
});

test('what one of them refuses is the answer, and nothing is made', async () => {
  const refused = async () => fail('ContainerConfigInvalid', 'no such file');
  for (const [main, host, words] of [
    [container('main', { env }), { fileKeys: refused }, 'no such file'],
    [container('main'), { mounts: refused }, 'no such file'],
    [
      container('main', { env: [{ name: 'X', valueFrom: { fieldRef: { fieldPath: 'no.such' } } }] }),
      {},
      'environment variable X: field label not supported: no.such',
    ],
  ] as [Container, Partial<Making['host']>, string][]) {
    const { answer, told } = await make(main, host);
    assert.equal(message(answer), words);
    assert.deepEqual(told, []);
  }
});
