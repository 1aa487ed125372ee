// Every manifest of pods.jsonl is judged as the kubelet judged it: verdict, stage, error fields and types, defaulted Pod.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { decodeManifest } from '../../src/manifest/decode-manifest.ts';

type Case = {
  name: string;
  manifest: string;
  accepted: boolean;
  stage?: string;
  fields?: { field: string; type: string }[];
  pod?: Pod;
};

const cases: Case[] = readFileSync(join(import.meta.dirname, 'pods.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

const where = { origin: '/m/x.yaml', source: 'file', nodeName: 'node-1', seenAtMs: 0 } as const;

/** What cannot be the same: our hash is of another kind, and the recording has neither kind nor the other annotations. */
function comparable(given: Pod): Pod {
  const pod = structuredClone(given);
  delete pod.apiVersion;
  delete pod.kind;
  delete pod.metadata?.uid;
  for (const name of ['hash', 'seen', 'source'])
    delete pod.metadata?.annotations?.[`kubernetes.io/config.${name}`];
  return pod;
}

for (const { name, manifest, accepted, stage, fields = [], pod } of cases)
  test(name, () => {
    const verdict = decodeManifest(Buffer.from(manifest), where);
    assert.equal(verdict.accepted, accepted, JSON.stringify(verdict.errors));
    if (pod && verdict.accepted) return assert.deepEqual(comparable(verdict.staticPod.pod), comparable(pod));
    const errors = verdict.errors.map(({ field, type }) => ({ field, type }));
    assert.deepEqual([...new Set(verdict.errors.map((error) => error.stage))], [stage]);
    // The kubelet names no field when it cannot decode, finds no name or refuses a reference.
    if (fields.length > 0) assert.deepEqual(errors, fields);
    assert.ok(verdict.errors.every((error) => error.message !== ''));
  });
