// By which addresses others reach this host.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  chooseHostAddresses,
  type DefaultRoutes,
  type Interfaces,
  ipv4DefaultRoutes,
  ipv6DefaultRoutes,
} from '../../src/host/host-addresses.ts';
import { resolvConfPath } from '../../src/host/resolv-conf-path.ts';

const one = (address: string, internal = false) =>
  ({ address, family: address.includes(':') ? 'IPv6' : 'IPv4', internal }) as const;
const interfaces: Interfaces = {
  lo: [one('127.0.0.1', true), one('::1', true)],
  docker0: [one('172.17.0.1')],
  eth0: [one('192.0.2.2'), one('fe80::1'), one('2001:db8::2')],
  eth1: [one('198.51.100.2'), one('2001:db8:1::2')],
};
const none: DefaultRoutes = { IPv4: [], IPv6: [] };
const ips = (nodeIps: string[], routes = none, of = interfaces) =>
  chooseHostAddresses(nodeIps, of, routes).ips;

describe('addresses of the host', () => {
  test('of the interface with the default route, one of each family', () => {
    assert.deepEqual(ips([], { IPv4: ['eth1'], IPv6: ['eth0'] }), ['198.51.100.2', '2001:db8::2']);
  });

  test('without such a route of the first that is no bridge of containers; none at all is the loopback', () => {
    assert.deepEqual(ips([]), ['192.0.2.2', '2001:db8::2']);
    assert.deepEqual(ips([], none, { lo: interfaces.lo, docker0: interfaces.docker0 }), ['127.0.0.1']);
  });

  test('an interface with the route may have no address of its own', () => {
    assert.deepEqual(ips([], { IPv4: ['ppp0', 'eth1'], IPv6: [] }), ['198.51.100.2', '2001:db8::2']);
  });

  test('--node-ip :: prefers IPv6, 0.0.0.0 is the same as none', () => {
    assert.deepEqual(ips(['::']), ['2001:db8::2', '192.0.2.2']);
    assert.deepEqual(ips(['0.0.0.0']), ['192.0.2.2', '2001:db8::2']);
  });

  test('--node-ip is taken as it is; what is wrong with it is said in the kubelet’s words', () => {
    assert.deepEqual(chooseHostAddresses(['198.51.100.2', '2001:db8::2'], interfaces, none), {
      ips: ['198.51.100.2', '2001:db8::2'],
      warnings: [],
    });
    const warnings = (ip: string) => chooseHostAddresses([ip], interfaces, none).warnings;
    assert.deepEqual(warnings('203.0.113.9'), [
      'node IP: "203.0.113.9" not found in the host\'s network interfaces',
    ]);
    assert.deepEqual(warnings('127.0.0.1'), ["nodeIP can't be loopback address"]);
    assert.deepEqual(warnings('fe80::1'), ["nodeIP can't be a link-local unicast address"]);
    assert.deepEqual(warnings('224.0.0.1'), ["nodeIP can't be a multicast address"]);
  });

  test('default routes by metric, from the kernel’s tables', () => {
    const table = (text: string) => text.split('\n').map((line) => line.split(' '));
    assert.deepEqual(
      ipv4DefaultRoutes(
        table(`Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
wlan0 00000000 010200C0 0003 0 0 600 00000000 0 0 0
eth0 00000000 010200C0 0003 0 0 100 00000000 0 0 0
eth1 000011AC 00000000 0001 0 0 0 0000FFFF 0 0 0
tun0 00000000 00000000 0001 0 0 0 00000080 0 0 0
`),
      ),
      ['eth0', 'wlan0'],
    );
    const zero = '0'.repeat(32);
    assert.deepEqual(
      ipv6DefaultRoutes(
        table(`fd00${'0'.repeat(28)} 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001 eth1
${zero} 00 ${zero} 00 fd${'0'.repeat(30)} 00000400 00000003 00000000 00000003 eth0
${zero} 00 ${zero} 00 fd${'0'.repeat(30)} 00000100 00000003 00000000 00000003 eth2
${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200 lo
`),
      ),
      ['eth2', 'eth0'],
    );
  });
});

describe('which resolv.conf', () => {
  const path = (files: Record<string, string>) =>
    resolvConfPath((name) => files[name] ?? assert.fail(`no ${name}`));
  const behind = { '/run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.53\n' };

  test('the usual one, whatever it says', () => {
    assert.equal(path({ '/etc/resolv.conf': 'nameserver 192.0.2.1\n', ...behind }), '/etc/resolv.conf');
    assert.equal(path({ '/etc/resolv.conf': 'search x\n', ...behind }), '/etc/resolv.conf');
    assert.equal(path({}), '/etc/resolv.conf');
    const mixed = 'nameserver 127.0.0.53\nnameserver 192.0.2.1\n';
    assert.equal(path({ '/etc/resolv.conf': mixed, ...behind }), '/etc/resolv.conf');
  });

  test('but for that of systemd-resolved, where the one behind it is there', () => {
    const stub = { '/etc/resolv.conf': '# managed\nnameserver 127.0.0.53\noptions edns0\n' };
    assert.equal(path({ ...stub, ...behind }), '/run/systemd/resolve/resolv.conf');
    assert.equal(path(stub), '/etc/resolv.conf');
  });
});
