// What someone meant who wrote an unknown name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearName } from '../../src/kubernetes/near-name.ts';

const fields = [
  'containers',
  'initContainers',
  'volumes',
  'hostNetwork',
  'hostPID',
  'image',
  'imagePullPolicy',
];

test('typing mistakes and wrong case find the field that was meant', () => {
  const cases: Record<string, string | undefined> = {
    Containers: 'containers',
    container: 'containers',
    contianers: 'containers',
    volume: 'volumes',
    hostnetwork: 'hostNetwork',
    imge: 'image',
    imagePullPolciy: 'imagePullPolicy',
    zebra: undefined,
    x: undefined,
  };
  for (const [name, meant] of Object.entries(cases)) assert.equal(nearName(name, fields), meant, name);
});
