// The flags that say what of this node's resources Pods may have.

import * as value from './node-values.ts';
import type { RunOptions } from './options.ts';

type ResourceFlag = {
  flags: string;
  help: string;
  parse: (text: string) => unknown;
  default: unknown;
  shown: string;
};

/** Of eviction.DefaultEvictionHard what counts; given anew, all of it is replaced. */
const evictionHard = ['memory.available<100Mi', 'nodefs.available<10%'];

export const resourceFlags: Partial<Record<keyof RunOptions, ResourceFlag>> = {
  podMaxPids: {
    flags: '--pod-max-pids <number>',
    help: 'how many processes and threads a Pod may have',
    parse: value.pidsMax,
    default: 0,
    shown: 'any number',
  },
  systemReserved: {
    flags: '--system-reserved <list>',
    help: 'kept from Pods for the system, as in cpu=500m,memory=1Gi,ephemeral-storage=1Gi',
    parse: value.reservation,
    default: {},
    shown: 'nothing',
  },
  kubeReserved: {
    flags: '--kube-reserved <list>',
    help: 'kept from Pods for monopod and the container engine, likewise',
    parse: value.reservation,
    default: {},
    shown: 'nothing',
  },
  evictionHard: {
    flags: '--eviction-hard <list>',
    help: 'kept from Pods as well: of these memory.available and nodefs.available count; nothing is evicted',
    parse: value.evictionThresholds,
    default: value.evictionThresholds(evictionHard.join(',')),
    shown: evictionHard.join(', '),
  },
};
