// What each kind of volume is prepared with, and how one that cannot be had is refused.
import { fail } from '../../errors.ts';
import type { NodeResources } from '../../kubernetes/node-resources.ts';
import type { Pod } from '../../kubernetes/pod.ts';

export type Setting = { rootDir: string; uid: string; pod: Pod; node: NodeResources };

export const fsGroupOf = ({ pod }: Pick<Setting, 'pod'>): number | undefined =>
  pod.spec?.securityContext?.fsGroup;

/**
 * FailedMount in the Pod's status, with the kubelet's words (operation_generator.go GenerateMountVolumeFunc); tried again
 * by its own back-off.
 */
export const refused = (volume: string, message: string) =>
  fail('HostPreparationFailed', `MountVolume.SetUp failed for volume "${volume}" : ${message}`);
