// Which sysctls Pods may set on a node: by its kernel, and by --allowed-unsafe-sysctls.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedSysctls, isAllowedSysctl, sysctlPatternError } from '../../src/kubernetes/allowed-sysctls.ts';

test('the safe ones are those that the kernel keeps apart', () => {
  const always = [
    'kernel.shm_rmid_forced',
    'net.ipv4.ip_local_port_range',
    'net.ipv4.tcp_syncookies',
    'net.ipv4.ping_group_range',
    'net.ipv4.ip_unprivileged_port_start',
  ];
  assert.deepEqual(allowedSysctls('3.15.9', []), always);
  assert.deepEqual(allowedSysctls('unreadable', []), always);
  assert.deepEqual(allowedSysctls('4.5.0-rc1', []).slice(5), [
    'net.ipv4.ip_local_reserved_ports',
    'net.ipv4.tcp_keepalive_time',
    'net.ipv4.tcp_keepalive_intvl',
    'net.ipv4.tcp_keepalive_probes',
  ]);
  for (const release of ['4.15.0', '6.18.44-fc', '10.0'])
    assert.equal(allowedSysctls(release, []).length, 12, release);
});

test('the administrator allows more, by name or by how they begin, with dots or slashes', () => {
  const allowed = allowedSysctls('6.1', ['kernel.msg*', 'net/core/somaxconn', 'net.ipv4.conf.*']);
  const allows = (name: string) => isAllowedSysctl(name, allowed);
  for (const name of [
    'kernel.msgmax',
    'net.core.somaxconn',
    'net/core/somaxconn',
    'net/ipv4/conf/eno2.100/rp_filter',
    'net/ipv4/tcp_syncookies',
  ])
    assert.ok(allows(name), name);
  for (const name of ['kernel.sem', 'net.core.somaxconnx', 'net.core', 'vm.swappiness'])
    assert.ok(!allows(name), name);
});

test("a pattern is refused that is none, or that covers what is the whole node's", () => {
  for (const right of ['kernel.sem', 'kernel.shm*', 'fs.mqueue.*', 'net.*', 'net/ipv4/conf/eno2.100/*'])
    assert.equal(sysctlPatternError([right]), undefined, right);
  for (const wrong of ['', 'Net.core', 'net.*.x', 'net..x', 'net.ipv4.', 'n'.repeat(254)])
    assert.match(
      sysctlPatternError([wrong]) ?? '',
      /must have at most 253 characters and match regex/,
      wrong,
    );
  assert.equal(
    sysctlPatternError(['vm.swappiness']),
    'the sysctl "vm.swappiness" are not known to be namespaced',
  );
  for (const wide of ['*', 'kernel.*', 'net*', 'kernel.s*', 'fs.mqueue*'])
    assert.equal(sysctlPatternError(['net.*', wide]), `the sysctls "${wide}" are not known to be namespaced`);
});
