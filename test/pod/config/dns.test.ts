// Which DNS a Pod has, by policy, config and the kubelet's limits.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PodSpec } from '../../../src/kubernetes/pod.ts';
import { type NodeDns, podDns } from '../../../src/pod/config/dns.ts';
import { staticPod } from '../pods.ts';

const ofNode = { servers: ['192.0.2.53'], searches: ['node.example'], options: ['timeout:1'] };
const cluster = {
  clusterDns: ['10.96.0.10', 'fd00::a'],
  clusterDomain: 'cluster.local',
  ofNode,
  hostIps: ['192.0.2.1'],
};
const inCluster = {
  servers: ['10.96.0.10', 'fd00::a'],
  searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'node.example'],
  options: ['ndots:5'],
};

const dns = (spec: Partial<PodSpec>, node: Partial<NodeDns> = {}) =>
  podDns(staticPod('v1', { dnsPolicy: 'ClusterFirst', ...spec }).pod, { ...cluster, ...node });
const config = (spec: Partial<PodSpec>, node?: Partial<NodeDns>) => dns(spec, node).config;
const numbered = (count: number, length = 6) =>
  Array.from({ length: count }, (_, at) => `d${at}`.padEnd(length, 'x'));

describe('policy', () => {
  test('ClusterFirst: the cluster’s servers, its domains before the node’s, ndots:5', () => {
    assert.deepEqual(dns({}), { config: inCluster, warnings: [] });
  });

  test('a domain that the node searches as well is searched once', () => {
    const searches = ['cluster.local', 'node.example'];
    assert.deepEqual(config({}, { ofNode: { ...ofNode, searches } }).searches, inCluster.searches);
  });

  test('without --cluster-domain only the node’s domains are searched', () => {
    assert.deepEqual(config({}, { clusterDomain: '' }).searches, ['node.example']);
  });

  test('Default: the node’s', () =>
    assert.deepEqual(dns({ dnsPolicy: 'Default' }), { config: ofNode, warnings: [] }));

  test('in the host’s network ClusterFirst is Default, ClusterFirstWithHostNet is not', () => {
    assert.deepEqual(dns({ hostNetwork: true }), { config: ofNode, warnings: [] });
    assert.deepEqual(config({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), inCluster);
    assert.deepEqual(config({ dnsPolicy: 'ClusterFirstWithHostNet' }), inCluster);
  });

  test('None: what dnsConfig says and nothing else', () => {
    const dnsConfig = {
      nameservers: ['192.0.2.7'],
      searches: ['a'],
      options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
    };
    assert.deepEqual(config({ dnsPolicy: 'None', dnsConfig }), {
      servers: ['192.0.2.7'],
      searches: ['a'],
      options: ['ndots:2', 'edns0'],
    });
  });

  test('without --cluster-dns ClusterFirst is Default, and says so where it was asked for', () => {
    const none = { clusterDns: [] };
    assert.deepEqual(dns({ dnsPolicy: 'ClusterFirst' }, none), { config: ofNode, warnings: [] });
    assert.deepEqual(dns({ dnsPolicy: 'ClusterFirstWithHostNet' }, none), {
      config: ofNode,
      warnings: [
        {
          reason: 'MissingClusterDNS',
          message:
            'monopod does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirstWithHostNet" policy. Falling back to "Default" policy.',
        },
      ],
    });
  });

  test('with an empty --resolv-conf Default is the local machine, and searches nothing', () => {
    const none = { ofNode: undefined };
    const local = { servers: ['127.0.0.1'], searches: ['.'], options: [] };
    assert.deepEqual(config({ dnsPolicy: 'Default' }, none), local);
    assert.deepEqual(config({ dnsPolicy: 'Default' }, { ...none, hostIps: [] }), local);
    assert.deepEqual(
      config({ dnsPolicy: 'Default' }, { ...none, hostIps: ['fd00::1', '192.0.2.1'] }).servers,
      ['::1', '127.0.0.1'],
    );
    assert.deepEqual(config({}, none), { ...inCluster, searches: inCluster.searches.slice(0, 3) });
  });
});

describe('dnsConfig', () => {
  test('is added to what the policy gives; what is there already is not said twice; an option replaces', () => {
    const dnsConfig = {
      nameservers: ['10.96.0.10', '192.0.2.7'],
      searches: ['svc.cluster.local', 'more.example'],
      options: [{ name: 'ndots', value: '2' }, { name: 'use-vc' }, { name: 'use-vc' }],
    };
    assert.deepEqual(dns({ dnsConfig }), {
      config: {
        servers: ['10.96.0.10', 'fd00::a', '192.0.2.7'],
        searches: [...inCluster.searches, 'more.example'],
        options: ['ndots:2', 'use-vc'],
      },
      warnings: [],
    });
  });

  test('an option without a value takes the value away', () => {
    assert.deepEqual(config({ dnsConfig: { options: [{ name: 'ndots' }] } }).options, ['ndots']);
  });
});

describe('limits', () => {
  test('three servers: the rest is left out, and the ones that are applied are named', () => {
    const { config, warnings } = dns({ dnsConfig: { nameservers: ['192.0.2.7', '192.0.2.8'] } });
    assert.deepEqual(config.servers, ['10.96.0.10', 'fd00::a', '192.0.2.7']);
    assert.deepEqual(warnings, [
      {
        reason: 'DNSConfigForming',
        message:
          'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 fd00::a 192.0.2.7',
      },
    ]);
  });

  test('32 domains to search', () => {
    const exactly = dns({ dnsPolicy: 'Default' }, { ofNode: { ...ofNode, searches: numbered(32) } });
    assert.deepEqual([exactly.config.searches.length, exactly.warnings], [32, []]);
    const { config, warnings } = dns({}, { ofNode: { ...ofNode, searches: numbered(30) } });
    assert.deepEqual(config.searches, [...inCluster.searches.slice(0, 3), ...numbered(29)]);
    assert.deepEqual(warnings, [
      {
        reason: 'DNSConfigForming',
        message: `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${config.searches.join(' ')}`,
      },
    ]);
  });

  test('2048 characters together: as many as fit', () => {
    // 8 of 255 with 8 blanks between them and the ninth.
    const searches = [...numbered(8, 250), 'x'.repeat(2048 - 8 * 251), 'last'];
    const { config, warnings } = dns({ dnsPolicy: 'Default' }, { ofNode: { ...ofNode, searches } });
    assert.equal(config.searches.join(' ').length, 2048);
    assert.deepEqual(config.searches, searches.slice(0, 9));
    assert.equal(warnings.length, 1);
  });

  test('a domain longer than 253 is left out, and does not take others with it', () => {
    const searches = ['a', 'x'.repeat(254), 'x'.repeat(253)];
    const { config, warnings } = dns({ dnsPolicy: 'Default' }, { ofNode: { ...ofNode, searches } });
    assert.deepEqual(config.searches, ['a', 'x'.repeat(253)]);
    assert.equal(warnings.length, 1);
  });
});
