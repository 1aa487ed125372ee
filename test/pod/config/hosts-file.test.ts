// /etc/hosts, to the byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { managedHosts, nodeHosts } from '../../../src/pod/config/hosts-file.ts';
import { staticPod } from '../pods.ts';

const standard = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;
const aliases = `
# Entries added by HostAliases.
192.0.2.9\tdb\tdb.example
192.0.2.10\tcache
`;
const { pod: plain } = staticPod('v1');
const { pod: withAliases } = staticPod('v1', {
  hostAliases: [
    { ip: '192.0.2.9', hostnames: ['db', 'db.example'] },
    { ip: '192.0.2.10', hostnames: ['cache'] },
  ],
});
const web = { name: 'web', domain: '', kernel: 'web' };

test('the standard entries, the Pod’s addresses with its name, its aliases', () => {
  assert.equal(managedHosts(plain, web, []), standard);
  assert.equal(
    managedHosts(withAliases, web, ['172.17.0.2', 'fd00::2']),
    `${standard}172.17.0.2\tweb\nfd00::2\tweb\n${aliases}`,
  );
});

test('with a subdomain the whole name comes first', () => {
  const inDomain = { ...web, domain: 'sub.default.svc.cluster.local' };
  assert.equal(
    managedHosts(plain, inDomain, ['172.17.0.2']),
    `${standard}172.17.0.2\tweb.sub.default.svc.cluster.local\tweb\n`,
  );
});

test('in the host’s network it is the host’s file, as it is, with the aliases', () => {
  const ofNode = '127.0.0.1 localhost\n# no newline at its end';
  const header = '# Kubernetes-managed hosts file (host network).\n';
  assert.equal(nodeHosts(plain, ofNode), header + ofNode);
  assert.equal(nodeHosts(withAliases, ofNode), header + ofNode + aliases);
});
