// Many manifests in a directory at start: how many a second are decoded in the pool until the first update, and how long
// the loops of the watch and of who receives the update are kept waiting meanwhile. No engine.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { SourceUpdate } from '../src/sources/update.ts';
import { Claims } from '../src/supervisor/claims.ts';
import type { SourceTold } from './source-thread.ts';

/** As people write them, of 700 to 1,500 bytes. */
const typicalManifest = (index: number): string => `apiVersion: v1
kind: Pod
metadata:
  name: app-${index}
  namespace: team-${index % 7}
  labels:
    app.kubernetes.io/name: app
    app.kubernetes.io/instance: app-${index}
  annotations:
    example.com/owner: team-${index % 7}@example.com
spec:
  priorityClassName: ${index % 5 === 0 ? 'system-node-critical' : 'system-cluster-critical'}
  hostNetwork: ${index % 3 === 0}
  containers:
  - name: app
    image: registry.example/team/app:1.${index}
    command: [/bin/app, --listen=:${8000 + (index % 1000)}]
    args:
    - --config=/etc/app/config.yaml
    - --log-level=info
    env:
    - {name: INDEX, value: "${index}"}
    - name: NODE_NAME
      valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
    resources:
      requests: {cpu: 100m, memory: 64Mi}
      limits: {memory: 128Mi}
    livenessProbe:
      httpGet: {path: /healthz, port: ${8000 + (index % 1000)}, host: 127.0.0.1}
      initialDelaySeconds: 10
      failureThreshold: 8
    securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true}
    volumeMounts:
    - {name: config, mountPath: /etc/app, readOnly: true}
${
  index % 2 === 0
    ? `  - name: sidecar
    image: registry.example/team/sidecar:2.0
    args: ["--of", "app-${index}", "--interval", "30s"]
    volumeMounts:
    - {name: config, mountPath: /config}
`
    : ''
}  volumes:
  - name: config
    hostPath: {path: /etc/app-${index}, type: DirectoryOrCreate}
`;

export type DirectoryResult = SourceTold & {
  count: number;
  accepted: number;
  perSecond: number;
  /** Of the loop that receives the update: the longest wait, and the part of it that settling the names took. */
  mainMsMax: number;
  claimsMs: number;
};

export async function measureDirectory(count: number, decodeBundle: string): Promise<DirectoryResult> {
  const path = mkdtempSync(join(tmpdir(), 'monopod-bench-'));
  try {
    for (let index = 0; index < count; index++)
      writeFileSync(join(path, `app-${index}.yaml`), typicalManifest(index));
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const claims = new Claims();
    let accepted = 0;
    let claimsMs = 0;
    const thread = new Worker(join(import.meta.dirname, 'source-thread.ts'), {
      workerData: { path, decodeBundle },
    });
    const told = await new Promise<SourceTold>((resolve, reject) => {
      thread.on('error', reject);
      let update: SourceUpdate;
      thread.on('message', (message: Partial<SourceTold>) => {
        if (message.update) {
          const sinceMs = performance.now();
          update = message.update;
          accepted += update.changed.filter(({ state }) => state === 'accepted').length;
          for (const key of claims.apply(update)) claims.settle(key);
          claimsMs += performance.now() - sinceMs;
        } else resolve({ ...(message as SourceTold), update });
      });
    });
    delay.disable();
    await thread.terminate();
    const perSecond = (count * 1000) / told.tookMs;
    return { ...told, count, accepted, perSecond, mainMsMax: delay.max / 1e6 - 1, claimsMs };
  } finally {
    rmSync(path, { recursive: true });
  }
}
