// Which AppArmor profile a container has, and whether a Pod needs AppArmor at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appArmorProfileOf, requiresAppArmor } from '../../src/kubernetes/app-armor.ts';
import type { PodSpec } from '../../src/kubernetes/pod.ts';

const annotation = 'container.apparmor.security.beta.kubernetes.io/';
const podOf = (annotated?: string, spec: Partial<PodSpec> = {}) => ({
  metadata: annotated === undefined ? {} : { annotations: { [`${annotation}main`]: annotated } },
  spec: { containers: [{ name: 'main' }], ...spec },
});

test('annotations by their old words', () => {
  const of = (annotated: string) => appArmorProfileOf(podOf(annotated), { name: 'main' });
  assert.deepEqual(of('runtime/default'), { type: 'RuntimeDefault' });
  assert.deepEqual(of('unconfined'), { type: 'Unconfined' });
  assert.deepEqual(of('localhost/a b'), { type: 'Localhost', localhostProfile: 'a b' });
  assert.equal(of('what'), undefined);
  assert.equal(appArmorProfileOf(podOf('unconfined'), { name: 'other' }), undefined);
});

test('AppArmor is needed for whatever is not Unconfined', () => {
  const profile = (type: string) => ({ securityContext: { appArmorProfile: { type } } });
  for (const pod of [podOf(), podOf('unconfined'), podOf(undefined, profile('Unconfined'))])
    assert.equal(requiresAppArmor(pod), false);
  for (const pod of [
    podOf('runtime/default'),
    podOf('localhost/x'),
    podOf(undefined, profile('RuntimeDefault')),
    podOf(undefined, { containers: [{ name: 'main', ...profile('Localhost') }] }),
    podOf(undefined, { initContainers: [{ name: 'init', ...profile('RuntimeDefault') }] }),
  ])
    assert.equal(requiresAppArmor(pod), true);
});
