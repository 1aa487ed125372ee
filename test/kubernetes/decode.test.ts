// Decoding as Go's JSON decoder does it: strict in types, case-sensitive, null is absent, unknown fields are dropped.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DocumentValue, decodeModel } from '../../src/kubernetes/decode.ts';

type Plain = string | number | bigint | boolean | null | Plain[] | { [key: string]: Plain };

const document = (value: Plain): DocumentValue =>
  Array.isArray(value)
    ? value.map(document)
    : typeof value === 'object' && value !== null
      ? new Map(Object.entries(value).map(([key, item]) => [key, document(item)]))
      : value;

function decode(model: string, value: Plain) {
  const { value: decoded, types, unknown } = decodeModel(model, document(value));
  return {
    decoded,
    types: types.map(({ path, wanted }) => `${path}: ${wanted}`),
    unknown: unknown.map(({ path }) => String(path)),
  };
}

test('fields are case-sensitive; what is unknown is dropped and told', () => {
  const { decoded, unknown } = decode('V1Container', {
    name: 'a',
    Image: 'b',
    ports: [{ containerport: 1 }],
  });
  assert.deepEqual(decoded, { name: 'a', ports: [{ containerPort: 0 }], resources: {} });
  assert.deepEqual(unknown, ['Image', 'ports[0].containerport']);
});

test('a wrong type is an error that names the field', () => {
  const { types } = decode('V1Container', {
    name: 5,
    command: 'ls',
    stdin: 'true',
    ports: [{ containerPort: '80' }, { containerPort: 1.5 }, { containerPort: 2 ** 31 }],
    env: {},
    resources: { limits: { cpu: '', memory: true, storage: '1KB' } },
    livenessProbe: { httpGet: { port: true } },
  });
  assert.deepEqual(types, [
    'name: a string',
    'command: a list of strings',
    'stdin: true or false',
    'ports[0].containerPort: a whole number (int32)',
    'ports[1].containerPort: a whole number (int32)',
    'ports[2].containerPort: a whole number (int32)',
    'env: a list of maps',
    'resources.limits[cpu]: a quantity (as 100m, 0.5, 64Mi or 1Gi)',
    'resources.limits[memory]: a quantity (as 100m, 0.5, 64Mi or 1Gi)',
    'resources.limits[storage]: a quantity (as 100m, 0.5, 64Mi or 1Gi)',
    'livenessProbe.httpGet.port: a whole number or a string',
  ]);
});

test('64 bits are exact at their edges', () => {
  const seconds = (value: Plain) =>
    decode('V1PodSpec', { containers: [], terminationGracePeriodSeconds: value });
  assert.deepEqual(seconds(9223372036854775807n).types, []);
  assert.deepEqual(seconds(-9223372036854775808n).types, []);
  assert.equal(seconds(9223372036854775808n).types.length, 1);
  assert.equal(seconds(1e20).types.length, 1);
  assert.equal(seconds(30).decoded.terminationGracePeriodSeconds, 30);
  // What is printed of them must be one of 64 bits, too.
  for (const edge of [2n ** 63n - 1n, -(2n ** 63n)]) {
    const printed = BigInt(JSON.stringify(seconds(edge).decoded.terminationGracePeriodSeconds));
    assert.equal(BigInt.asIntN(64, printed), printed);
  }
});

test('null is absent; in a list and as the value of a map it is the zero value', () => {
  const { decoded, types } = decode('V1PodSpec', {
    hostNetwork: null,
    volumes: null,
    nodeSelector: { a: null },
    containers: [{ name: 'a', command: [null], resources: { limits: { cpu: null } } }, null],
  });
  assert.deepEqual(types, []);
  assert.deepEqual(decoded, {
    nodeSelector: { a: '' },
    containers: [
      { name: 'a', command: [''], resources: { limits: { cpu: '0' } } },
      { name: '', resources: {} },
    ],
  });
});

test('zero values are left out, but where they say something', () => {
  const { decoded } = decode('V1PodSpec', {
    hostNetwork: false,
    hostname: '',
    nodeSelector: {},
    tolerations: [],
    securityContext: {},
    terminationGracePeriodSeconds: 0,
    enableServiceLinks: false,
    containers: [
      { name: 'a', stdin: false, securityContext: { privileged: false, runAsUser: 0, capabilities: {} } },
    ],
  });
  assert.deepEqual(decoded, {
    securityContext: {},
    terminationGracePeriodSeconds: 0,
    enableServiceLinks: false,
    containers: [
      { name: 'a', resources: {}, securityContext: { privileged: false, runAsUser: 0, capabilities: {} } },
    ],
  });
});

test('a list that is always written is null when absent, and empty when so written', () => {
  const sources = (value: Plain) => decode('V1ProjectedVolumeSource', value).decoded.sources;
  assert.deepEqual(
    [{}, { sources: null }, { sources: [] }].map((value) => sources(value as Plain)),
    [null, null, []],
  );
});

test('quantities become canonical: in lists of resources to the thousandth, elsewhere exactly', () => {
  const { decoded } = decode('V1Container', {
    name: 'a',
    resources: { limits: { cpu: 1.5, memory: ' 1.5Gi ', x: '0.0001', y: 10000000000000000000n } },
  });
  const { limits } = decoded.resources as { limits: object };
  assert.deepEqual(limits, { cpu: '1500m', memory: '1536Mi', x: '1m', y: '10E' });
  assert.deepEqual(decode('V1EmptyDirVolumeSource', { sizeLimit: '0.0001' }).decoded, { sizeLimit: '100u' });
});

test('times are RFC 3339 and become UTC', () => {
  const time = (text: string) => decode('V1ObjectMeta', { creationTimestamp: text });
  assert.equal(time('2024-02-29T01:00:00.5+01:00').decoded.creationTimestamp, '2024-02-29T00:00:00Z');
  assert.equal(time('9999-12-31T23:59:59-01:00').decoded.creationTimestamp, '10000-01-01T00:59:59Z');
  assert.equal(time('0001-01-01T00:00:00Z').decoded.creationTimestamp, undefined);
  for (const text of ['', '2024-02-30T00:00:00Z', '2024-01-01', 'now', '2024-01-01T25:00:00Z'])
    assert.equal(time(text).types.length, 1, text);
});

test('no key of a document reaches a prototype', () => {
  const entries = [
    ['__proto__', document({ polluted: true })],
    ['constructor', document({ prototype: { polluted: true } })],
    ['toString', 'x'],
  ] as [string, DocumentValue][];
  const { value, unknown } = decodeModel(
    'V1Pod',
    new Map<string, DocumentValue>([...entries, ['metadata', new Map(entries)]]),
  );
  assert.equal(unknown.length, 6);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  const labels = new Map<string, DocumentValue>([['__proto__', 'x']]);
  const meta = decodeModel('V1ObjectMeta', new Map<string, DocumentValue>([['labels', labels]])).value;
  assert.deepEqual(Object.entries(meta.labels as object), [['__proto__', 'x']]);
});
