// The kubelet's log layout over the engine's own log files: <pod-logs-dir>/<ns>_<name>_<uid>/<container>/<attempt>.log.

import { dirname } from 'node:path';
import type { PodIdentity } from '../engine/engine.ts';
import { mkdir, rm, symlink } from './files.ts';
import { containerLog } from './paths.ts';

export async function linkLog(
  podLogsDir: string,
  identity: PodIdentity,
  container: string,
  attempt: number,
  logPath: string,
): Promise<void> {
  const link = containerLog(podLogsDir, identity, container, attempt);
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(logPath, link);
}
