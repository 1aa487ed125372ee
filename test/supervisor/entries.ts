// Updates of sources for tests.
import type { PodSpec } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import type { ManifestEntry, SourceUpdate } from '../../src/sources/update.ts';

export const sourceId = 'file:/m';

/** A Pod of that name; its UID says name and version. */
export const podOf = (name: string, version = 1, spec: Partial<PodSpec> = {}): StaticPod => ({
  key: `default/${name}`,
  uid: `${name}-${version}`,
  source: 'file',
  origin: `/m/${name}.yaml`,
  pod: {
    metadata: { name, namespace: 'default', uid: `${name}-${version}` },
    spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
  },
});

export const entry = (
  staticPod: StaticPod | undefined,
  more: Partial<ManifestEntry> = {},
): ManifestEntry => ({
  origin: staticPod?.origin ?? '/m/bad.yaml',
  state: staticPod ? 'accepted' : 'rejected',
  ...(staticPod && { staticPod }),
  errors: [],
  warnings: [],
  reason: '',
  sinceMs: 1,
  ...more,
});

export const update = (changed: ManifestEntry[], more: Partial<SourceUpdate> = {}): SourceUpdate => ({
  sourceId,
  full: false,
  changed,
  removed: [],
  ...more,
});
