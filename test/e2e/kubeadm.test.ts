// The control plane as kubeadm 1.36 writes it (fixtures/): its four manifests run as they are. Only addresses, ports and
// the directories of the host are replaced, as text, so that the test keeps out of the host's own /etc and ports.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { selfSigned } from '../pod/handlers/certificate.ts';
import { makeControlPlaneImages } from '../setup/control-plane-images.ts';
import { lifeIn, livesOf, signalsOf } from './harness/lives.ts';
import { freePort, startNode, type TestNode } from './harness/node.ts';
import { goneWithoutTrace } from './harness/on-host.ts';
import { ready, unready } from './harness/probed.ts';
import { conditionOf, statusOf } from './harness/seen.ts';

const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

const directories = [
  '/etc/',
  '/usr/libexec/kubernetes/',
  '/usr/local/share/',
  '/usr/share/',
  '/var/lib/etcd',
];

/** Manifest by name, with the one replacement. */
async function manifests(host: string): Promise<Map<string, string>> {
  const ports = new Map<string, string>();
  for (const port of ['2379', '2380', '2381', '6443', '10257', '10259'])
    ports.set(port, String(await freePort()));
  const paths = new RegExp(`(?<=[ =])(?=${directories.join('|')})`, 'g');
  return new Map(
    names.map((name) => {
      const text = readFileSync(join(import.meta.dirname, `fixtures/${name}.yaml`), 'utf8');
      const moved = text.replaceAll('192.0.2.10', '127.0.0.1').replaceAll(paths, host);
      return [name, moved.replaceAll(/(?<=[:=] ?)\d{4,5}\b/g, (port) => ports.get(port) ?? port)];
    }),
  );
}

const uptime = (pod: Pod, name: string) => {
  const { state, restartCount } = statusOf(pod, name);
  return { startedAt: state?.running?.startedAt, restartCount };
};

/** What the kernel says of the container's process. */
async function processOf(node: TestNode, name: string) {
  const { State } = await node.container(name, name);
  const read = (file: string) => readFileSync(`/proc/${State.Pid}/${file}`, 'utf8');
  return {
    oomScoreAdj: Number(read('oom_score_adj')),
    seccomp: /^Seccomp:\s*(\d)/m.exec(read('status'))?.[1],
  };
}

test("kubeadm's four manifests run as they are, are upgraded by an edit, and stop gracefully", async (t) => {
  const node = await startNode(t);
  // Comes after the node has removed its containers.
  t.after(await makeControlPlaneImages(node.docker.endpoint));
  const host = join(node.scratch, 'host');
  const pki = join(host, 'etc/kubernetes/pki');
  const { cert, key } = selfSigned();
  mkdirSync(pki, { recursive: true });
  writeFileSync(join(pki, 'apiserver.crt'), cert);
  writeFileSync(join(pki, 'apiserver.key'), key, { mode: 0o600 });
  const written = await manifests(host);
  for (const [name, text] of written) await node.write(`${name}.yaml`, text);

  const shown = await Promise.all(names.map((name) => ready(node, name, name)));
  for (const pod of shown) assert.equal(conditionOf(pod, 'Ready')?.status, 'True');
  const started = names.map((name, index) => uptime(shown[index] as Pod, name));
  assert.deepEqual(
    started.map(({ restartCount }) => restartCount),
    [0, 0, 0, 0],
  );
  for (const record of await node.manifests()) assert.deepEqual([record.errors, record.warnings], [[], []]);

  // None waited for another: all ran before the first could be ready, which the startup probes' delay of 10 s allows.
  const times = started.map(({ startedAt = '' }) => Date.parse(startedAt));
  assert.ok(Math.max(...times) - Math.min(...times) < 10_000);

  for (const file of ['controller-manager.conf', 'scheduler.conf']) {
    const made = statSync(join(host, 'etc/kubernetes', file));
    assert.deepEqual([made.isFile(), made.size, made.mode & 0o777], [true, 0, 0o644], file);
  }
  for (const directory of ['etc/kubernetes/pki/etcd', 'usr/libexec/kubernetes/kubelet-plugins/volume/exec'])
    assert.equal(statSync(join(host, directory)).mode & 0o777, 0o755, directory);

  const adjusted = /refuses a negative oom_score_adj/.test(node.log) ? 0 : -997;
  for (const name of names)
    assert.deepEqual(await processOf(node, name), { oomScoreAdj: adjusted, seccomp: '2' }, name);

  // What etcd has written to its data directory is on the host; without it, its probe is answered with 404.
  rmSync(join(host, 'var/lib/etcd/member/readyz'));
  const upgraded = (written.get('kube-apiserver') ?? '').replace('v1.36.0', 'v1.36.1');
  await node.write('kube-apiserver.yaml', upgraded);
  const replaced = await node.running('kube-apiserver', shown[1]);
  assert.equal(statusOf(replaced, 'kube-apiserver').image, 'registry.k8s.io/kube-apiserver:v1.36.1');
  const [before] = await livesOf(node, 'kube-apiserver');
  assert.deepEqual(before && [signalsOf(before), before.exitCode], [['15'], 0]);
  await unready(node, 'etcd', 'etcd');
  for (const name of ['etcd', 'kube-controller-manager', 'kube-scheduler']) {
    const pod = (await node.pod(name)) as Pod;
    assert.deepEqual(uptime(pod, name), started[names.indexOf(name)], `${name} has run on`);
  }

  for (const name of names) await node.remove(`${name}.yaml`);
  await Promise.all(names.map((name) => node.gone(name)));
  for (const name of names.filter((one) => one !== 'kube-apiserver')) {
    const life = await lifeIn(node, name, name);
    assert.deepEqual([signalsOf(life), life.exitCode], [['15'], 0], name);
  }
  await goneWithoutTrace(node, 'etcd');
});
