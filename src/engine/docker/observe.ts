// The engine's raw answers -> our own types. Pure, and the only place that reads Docker's JSON of containers.
import { constants } from 'node:os';
import type { ContainerInfo, ContainerInspectInfo, ImageInspectInfo } from 'dockerode';
import { parseImageName } from '../../kubernetes/image-name.ts';
import type { PodKey } from '../../manifest/static-pod.ts';
import type { ContainerObservation, ImageStatus, PodIdentity } from '../engine.ts';
import { LABEL } from '../labels.ts';
import { isOwn, type Owner, podKey } from './container-name.ts';
import { explained } from './failures.ts';
import type { ImageRefs } from './image-refs.ts';

export type ContainerSummary = { id: string; key: PodKey; state: ContainerObservation['state'] };

/** Undefined for what is not ours or lacks the labels that make it a Pod's. */
export function observe(
  raw: ContainerInspectInfo,
  owner: Owner,
  images?: ImageRefs,
): ContainerObservation | undefined {
  const labels = raw.Config.Labels ?? {};
  const identity = identityOf(labels, owner);
  if (!identity) return undefined;
  const state = stateOf(raw.State.Status);
  const startedAtMs = timeOf(raw.State.StartedAt);
  const finishedAtMs = endOf(raw.State, startedAtMs);
  const sandbox = labels[LABEL.dockerType] === 'podsandbox';
  return {
    id: raw.Id,
    kind: sandbox ? 'sandbox' : 'container',
    identity,
    key: podKey(identity),
    name: labels[LABEL.containerName] ?? '',
    attempt: integerOf(labels[LABEL.attempt]),
    restartCount: integerOf(labels[LABEL.restartCount]),
    labels,
    state,
    createdAtMs: timeOf(raw.Created) ?? 0,
    ...(startedAtMs !== undefined && { startedAtMs }),
    // The engine leaves the end of an earlier run in place while a restarted one runs.
    ...(state === 'exited' && { finishedAtMs, exitCode: raw.State.ExitCode }),
    // One that could not be started stays `created`, with 126, 127 or 128.
    ...(state === 'created' && raw.State.Error !== '' && { exitCode: raw.State.ExitCode }),
    oomKilled: raw.State.OOMKilled,
    error: explained(raw.State.Error),
    image: raw.Config.Image,
    imageId: images?.of(raw.Image) ?? raw.Image,
    ips: sandbox && state === 'running' ? ipsOf(raw) : [],
    ...(raw.State.Pid > 0 && { pid: raw.State.Pid }),
    ...(raw.LogPath !== '' && { logPath: raw.LogPath }),
    ...readOnlyRecursively(raw),
    stopSignal: stopSignalOf((raw.Config as { StopSignal?: string }).StopSignal),
  };
}

export function summarise(raw: ContainerInfo, owner: Owner): ContainerSummary | undefined {
  const identity = identityOf(raw.Labels ?? {}, owner);
  return identity && { id: raw.Id, key: podKey(identity), state: stateOf(raw.State) };
}

export function identityOf(labels: Record<string, string>, owner: Owner): PodIdentity | undefined {
  const name = labels[LABEL.podName];
  const namespace = labels[LABEL.podNamespace];
  const uid = labels[LABEL.podUid];
  const known = labels[LABEL.dockerType] === 'podsandbox' || labels[LABEL.dockerType] === 'container';
  if (!isOwn(labels, owner) || !known || !name || !namespace || !uid) return undefined;
  return { name, namespace, uid };
}

/** `name`: by which it was asked for; an image may be in several repositories. */
export const imageStatus = (raw: ImageInspectInfo, name: string): ImageStatus => ({
  id: raw.Id,
  ref: refOf(raw, parseImageName(name)?.repository),
  user: raw.Config?.User ?? '',
  stopSignal: stopSignalOf((raw.Config as { StopSignal?: string } | undefined)?.StopSignal),
});

function refOf({ Id, RepoDigests }: ImageInspectInfo, repository: string | undefined): string {
  const refs = (RepoDigests ?? []).flatMap((text) => {
    const name = parseImageName(text);
    return name?.digest === undefined ? [] : [{ ...name, text: `${name.repository}@${name.digest}` }];
  });
  return (refs.find((ref) => ref.repository === repository) ?? refs[0])?.text ?? Id;
}

/** Only such a mount was asked for by these words (binds.ts). */
function readOnlyRecursively({ HostConfig }: ContainerInspectInfo): { readOnlyRecursively?: string[] } {
  const mounts = HostConfig?.Mounts ?? [];
  const recursive = mounts.filter(
    ({ BindOptions }) =>
      BindOptions && 'ReadOnlyForceRecursive' in BindOptions && BindOptions.ReadOnlyForceRecursive,
  );
  return recursive.length > 0 ? { readOnlyRecursively: recursive.map(({ Target }) => Target) } : {};
}

/** Docker's created, running, paused, restarting, removing, exited, dead. */
function stateOf(status: string): ContainerObservation['state'] {
  if (status === 'created') return 'created';
  return status === 'running' || status === 'paused' || status === 'restarting' ? 'running' : 'exited';
}

/** Year 1 is how Go prints a time that was never set. */
function timeOf(text: string): number | undefined {
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) || timeMs <= 0 ? undefined : timeMs;
}

/** The engine notes a start after the fact: what ends at once may have ended, by its times, before it began. */
function endOf({ FinishedAt }: ContainerInspectInfo['State'], startedAtMs = 0): number | undefined {
  const finishedAtMs = timeOf(FinishedAt);
  return finishedAtMs === undefined ? undefined : Math.max(finishedAtMs, startedAtMs);
}

function integerOf(text: string | undefined): number {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isNaN(value) ? 0 : value;
}

function ipsOf(raw: ContainerInspectInfo): string[] {
  const networks = Object.values(raw.NetworkSettings.Networks ?? {});
  return networks.flatMap(({ IPAddress, GlobalIPv6Address }) =>
    [IPAddress, GlobalIPv6Address].filter(Boolean),
  );
}

/** As the engine's own `stop` has it: what is no signal of Linux is SIGTERM. */
function stopSignalOf(wanted: string | undefined): string {
  if (!wanted) return 'SIGTERM';
  if (/^\d+$/.test(wanted)) {
    const number = Number(wanted);
    return number >= 1 && number <= 64 ? wanted : 'SIGTERM';
  }
  const name = wanted.toUpperCase().startsWith('SIG') ? wanted.toUpperCase() : `SIG${wanted.toUpperCase()}`;
  return name in constants.signals || /^SIGRT(MIN(\+\d+)?|MAX(-\d+)?)$/.test(name) ? name : 'SIGTERM';
}
