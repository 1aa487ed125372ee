// All that a Pod's actor asks of the host and waits for, in one hand: directories, mounts, termination messages.
import type { Mount, PodIdentity } from '../engine/engine.ts';
import { ok, type Result } from '../errors.ts';
import type { V1FileKeySelector } from '../kubernetes/generated/shapes.ts';
import type { NodeResources } from '../kubernetes/node-resources.ts';
import type { Container, Pod } from '../kubernetes/pod.ts';
import { readFileKeys } from './env-files.ts';
import { dropDeadLinks } from './log-links.ts';
import { hasNetworkFile, type NetworkFile, readNodeFile, writeNetworkFile } from './network-files.ts';
import { cleanHost, type HostDirectories, prepareHost } from './prepare.ts';
import { readSeccompProfile } from './seccomp-profile.ts';
import {
  readTerminationMessage,
  removeTerminationMessage,
  terminationLogMount,
} from './termination-message.ts';
import { mountsOf } from './volumes/container-mounts.ts';

export type PodHost = {
  prepare(identity: PodIdentity, pod: Pod): Promise<Result<undefined>>;
  clean(identity: PodIdentity): Promise<Result<undefined>>;
  /** What its environment takes from files of its volumes (fileKeyRef). ContainerConfigInvalid. */
  fileKeys(
    uid: string,
    pod: Pod,
    container: Container,
  ): Promise<Result<ReadonlyMap<V1FileKeySelector, string>>>;
  /** Of one attempt of a container: its volumes, and the file for its termination message. */
  mounts(
    uid: string,
    pod: Pod,
    container: Container,
    attempt: number,
    environment: ReadonlyMap<string, string>,
  ): Promise<Result<Mount[]>>;
  /** The host's own file as it is now. Rejects. */
  nodeFile(path: string): Promise<string>;
  hasNetworkFile(uid: string, name: NetworkFile): Promise<boolean>;
  /** Rejects. */
  writeNetworkFile(uid: string, name: NetworkFile, text: string): Promise<void>;
  /** The JSON of a `localhostProfile`. ContainerCreateFailed. */
  seccompProfile(localhostProfile: string): Promise<Result<string>>;
  /** The engine has removed a container, and its log with it. */
  dropDeadLogLinks(identity: PodIdentity): Promise<void>;
  readMessage: (
    uid: string,
    container: Container,
    attempt: number,
    ended: { exitCode: number; reason: string; logPath?: string },
  ) => Promise<string>;
};

export const podHost = (directories: HostDirectories & { node: NodeResources }): PodHost => {
  const { rootDir } = directories;
  return {
    prepare: (identity, pod) => prepareHost(directories, identity, pod),
    clean: (identity) => cleanHost(directories, identity),
    fileKeys: (uid, pod, container) => readFileKeys(rootDir, uid, pod, container),
    mounts: (uid, pod, container, attempt, environment) =>
      allMounts(rootDir, uid, pod, container, attempt, environment),
    nodeFile: readNodeFile,
    hasNetworkFile: (uid, name) => hasNetworkFile(rootDir, uid, name),
    writeNetworkFile: (uid, name, text) => writeNetworkFile(rootDir, uid, name, text),
    seccompProfile: (localhostProfile) => readSeccompProfile(rootDir, localhostProfile),
    dropDeadLogLinks: (identity) => dropDeadLinks(directories.podLogsDir, identity),
    readMessage: (uid, container, attempt, ended) =>
      readTerminationMessage(rootDir, uid, container, attempt, ended),
  };
};

async function allMounts(
  rootDir: string,
  uid: string,
  pod: Pod,
  container: Container,
  attempt: number,
  environment: ReadonlyMap<string, string>,
): Promise<Result<Mount[]>> {
  const volumes: Result<Mount[]> = container.volumeMounts?.length
    ? await mountsOf(rootDir, uid, pod, container, environment)
    : ok([]);
  if (!volumes.ok) return volumes;
  const log = await terminationLogMount(rootDir, uid, container, attempt);
  if (!log.ok) return log;
  // Two attempts can be asked about, this one and the one before. What is left of an older one is cleaned up with the Pod.
  if (attempt >= 2) await removeTerminationMessage(rootDir, uid, container, attempt - 2);
  return ok(log.value ? [...volumes.value, log.value] : volumes.value);
}
