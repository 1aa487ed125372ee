// What `monopod run` was told, by the kubelet's flag names. Plain data; config/flags.ts makes it from a command line.

export type RunOptions = {
  /** Absolute paths of a KubeletConfiguration and of a directory of drop-ins over it. */
  config?: string;
  configDir?: string;
  /** Absolute path of a directory or of one file. */
  podManifestPath?: string;
  /** As given: it may hold a password. '' for none. */
  manifestUrl?: string;
  /** Name to values, which are secret. */
  manifestUrlHeader: Record<string, string[]>;
  httpCheckFrequencyMs: number;
  manifestUrlCaFile?: string;
  manifestUrlClientCertFile?: string;
  manifestUrlClientKeyFile?: string;
  /** 0 is off. */
  manifestPushPort: number;
  manifestPushAddress: string;
  manifestPushTokenFile?: string;
  clientCaFile?: string;
  tlsCertFile?: string;
  tlsPrivateKeyFile?: string;
  tlsMinVersion: 'VersionTLS12' | 'VersionTLS13';
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
  /** Below 0: never rotated. */
  containerLogMaxBytes: number;
  containerLogMaxFiles: number;
  imagePullProgressDeadlineMs: number;
  maxParallelImagePulls: number;
  serializeImagePulls: boolean;
  /** Percent. */
  imageGcHighThreshold: number;
  imageGcLowThreshold: number;
  minimumImageTtlMs: number;
  /** 0 is never. */
  imageMaximumGcAgeMs: number;
  /** Below 0 is all. */
  maximumDeadContainersPerContainer: number;
  /** Of all Pods; below 0 is any number. */
  maximumDeadContainers: number;
  minimumContainerTtlMs: number;
  /** None, one, or one of each family; `0.0.0.0` and `::` are one that is looked for. */
  nodeIps: string[];
  /** '' for none. */
  clusterDomain: string;
  clusterDns: string[];
  /** '' for none; absent is /etc/resolv.conf, or what it stands for. */
  resolvConf?: string;
  maxPods: number;
  /** Besides the well-known ones. */
  nodeLabels: Record<string, string>;
  /** Processes and threads of a Pod; 0 is any number. */
  podMaxPids: number;
  /** Resource to quantity, kept from Pods. */
  systemReserved: Record<string, string>;
  kubeReserved: Record<string, string>;
  /** Signal to threshold: `memory.available` to `100Mi` or `5%`. */
  evictionHard: Record<string, string>;
  verbosity: number;
  logFormat: 'text' | 'json';
};
