// Rules of containers where Kubernetes itself is not what one would guess: what it counts, and which field it names.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeManifest } from '../../../src/manifest/decode-manifest.ts';
import { podErrors } from './pod-errors.ts';

const where = { origin: '/m/x.yaml', source: 'file', nodeName: 'node-1', seenAtMs: 0 } as const;
const forbidden = 'spec.ephemeralContainers: Forbidden';
const atContainer = (text: string) => `spec.containers[0].${text}`;

describe('ephemeral containers', () => {
  const errorsOf = (containers: string) => podErrors({ spec: `ephemeralContainers: [${containers}]` });

  test('an empty object or text behind a pointer is one that was set', () => {
    assert.deepEqual(errorsOf('{name: e, image: b, lifecycle: {}, livenessProbe: {}, restartPolicy: ""}'), [
      'spec.ephemeralContainers[0].restartPolicy: Forbidden',
      'spec.ephemeralContainers[0].livenessProbe: Forbidden',
      'spec.ephemeralContainers[0].lifecycle: Forbidden',
      forbidden,
    ]);
    assert.deepEqual(errorsOf('{name: e, image: b, lifecycle: null, resources: {}}'), [forbidden]);
  });

  test('an image with white space around it is told of the container that has it', () => {
    assert.deepEqual(errorsOf('{name: e, image: b}, {name: f, image: " b"}, {name: g, image: ""}'), [
      'spec.ephemeralContainers[1].image: Invalid value',
      'spec.ephemeralContainers[2].image: Required value',
      forbidden,
    ]);
  });
});

test('white space is what Go takes for it', () => {
  const errorsOf = (image: string) => podErrors({ spec: `initContainers: [{name: i, image: "${image}"}]` });
  for (const padded of ['b\\x85', '\\u2003b', 'b\\n', ' '])
    assert.deepEqual(errorsOf(padded), ['spec.initContainers[0].image: Invalid value'], padded);
  assert.deepEqual(errorsOf('\\ufeffb'), []);
});

test('a device or volume that is named twice counts with its last path alone', () => {
  const claim = 'volumes: [{name: v, emptyDir: {}}, {name: d, persistentVolumeClaim: {claimName: c}}]';
  const errorsOf = (container: string) => podErrors({ spec: claim, container });
  const devices = 'volumeDevices: [{name: d, devicePath: /x}, {name: d, devicePath: /y}]';
  assert.deepEqual(errorsOf(`volumeMounts: [{name: v, mountPath: /x}], ${devices}`), [
    atContainer('volumeDevices[0].devicePath: Invalid value'),
    atContainer('volumeDevices[1].name: Invalid value'),
  ]);
  const mounts = 'volumeMounts: [{name: v, mountPath: /x}, {name: v, mountPath: /y}]';
  assert.deepEqual(errorsOf(`${mounts}, volumeDevices: [{name: d, devicePath: /x}]`), [
    atContainer('volumeMounts[0].mountPath: Invalid value'),
  ]);
});

test('a whole claim overlaps with each part of it that was asked for before', () => {
  const spec = 'resourceClaims: [{name: c, resourceClaimName: x}]';
  const errorsOf = (claims: string) => podErrors({ spec, container: `resources: {claims: [${claims}]}` });
  const duplicate = (index: number) => atContainer(`resources.claims[${index}]: Duplicate value`);
  assert.deepEqual(errorsOf('{name: c, request: a}, {name: c, request: b}, {name: c}'), [
    duplicate(2),
    duplicate(2),
  ]);
  assert.deepEqual(errorsOf('{name: c}, {name: c, request: A}, {name: c}'), [duplicate(1), duplicate(2)]);
  assert.deepEqual(errorsOf('{name: c, request: a}, {name: c, request: a}'), [duplicate(1)]);
});

test('huge pages are divided as bytes are, whatever their name', () => {
  const errorsOf = (resource: string, divisor: string) =>
    podErrors({
      container: `env: [{name: A, valueFrom: {resourceFieldRef: {resource: ${resource}, divisor: ${divisor}}}}]`,
    });
  assert.deepEqual(errorsOf('limits.hugepages-2.cpu', '1Ki'), []);
  assert.deepEqual(errorsOf('limits.cpu', '1Ki'), [
    atContainer('env[0].valueFrom.resourceFieldRef.divisor: Invalid value'),
  ]);
});

test('ports of a later init container that clash are told of the first, and shown where they stand', () => {
  const port = '        - {containerPort: 1, hostPort: 5}\n';
  const manifest =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, image: b}]\n' +
    `  initContainers:\n    - {name: i, image: b}\n    - name: j\n      image: b\n      ports:\n${port}${port}`;
  const { errors } = decodeManifest(Buffer.from(manifest), where);
  assert.deepEqual(
    errors.map(({ field, type, line, column }) => [field, type, line, column]),
    [['spec.initContainers[0].ports[1].hostPort', 'Duplicate value', 12, 40]],
  );
});

test('a request that was copied from its limit is shown where the limit stands, one that was written at itself', () => {
  const placesOf = (resources: string) => {
    const container = `    - name: a\n      image: b\n      resources:\n${resources}`;
    const manifest = `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n${container}`;
    return decodeManifest(Buffer.from(manifest), where).errors.map(
      ({ field, line, column }) => `${field.slice('spec.containers[0].resources.'.length)} ${line}:${column}`,
    );
  };
  const limits = '        limits: {cpu: -1}\n';
  assert.deepEqual(placesOf(limits), ['limits[cpu] 9:23', 'requests[cpu] 9:23']);
  assert.deepEqual(placesOf(`${limits}        requests: {memory: 1}\n`), [
    'limits[cpu] 9:23',
    'requests[cpu] 9:23',
  ]);
  assert.deepEqual(placesOf(`${limits}        requests: {cpu: -1}\n`), [
    'limits[cpu] 9:23',
    'requests[cpu] 10:25',
  ]);
});
