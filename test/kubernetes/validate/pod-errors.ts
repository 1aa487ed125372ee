// For the tests of rules: a Pod of which only what a rule is about is written -> `field: type` of each error.
import { decodeModel } from '../../../src/kubernetes/decode.ts';
import { setPodDefaults } from '../../../src/kubernetes/default.ts';
import type { Pod } from '../../../src/kubernetes/pod.ts';
import { validatePod } from '../../../src/kubernetes/validate/pod.ts';
import { readDocument } from '../../../src/manifest/read-document.ts';

/** `spec` and `container` are YAML in flow style without the outer braces; `metadata` likewise. */
export type Written = { metadata?: string; spec?: string; container?: string };

export function podErrors({ metadata, spec, container }: Written): string[] {
  const read = readDocument(
    Buffer.from(
      `metadata: {name: p, namespace: default, ${metadata ?? ''}}\n` +
        `spec: {containers: [{name: a, image: b, ${container ?? ''}}], ${spec ?? ''}}\n`,
    ),
  );
  if (!read.ok) throw new Error(read.message);
  const { value, types } = decodeModel('V1Pod', read.document.value);
  if (types.length > 0) return types.map(({ path, wanted }) => `${path}: wants ${wanted}`);
  const pod = value as Pod;
  setPodDefaults(pod);
  return validatePod(pod).map(({ field, type }) => `${field}: ${type}`);
}
