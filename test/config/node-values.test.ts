// What of the node Pods may have, on the command line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evictionThresholds, nodeLabels, pidsMax, reservation } from '../../src/config/node-values.ts';

test('reservations: resources the kubelet knows, in quantities', () => {
  assert.deepEqual(reservation('cpu=100m,memory=1.5Gi, ephemeral-storage=1e9,pid=1000'), {
    cpu: '100m',
    memory: '1.5Gi',
    'ephemeral-storage': '1e9',
    pid: '1000',
  });
  assert.deepEqual(reservation(''), {});
  assert.throws(() => reservation('cpu'), /Write it as cpu=500m/);
  assert.throws(() => reservation('disk=1'), /Of 'disk' nothing can be reserved/);
  for (const bad of ['cpu=-1', 'cpu=', 'cpu=much', 'memory=1GB'])
    assert.throws(() => reservation(bad), /is no quantity/);
});

test('processes of a Pod: a number, or none', () => {
  assert.deepEqual(['-1', '0', '100'].map(pidsMax), [0, 0, 100]);
  for (const bad of ['-2', 'x', '']) assert.throws(() => pidsMax(bad), /whole number/);
});

test('eviction thresholds: signals with quantities or percentages', () => {
  assert.deepEqual(evictionThresholds('memory.available<500Mi,nodefs.available<10.5%'), {
    'memory.available': '500Mi',
    'nodefs.available': '10.5%',
  });
  assert.throws(() => evictionThresholds('memory.available=1Gi'), /Write it as/);
  assert.throws(() => evictionThresholds('memory<1Gi'), /none of the signals/);
  for (const bad of ['101%', '-1%', 'x'])
    assert.throws(() => evictionThresholds(`nodefs.available<${bad}`), /is a quantity, or a percentage/);
});

test('labels: keys with or without a domain, values that may be empty', () => {
  assert.deepEqual(nodeLabels('disk=ssd,example.com/zone=a-1,empty='), {
    disk: 'ssd',
    'example.com/zone': 'a-1',
    empty: '',
  });
  for (const bad of ['a/b/c=1', '-x=1', 'Example.com/a=1', 'a b=1'])
    assert.throws(() => nodeLabels(bad), /is no key/);
  assert.throws(() => nodeLabels('a=b c'), /is no value/);
  assert.throws(() => nodeLabels('a'), /Write it as/);
});
