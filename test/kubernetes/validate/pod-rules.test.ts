// Rules of a Pod beside its containers where Kubernetes is not what one would guess: what counts as given, which field
// it names, in which order it looks.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { podErrors } from './pod-errors.ts';

function check(part: 'spec' | 'metadata', cases: Record<string, string[]>): void {
  for (const [written, expected] of Object.entries(cases))
    assert.deepEqual(
      podErrors({ [part]: written }),
      expected.map((error) => `${part}.${error}`),
      written,
    );
}

test('an empty list counts where Kubernetes asks whether it was given, and only there', () => {
  check('spec', {
    'resources: {claims: []}': ['resources.claims: Forbidden'],
    'resources: {claims: null}': [],
    'os: {name: windows}, securityContext: {supplementalGroups: [], sysctls: []}': [
      'securityContext.supplementalGroups: Forbidden',
    ],
    'ephemeralContainers: [{name: e, image: b, ports: [], env: [], resources: {requests: {}}}]': [
      'ephemeralContainers[0].ports: Forbidden',
      'ephemeralContainers[0].resources: Forbidden',
      'ephemeralContainers: Forbidden',
    ],
    'resourceClaims: [], schedulingGates: [], overhead: {}': [],
  });
});

describe('the annotation with tolerations is read as Go reads it', () => {
  const errorsOf = (text: string) =>
    podErrors({ metadata: `annotations: {scheduler.alpha.kubernetes.io/tolerations: '${text}'}` });
  const field = 'metadata.annotations.scheduler.alpha.kubernetes.io/tolerations';

  test('names in any case, null for nothing', () => {
    for (const text of [
      'null',
      '[]',
      '[{"KEY":"a","operator":"Exists","x":[1]}]',
      '[{"key":"a","value":null}]',
    ])
      assert.deepEqual(errorsOf(text), [], text);
    assert.deepEqual(errorsOf('[null]'), [`${field}[0].operator: Invalid value`]);
  });

  test('what has another type is none', () => {
    for (const text of ['x', '{}', '[1]', '[[]]', '[{"key":5}]', '[{"key":"a","tolerationSeconds":"1"}]'])
      assert.deepEqual(errorsOf(text), ['metadata.annotations: Invalid value'], text);
  });
});

test('metadata', () => {
  check('metadata', {
    'managedFields: [{operation: Apply, manager: "a\\tb\\u2003c d"}]': [
      'managedFields[0].manager: Invalid value',
      'managedFields[0].manager: Invalid value',
    ],
    'ownerReferences: [{apiVersion: /v1, kind: Event, name: a, uid: b}]': ['ownerReferences: Invalid value'],
  });
});

describe('volumes', () => {
  const source = (text: string, ...errors: string[]) =>
    check('spec', { [`volumes: [{name: v, ${text}}]`]: errors.map((error) => `volumes[0].${error}`) });

  test('sources beyond the first are told in the order in which Kubernetes looks', () => {
    const long = 'x'.repeat(64);
    source(
      `csi: {driver: d}, iscsi: {targetPortal: ${long}, iqn: i, lun: 0, initiatorName: x}, emptyDir: {}`,
      'iscsi: Forbidden',
      'name: Invalid value',
      'csi: Forbidden',
    );
  });

  test('a claim template has labels and annotations; its uid goes by another name', () => {
    const claim = 'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}';
    const template = (metadata: string, ...errors: string[]) =>
      source(
        `ephemeral: {volumeClaimTemplate: {metadata: {${metadata}}, ${claim}}}`,
        ...errors.map((error) => `ephemeral.volumeClaimTemplate.metadata.${error}`),
      );
    template('labels: {a: b}, annotations: {}, creationTimestamp: null');
    template(
      'finalizers: [], uid: u, "name": c',
      'name: Forbidden',
      'uID: Forbidden',
      'finalizers: Forbidden',
    );
  });

  test('addresses', () => {
    source('quobyte: {registry: "[::1]:1,a:", volume: b}');
    source('quobyte: {registry: "a:1]", volume: b}', 'quobyte.registry: Invalid value');
    source('csi: {driver: a_b}', 'csi.driver: Invalid value');
  });
});

describe('projected volumes', () => {
  const projected = (sourceText: string, ...errors: string[]) =>
    check('spec', {
      [`volumes: [{name: v, projected: {sources: [${sourceText}]}}]`]: errors.map(
        (error) => `volumes[0].projected${error}`,
      ),
    });
  const bundle = (text: string, ...errors: string[]) =>
    projected(
      `{clusterTrustBundle: {${text}, path: p}}`,
      ...errors.map((error) => `.sources[0].clusterTrustBundle.${error}`),
    );

  test('paths that clash are told item by item', () => {
    projected(
      '{secret: {name: s, items: [{key: a, path: p}, {key: b, path: p}, {key: "", path: q}]}}',
      ': Invalid value',
      '.sources[0].secret.items[2].key: Required value',
    );
  });

  test('names of signers: each segment a label, the first wrong one is told', () => {
    bundle('signerName: a.example/b.c');
    bundle('signerName: ""', 'signerName: Required value', 'signerName: Required value');
    bundle('signerName: A..b/c', 'signerName: Invalid value');
    bundle('signerName: a/b_', 'signerName: Invalid value', 'signerName: Invalid value');
    bundle(`signerName: ${'x'.repeat(64)}.b/c`, 'signerName: Invalid value');
    bundle(`signerName: ${'x.'.repeat(127)}b/c`, 'signerName: Too long');
  });

  test("names of bundles: with their signer's, colons for slashes", () => {
    bundle('name: a.example:b:c');
    bundle('name: ":c"', 'name: Invalid value');
    bundle('name: "a.example/b:c"', 'name: Invalid value');
    bundle('name: "a.example:b:C"', 'name: Invalid value');
  });

  test('annotations for a signer are of a domain', () => {
    const certificate = (annotations: string, ...errors: string[]) =>
      projected(
        `{podCertificate: {signerName: a.example/b, keyType: ED25519, keyPath: k, userAnnotations: {${annotations}}}}`,
        ...errors.map((error) => `.sources[0].podCertificate.userAnnotations: ${error}`),
      );
    certificate('A.example/b: ""');
    certificate(
      'b: c, "": c, a.example/: c',
      'Invalid value',
      'Required value',
      'Invalid value',
      'Invalid value',
    );
    certificate(`a.example/b: ${'x'.repeat(2 ** 18)}`, 'Too long');
  });
});
