import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compareQuantities,
  parseQuantity,
  quantityMilliValue,
  quantityText,
  quantityValue,
  roundUp,
} from '../../src/kubernetes/quantity.ts';

const canonical = (text: string) => {
  const parsed = parseQuantity(text);
  return parsed && quantityText(roundUp(parsed, -3));
};

test('canonical forms are those of Kubernetes', () => {
  const cases: Record<string, string> = {
    0: '0',
    '0.0': '0',
    '0.1': '100m',
    1.5: '1500m',
    '1.5Gi': '1536Mi',
    '1Gi': '1Gi',
    '8Gi': '8Gi',
    '1024Mi': '1Gi',
    '1024Ki': '1Mi',
    '0.5Ki': '512',
    '100M': '100M',
    '1E': '1E',
    '1e3': '1e3',
    '2E3': '2E3',
    '12e6': '12e6',
    '1200e3': '1200e3',
    '1000e3': '1e6',
    '1.G': '1.G',
    '.5': '500m',
    '+5': '+5',
    '-1': '-1',
    '1u': '1m',
    '1500u': '2m',
    '8Ei': '9223372036854775807',
    '1000E': '1e21',
    '0.5': '500m',
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(canonical(text), expected, text);
});

test('what is no quantity is refused', () => {
  for (const text of [
    '',
    ' ',
    'x',
    '1x',
    '1 Gi',
    '1.1.1',
    '--1',
    '1ki',
    '1KiB',
    '1e',
    '1e+',
    '1mm',
    '0x10',
    '1_0',
    '1e99999',
  ])
    assert.equal(parseQuantity(text), undefined, text);
});

test('comparison is exact across formats and sizes', () => {
  const order = [
    '-1',
    '0',
    '1n',
    '1m',
    '999m',
    '1',
    '1k',
    '1Ki',
    '1M',
    '1Mi',
    '18446744073709551616',
    '1e40',
  ];
  for (let i = 1; i < order.length; i++) {
    const [small, large] = [parseQuantity(order[i - 1] ?? ''), parseQuantity(order[i] ?? '')];
    assert.ok(small && large);
    assert.equal(compareQuantities(small, large), -1, `${order[i - 1]} < ${order[i]}`);
    assert.equal(compareQuantities(large, small), 1);
    assert.equal(compareQuantities(large, large), 0);
  }
});

test('values round up to whole bytes and millicores', () => {
  assert.equal(quantityValue('1Gi'), 1024 ** 3);
  assert.equal(quantityValue('1.1'), 2);
  assert.equal(quantityMilliValue('250m'), 250);
  assert.equal(quantityMilliValue('0.0001'), 1);
  assert.equal(quantityValue('lots'), undefined);
});
