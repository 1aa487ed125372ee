// What `monopod run` was told, by the kubelet's flag names. Plain data; config/flags.ts makes it from a command line.

export type RunOptions = {
  /** Absolute path of a directory or of one file. */
  podManifestPath: string;
  rootDir: string;
  nodeName: string;
  address: string;
  /** 0 is off. */
  readOnlyPort: number;
  healthzPort: number;
  fileCheckFrequencyMs: number;
  /** `unix:///var/run/docker.sock` or `tcp://host:port`. */
  containerRuntimeEndpoint: string;
  podInfraContainerImage: string;
  seccompDefault: boolean;
  /** Sysctls, and patterns that end in `*`. */
  allowedUnsafeSysctls: string[];
  podLogsDir: string;
  maxPods: number;
  /** Besides the well-known ones. */
  nodeLabels: Record<string, string>;
  /** Resource to quantity, kept from Pods. */
  systemReserved: Record<string, string>;
  kubeReserved: Record<string, string>;
  /** Signal to threshold: `memory.available` to `100Mi` or `5%`. */
  evictionHard: Record<string, string>;
  verbosity: number;
  logFormat: 'text' | 'json';
};
