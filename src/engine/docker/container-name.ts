// Names and standard labels of sandboxes and containers, as the kubelet's Docker runtime wrote them. Pure.
import type { PodKey } from '../../manifest/static-pod.ts';
import type { ContainerConfig, PodIdentity, SandboxConfig } from '../engine.ts';
import { LABEL, SANDBOX_NAME } from '../labels.ts';

/**
 * What marks a sandbox or container as this monopod's: node name and root directory, both. `formerNames`: of the node,
 * under this root directory.
 */
export type Owner = { nodeName: string; rootDir: string; formerNames?: string[] };

/** `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>` (dockershim's makeContainerName and makeSandboxName). */
export const containerName = (name: string, identity: PodIdentity, attempt: number): string =>
  ['k8s', name, identity.name, identity.namespace, identity.uid, attempt].join('_');

export const sandboxName = (identity: PodIdentity, attempt: number): string =>
  containerName(SANDBOX_NAME, identity, attempt);

export const podKey = (identity: Pick<PodIdentity, 'namespace' | 'name'>): PodKey =>
  `${identity.namespace}/${identity.name}`;

const commonLabels = (identity: PodIdentity, attempt: number, owner: Owner): Record<string, string> => ({
  [LABEL.podName]: identity.name,
  [LABEL.podNamespace]: identity.namespace,
  [LABEL.podUid]: identity.uid,
  [LABEL.attempt]: String(attempt),
  [LABEL.node]: owner.nodeName,
  [LABEL.rootDir]: owner.rootDir,
});

export const sandboxLabels = (config: SandboxConfig, owner: Owner): Record<string, string> => ({
  ...config.labels,
  ...commonLabels(config.identity, config.attempt, owner),
  [LABEL.containerName]: SANDBOX_NAME,
  [LABEL.dockerType]: 'podsandbox',
});

export const containerLabels = (config: ContainerConfig, owner: Owner): Record<string, string> => ({
  ...config.labels,
  ...commonLabels(config.identity, config.attempt, owner),
  [LABEL.containerName]: config.name,
  [LABEL.dockerType]: 'container',
  [LABEL.sandboxId]: config.sandboxId,
  [LABEL.restartCount]: String(config.restartCount),
});

export const isOwn = (labels: Record<string, string>, owner: Owner): boolean =>
  labels[LABEL.rootDir] === owner.rootDir &&
  (labels[LABEL.node] === owner.nodeName || owner.formerNames?.includes(labels[LABEL.node] ?? '') === true);

/** The engine's label filter that selects what `isOwn` accepts (and more, if the node has had other names), of one Pod
 * if a key is given. */
export function labelFilter(owner: Owner, key?: PodKey): string[] {
  const own = [`${LABEL.rootDir}=${owner.rootDir}`];
  if (!owner.formerNames?.length) own.unshift(`${LABEL.node}=${owner.nodeName}`);
  if (key === undefined) return own;
  const slash = key.indexOf('/');
  return [...own, `${LABEL.podNamespace}=${key.slice(0, slash)}`, `${LABEL.podName}=${key.slice(slash + 1)}`];
}
