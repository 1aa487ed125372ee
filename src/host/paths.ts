// Where things lie on the host: the kubelet's layout under our root directory. Pure.
import { dirname, join } from 'node:path';
import type { PodIdentity } from '../engine/engine.ts';

export const podDirectory = (rootDir: string, uid: string): string => join(rootDir, 'pods', uid);

/** For a name that may come from a label, which anybody can write: one component, and neither `.` nor `..`. */
export const isOneComponent = (name: string): boolean => /^\w[\w.-]*$/.test(name);

/** `<root-dir>/pods/<uid>/containers/<name>`: getPodContainerDir. Its files are named by attempt. */
export const containerDirectory = (rootDir: string, uid: string, container: string): string =>
  join(podDirectory(rootDir, uid), 'containers', container);

/** `<root-dir>/pods/<uid>/etc-hosts`: getEtcHostsPath; `resolv.conf` beside it. */
export const networkFile = (rootDir: string, uid: string, name: string): string =>
  join(podDirectory(rootDir, uid), name);

/** `<root-dir>/pods/<uid>/volumes/kubernetes.io~empty-dir/<name>` */
export const volumeDirectory = (rootDir: string, uid: string, plugin: string, volume: string): string =>
  join(podDirectory(rootDir, uid), 'volumes', `kubernetes.io~${plugin}`, volume);

/** `<root-dir>/pods/<uid>/volume-subpaths/<volume>/<container>/<index>`: getSubpathBindTarget. */
export const subPathTarget = (
  rootDir: string,
  uid: string,
  volume: string,
  container: string,
  index: number,
): string => join(podDirectory(rootDir, uid), 'volume-subpaths', volume, container, `${index}`);

/** `<pod-logs-dir>/<namespace>_<name>_<uid>`: BuildPodLogsDirectory. */
export const podLogsDirectory = (podLogsDir: string, { namespace, name, uid }: PodIdentity): string =>
  join(podLogsDir, `${namespace}_${name}_${uid}`);

/** `<container>/<attempt>.log` below it: BuildContainerLogsPath. */
export const containerLog = (
  podLogsDir: string,
  identity: PodIdentity,
  container: string,
  attempt: number,
): string => join(podLogsDirectory(podLogsDir, identity), container, `${attempt}.log`);

/** `/var/log/containers` for `/var/log/pods`: legacyContainerLogsDir. */
export const containerLogsDirectory = (podLogsDir: string): string => join(dirname(podLogsDir), 'containers');

export const checkpointsDirectory = (rootDir: string): string => join(rootDir, 'checkpoints');

export const ordersDirectory = (rootDir: string): string => join(rootDir, 'orders');
