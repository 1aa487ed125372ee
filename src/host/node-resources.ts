// The host's own figures -> what the node has (kubelet cadvisor.CapacityFromMachineInfo). As cadvisor, it counts the
// machine: a limit that the cgroup of monopod itself may have is not one of its Pods.
import { readFileSync, statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { bytesText, type ResourceList } from '../kubernetes/node-resources.ts';
import { namesIn } from './names-in.ts';

const hugePagesDirectory = '/sys/kernel/mm/hugepages';

/** Read once: what is plugged in later is seen after a restart, as with the kubelet. */
export function nodeCapacity(rootDir: string, maxPods: number, directory = hugePagesDirectory): ResourceList {
  const { blocks, bsize } = statfsSync(rootDir);
  return {
    cpu: String(cpus().length),
    memory: bytesText(totalmem()),
    'ephemeral-storage': bytesText(blocks * bsize),
    ...hugePages(directory),
    pods: String(maxPods),
  };
}

/** `hugepages-2048kB/nr_hugepages` -> `hugepages-2Mi`; none of them where the kernel has no such pages. */
function hugePages(directory: string): ResourceList {
  const sizes = namesIn(directory).flatMap((entry) => {
    const kibibytes = /^hugepages-(\d+)kB$/.exec(entry)?.[1];
    return kibibytes === undefined ? [] : [{ entry, bytes: Number(kibibytes) * 1024 }];
  });
  return Object.fromEntries(
    sizes.map(({ entry, bytes }) => {
      const pages = Number(readFileSync(join(directory, entry, 'nr_hugepages'), 'utf8'));
      return [`hugepages-${bytesText(bytes)}`, bytesText(pages * bytes)];
    }),
  );
}
