// What a rule of admission is: a Pod and the room there is for it in, a refusal or nothing out. Pure.
import type { NodeResources } from '../../kubernetes/node-resources.ts';
import type { Pod } from '../../kubernetes/pod.ts';
import type { Occupied } from '../occupancy.ts';

/** What is missing of one resource: cpu in thousandths, everything else in whole units. */
export type Shortage = { resource: string; requested: number; used: number; capacity: number };

/**
 * `reason` and `message` as the kubelet shows them: `OutOfpods`, … `short`: resources are all that is missing, so that
 * a critical Pod may take the place of others.
 */
export type Refusal = { reason: string; message: string; short?: Shortage[] };

/** What a rule may know of the node, besides what its Pods hold. */
export type NodeFacts = {
  nodeName: string;
  labels: Record<string, string>;
  resources: NodeResources;
  /** Names with dots, and patterns that end in `*`. */
  allowedSysctls: string[];
  /** The kernel enforces AppArmor profiles. */
  appArmor: boolean;
};

export type Room = { node: NodeFacts; occupied: Occupied };

export type Rule = (pod: Pod, room: Room) => Refusal | undefined;
