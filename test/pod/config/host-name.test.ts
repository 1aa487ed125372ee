// What a Pod calls itself, by the kubelet's rules.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PodSpec } from '../../../src/kubernetes/pod.ts';
import { hostNameOf } from '../../../src/pod/config/host-name.ts';
import { staticPod } from '../pods.ts';

const nameOf = (spec: Partial<PodSpec>, clusterDomain = 'cluster.local', name = 'web-node') => {
  const { pod } = staticPod('v1', spec);
  return hostNameOf({ ...pod, metadata: { ...pod.metadata, name } }, clusterDomain);
};
const value = (spec: Partial<PodSpec>, clusterDomain?: string, name?: string) => {
  const result = nameOf(spec, clusterDomain, name);
  return result.ok ? result.value : assert.fail(result.error.message);
};

describe('host name', () => {
  test('the Pod’s name, or `hostname`', () => {
    assert.deepEqual(value({}), { name: 'web-node', domain: '', kernel: 'web-node' });
    assert.deepEqual(value({ hostname: 'db' }), { name: 'db', domain: '', kernel: 'db' });
  });

  test('is cut to 63 characters, and does not end in a dash or dot then', () => {
    assert.equal(value({}, '', 'a'.repeat(64)).name, 'a'.repeat(63));
    assert.equal(value({}, '', `${'a'.repeat(61)}-.${'b'.repeat(20)}`).name, 'a'.repeat(61));
    assert.equal(value({}, '', `${'a'.repeat(62)}-`).name, `${'a'.repeat(62)}-`);
  });

  test('a subdomain makes the whole name, which the kernel is told only with setHostnameAsFQDN', () => {
    const domain = 'sub.default.svc.cluster.local';
    assert.deepEqual(value({ subdomain: 'sub' }), { name: 'web-node', domain, kernel: 'web-node' });
    const asFqdn = { subdomain: 'sub', setHostnameAsFQDN: true };
    assert.equal(value(asFqdn).kernel, `web-node.${domain}`);
    assert.equal(value({ setHostnameAsFQDN: true }).kernel, 'web-node');
  });

  test('a whole name of 64 characters is taken, one of 65 refused with the kubelet’s words', () => {
    const spec = { subdomain: 's', setHostnameAsFQDN: true, hostname: 'h' };
    const tail = '.s.default.svc.';
    const fits = value(spec, 'd'.repeat(63 - tail.length)).kernel;
    assert.equal(fits.length, 64);
    const refused = nameOf(spec, 'd'.repeat(64 - tail.length));
    assert.ok(!refused.ok);
    assert.equal(refused.error.code, 'SandboxCreateFailed');
    assert.equal(
      refused.error.message,
      `failed to construct FQDN from pod hostname and cluster domain, FQDN h.s.default.svc.${'d'.repeat(49)} is too long (64 characters is the max, 65 characters requested)`,
    );
  });

  test('hostnameOverride is the name and nothing else, whatever else is given', () => {
    const hostnameOverride = `${'a'.repeat(30)}.${'b'.repeat(33)}`;
    assert.deepEqual(value({ hostnameOverride, hostname: 'x', subdomain: 'y' }), {
      name: hostnameOverride,
      domain: '',
      kernel: hostnameOverride,
    });
  });
});
