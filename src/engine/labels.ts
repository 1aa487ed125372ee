// Names and labels of the kubelet's Docker runtime (dockershim naming.go, labels.go), and our own under monopod.dev/.

export const LABEL = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  /** `podsandbox` or `container`, as dockershim wrote it. */
  dockerType: 'io.kubernetes.docker.type',
  sandboxId: 'io.kubernetes.sandbox.id',
  restartCount: 'annotation.io.kubernetes.container.restartCount',
  gracePeriod: 'io.kubernetes.pod.terminationGracePeriod',
  attempt: 'monopod.dev/attempt',
  /** The two that mark what is ours, node name and root directory: what lacks either, or has others, is never touched. */
  node: 'monopod.dev/node',
  rootDir: 'monopod.dev/root-dir',
} as const;

/** The sandbox's container name in names and labels (dockershim's sandboxContainerName). */
export const SANDBOX_NAME = 'POD';
