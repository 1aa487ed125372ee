// The manifest directory as people and programs really write into it, and what identity a manifest gives its Pod.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pod, shell, yaml } from './harness/manifest.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { throughout, until } from './harness/until.ts';

const stateOf = async (node: TestNode, file: string) =>
  (await node.manifests()).find(({ origin }) => origin === join(node.manifestDirectory, file));

describe('a directory of manifests', { concurrency: 3 }, () => {
  test('what is not a manifest by its name or kind is reported or passed over, and never run', async (t) => {
    const node = await startNode(t);
    const text = yaml(pod('stray'));
    const left = ['web.yaml~', '.web.yaml.swp', '#web.yaml#', 'web.yaml.tmp', '.hidden.yaml', 'web.yaml.swp'];
    for (const name of left) writeFileSync(join(node.manifestDirectory, name), text);
    mkdirSync(join(node.manifestDirectory, 'nested'));
    writeFileSync(join(node.manifestDirectory, 'nested/inner.yaml'), text);
    execFileSync('mkfifo', [join(node.manifestDirectory, 'pipe')]);
    await node.write('web.yaml', pod('web'));
    await node.running('web');

    for (const name of ['web.yaml~', '#web.yaml#', 'web.yaml.tmp', 'web.yaml.swp', 'nested', 'pipe']) {
      const entry = await until(`${name} is reported`, () => stateOf(node, name));
      assert.notEqual(entry.reason, '', name);
      assert.ok(['ignored', 'rejected'].includes(entry.state), name);
    }
    assert.equal(await stateOf(node, '.hidden.yaml'), undefined);
    assert.deepEqual(
      (await node.pods()).map(({ metadata }) => metadata?.name),
      [`web-${node.name}`],
    );
  });

  test('a file written in pieces, truncated and rewritten runs once it is whole, and only then', async (t) => {
    const node = await startNode(t);
    const path = join(node.manifestDirectory, 'web.yaml');
    const text = yaml(
      pod('web', { containers: [shell(undefined, { env: [{ name: 'VERSION', value: '1' }] })] }),
    );
    for (const line of text.split(/(?<=\n)/)) {
      appendFileSync(path, line);
      await delay(5);
    }
    const first = await node.running('web');
    const before = await node.container('web');
    truncateSync(path);
    await throughout(
      'an empty file stops nothing',
      800,
      async () => (await node.container('web')).Id === before.Id,
    );
    for (const line of text
      .replace("'1'", "'2'")
      .replace('"1"', '"2"')
      .split(/(?<=\n)/)) {
      appendFileSync(path, line);
      await delay(5);
    }
    await node.running('web', first);
    const starts = (await node.events()).filter(
      ({ action, attributes }) => action === 'start' && attributes['io.kubernetes.container.name'] === 'main',
    );
    assert.equal(starts.length, 2);
  });

  test('a file removed and added again within milliseconds leaves its Pod alone', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    await node.running('web');
    const path = join(node.manifestDirectory, 'web.yaml');
    const beside = join(node.scratch, 'web.yaml');
    /** How long it was away: on a busy machine this process may be held up between the two. */
    const removeAndAdd = () => {
      // Ready beforehand: writing it would take the milliseconds.
      writeFileSync(beside, yaml(pod('web')));
      const removedMs = performance.now();
      unlinkSync(path);
      renameSync(beside, path);
      return performance.now() - removedMs;
    };
    for (let tries = 0; tries < 10; tries++) {
      const { Id, State } = await node.container('web');
      let longestMs = 0;
      for (let round = 0; round < 5; round++) {
        longestMs = Math.max(longestMs, removeAndAdd());
        await delay(100);
      }
      if (longestMs < 2) {
        const same = async () => (await node.container('web')).Id === Id;
        await throughout('the container stays', 1_000, same);
        assert.equal((await node.container('web')).State.StartedAt, State.StartedAt);
        return;
      }
      // Then it may have been seen as gone, as it should be.
      await delay(1_000);
      await node.running('web');
    }
    assert.fail('this machine is too busy to put a file back within milliseconds');
  });

  test('symbolic links are followed, and a ..data swap as of a mounted ConfigMap replaces the Pod', async (t) => {
    const node = await startNode(t);
    const at = (...path: string[]) => join(node.manifestDirectory, ...path);
    const version = (name: string, value: string) => {
      mkdirSync(at(name));
      writeFileSync(at(name, 'web.yaml'), yaml(pod('web', { hostname: value })));
    };
    version('..2026_01', 'one');
    symlinkSync('..2026_01', at('..data'));
    symlinkSync('..data/web.yaml', at('web.yaml'));
    const first = await node.running('web');
    assert.equal(first.spec?.hostname, 'one');

    version('..2026_02', 'two');
    symlinkSync('..2026_02', at('..data_tmp'));
    renameSync(at('..data_tmp'), at('..data'));
    rmSync(at('..2026_01'), { recursive: true });
    const second = await node.running('web', first);
    assert.equal(second.spec?.hostname, 'two');
  });

  test('a target outside the directory is watched through its link', async (t) => {
    const node = await startNode(t);
    const outside = join(node.manifestDirectory, '../outside.yaml');
    writeFileSync(outside, yaml(pod('web', { hostname: 'one' })));
    symlinkSync(outside, join(node.manifestDirectory, 'web.yaml'));
    const first = await node.running('web');
    writeFileSync(outside, yaml(pod('web', { hostname: 'two' })));
    assert.equal((await node.running('web', first)).spec?.hostname, 'two');
  });

  test('a file over 10 MiB is refused, and the Pod it ran before goes on', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    await node.running('web');
    const before = await node.container('web');
    await node.write(
      'web.yaml',
      `${yaml(pod('web', { hostname: 'big' }))}# ${'x'.repeat(10 * 1024 * 1024)}\n`,
    );
    await until('it is kept', async () => (await stateOf(node, 'web.yaml'))?.state === 'kept');
    assert.equal((await node.container('web')).Id, before.Id);
  });

  test('no directory yet: monopod waits for it, says so, and runs what it finds then', async (t) => {
    const node = await startNode(t, { manifestPath: undefined });
    await node.stop();
    rmSync(node.manifestDirectory, { recursive: true });
    await node.start();
    assert.deepEqual(await node.pods(), []);
    await until('it says what it waits for', () => /does not exist/.test(node.log), { seen: () => node.log });
    mkdirSync(node.manifestDirectory);
    await node.write('web.yaml', pod('web'));
    await node.running('web');
  });

  test('a directory that goes away stops nothing; when it is back, what it says holds', async (t) => {
    const node = await startNode(t, { manifests: { 'a.yaml': pod('a'), 'b.yaml': pod('b') } });
    await node.running('a');
    await node.running('b');
    const before = await node.container('a');
    renameSync(node.manifestDirectory, `${node.manifestDirectory}-away`);
    await throughout(
      'both run on',
      1_500,
      async () => (await node.containers()).filter(({ running }) => running).length === 4,
    );
    rmSync(join(`${node.manifestDirectory}-away`, 'b.yaml'));
    renameSync(`${node.manifestDirectory}-away`, node.manifestDirectory);
    await node.gone('b');
    assert.equal((await node.container('a')).Id, before.Id);
  });

  test('two files that claim one Pod: the one that runs keeps it, the other is a conflict until it is free', async (t) => {
    const node = await startNode(t, { manifests: { 'b.yaml': pod('web', { hostname: 'b' }) } });
    const first = await node.running('web');
    await node.write('a.yaml', pod('web', { hostname: 'a' }));
    const conflict = await until('the conflict is reported', async () => {
      const entry = await stateOf(node, 'a.yaml');
      return entry?.state === 'conflict' && entry;
    });
    assert.match(conflict.reason, /b\.yaml/);
    assert.equal((await node.pod('web'))?.metadata?.uid, first.metadata?.uid);
    await node.remove('b.yaml');
    const second = await node.running('web', first);
    assert.equal(second.spec?.hostname, 'a');
  });

  test('YAML is read as Kubernetes reads it: 1.1, and the first document of a file', async (t) => {
    const node = await startNode(t);
    const text = `apiVersion: v1
kind: Pod
metadata: {name: old}
spec:
  hostNetwork: no
  terminationGracePeriodSeconds: 010
  containers:
  - {name: main, image: "monopod.test/busybox:1", command: [sleep, "3600"]}
---
${yaml(pod('second'))}`;
    await node.write('old.yaml', text);
    const shown = await node.running('old');
    assert.ok(!shown.spec?.hostNetwork);
    assert.equal(shown.spec?.terminationGracePeriodSeconds, 8);
    assert.equal((await node.pods()).length, 1);
  });

  test('an unknown field is run without and warned of, with line and column', async (t) => {
    const node = await startNode(t);
    await node.write('web.yaml', yaml(pod('web')).replace('containers:', 'hostNetwrok: true\n  containers:'));
    await node.running('web');
    const entry = await until('the warning', async () => {
      const found = await stateOf(node, 'web.yaml');
      return (found?.warnings.length ?? 0) > 0 && found;
    });
    assert.equal(entry.warnings[0]?.field, 'spec.hostNetwrok');
    assert.ok(entry.warnings[0]?.line && entry.warnings[0].column);
  });

  test('a Pod is shown with the identity and defaults that a kubelet would give it', async (t) => {
    const node = await startNode(t, { manifests: { 'web.yaml': pod('web') } });
    const { metadata, spec } = await node.running('web');
    assert.equal(metadata?.name, `web-${node.name}`);
    assert.equal(metadata?.namespace, 'default');
    const { annotations = {} } = metadata ?? {};
    assert.equal(annotations['kubernetes.io/config.source'], 'file');
    assert.equal(annotations['kubernetes.io/config.hash'], metadata?.uid);
    assert.ok(!Number.isNaN(Date.parse(annotations['kubernetes.io/config.seen'] ?? '')));
    assert.ok(
      spec?.tolerations?.some(({ effect, operator }) => effect === 'NoExecute' && operator === 'Exists'),
    );
    assert.equal(spec?.nodeName, node.name);
    assert.equal(spec?.restartPolicy, 'Always');
    assert.equal(spec?.terminationGracePeriodSeconds, 30);
    assert.equal(spec?.dnsPolicy, 'ClusterFirst');
    assert.equal(spec?.containers[0]?.imagePullPolicy, 'IfNotPresent');
  });

  test('a new path is a new Pod: a renamed file stops one and starts another', async (t) => {
    const node = await startNode(t, { manifests: { 'old.yaml': pod('web') } });
    const first = await node.running('web');
    renameSync(join(node.manifestDirectory, 'old.yaml'), join(node.manifestDirectory, 'new.yaml'));
    const second = await node.running('web', first);
    assert.notEqual(second.metadata?.uid, first.metadata?.uid);
  });
});
