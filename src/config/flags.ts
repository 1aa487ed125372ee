// The flags of `monopod run`, with the kubelet's names, meanings and units: a command line in, RunOptions out. What
// configuration files say comes between the defaults and the flags (kubeletConfigFlagPrecedence).
import { hostname } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { invariant } from '../errors.ts';
import { configFlags } from './config-flags.ts';
import { layOut } from './help-layout.ts';
import { imageFlags } from './image-flags.ts';
import type { ConfigReader } from './kubelet/document.ts';
import type { ConfigInUse } from './kubelet/in-use.ts';
import { logFlags } from './log-flags.ts';
import { nodeLabels } from './node-values.ts';
import type { RunOptions } from './options.ts';
import { pushFlags } from './push-flags.ts';
import { resourceFlags } from './resource-flags.ts';
import { type Layers, type Settled, type Surroundings, settle } from './settle.ts';
import { urlFlags } from './url-flags.ts';
import * as value from './values.ts';

export const DEFAULT_ROOT_DIR = '/var/lib/monopod';
export const ROOT_DIR_VARIABLE = 'MONOPOD_ROOT_DIR';

const surroundingsNow = (): Surroundings => ({ env: process.env, hostname: hostname() });

type Flag = {
  flags: string;
  help: string;
  /** `before`: what it was so far, of a flag that may be given again. */
  parse: (text: string, before: unknown) => unknown;
  default?: unknown;
  /** How the help shows a default that is not what is typed. */
  shown?: string;
};

const groups: Record<string, Partial<Record<keyof RunOptions, Flag>>> = {
  'Pods:': {
    podManifestPath: {
      flags: '--pod-manifest-path <path>',
      help: 'directory of Pod manifests, or one manifest file',
      parse: value.path,
    },
    fileCheckFrequencyMs: {
      flags: '--file-check-frequency <duration>',
      help: 'how often to read all manifests again, besides watching them',
      parse: value.positiveDuration,
      default: 20_000,
      shown: '20s',
    },
    maxPods: {
      flags: '--max-pods <number>',
      help: 'how many Pods may run on this node',
      parse: value.count,
      default: 110,
    },
  },
  'Pods from a URL:': urlFlags,
  'Pods that are pushed:': pushFlags,
  'Configuration files:': configFlags,
  'Node:': {
    rootDir: {
      flags: '--root-dir <path>',
      help: 'directory for what monopod keeps; made if missing, mode 0700',
      parse: value.path,
      default: DEFAULT_ROOT_DIR,
    },
    nodeName: {
      flags: '--hostname-override <name>',
      help: "name of this node (default: the host's name)",
      parse: value.nodeName,
    },
    nodeLabels: {
      flags: '--node-labels <list>',
      help: 'labels of this node besides the well-known ones, as in disk=ssd,zone=a: for node selectors and affinity',
      parse: nodeLabels,
      default: {},
      shown: 'none',
    },
    ...resourceFlags,
  },
  'Container engine:': {
    containerRuntimeEndpoint: {
      flags: '--container-runtime-endpoint <url>',
      help: 'unix:// or tcp:// address of the Docker Engine (default: $DOCKER_HOST, else unix:///var/run/docker.sock)',
      parse: value.endpoint,
    },
    podInfraContainerImage: {
      flags: '--pod-infra-container-image <image>',
      help: "image of the container that holds a Pod's namespaces",
      parse: value.image,
      default: 'registry.k8s.io/pause:3.10',
    },
  },
  'Images and dead containers:': imageFlags,
  'Logs of containers:': logFlags,
  'Security:': {
    seccompDefault: {
      flags: '--seccomp-default [boolean]',
      help: 'RuntimeDefault, not Unconfined, for containers that name no seccomp profile',
      parse: value.boolean,
      default: false,
    },
    allowedUnsafeSysctls: {
      flags: '--allowed-unsafe-sysctls <names>',
      help: 'comma-separated sysctls, or patterns that end in *, that Pods may set besides the safe ones',
      parse: value.list,
      default: [],
      shown: 'none',
    },
  },
  'Network:': {
    nodeIps: {
      flags: '--node-ip <ips>',
      help: "this node's address, or one of each family, the preferred one first; 0.0.0.0 and :: are to look for one",
      parse: value.nodeIps,
      default: [],
      shown: "those of the default route's interface",
    },
    clusterDns: {
      flags: '--cluster-dns <ips>',
      help: 'comma-separated DNS servers for Pods with dnsPolicy ClusterFirst; without any they have the policy Default',
      parse: value.ipList,
      default: [],
      shown: 'none',
    },
    clusterDomain: {
      flags: '--cluster-domain <domain>',
      help: 'domain of the cluster: in the search list beside --cluster-dns, and in the names of Pods with a subdomain',
      parse: value.domain,
      default: '',
      shown: 'none',
    },
    resolvConf: {
      flags: '--resolv-conf <path>',
      help: "the node's DNS, read for each Pod; empty is none (default: /etc/resolv.conf, or what systemd-resolved has behind it)",
      parse: value.pathOrNone,
    },
  },
  'HTTP:': {
    address: {
      flags: '--address <ip>',
      help: 'address of the read-only port: loopback, since it has no authentication',
      parse: value.ip,
      default: '127.0.0.1',
    },
    readOnlyPort: {
      flags: '--read-only-port <port>',
      help: 'port for /pods and /healthz; 0 is off',
      parse: value.port,
      default: 10255,
    },
    healthzPort: {
      flags: '--healthz-port <port>',
      help: 'port for /healthz on 127.0.0.1; 0 is off',
      parse: value.port,
      default: 10248,
    },
  },
  'Logging and help:': {
    verbosity: {
      flags: '-v, --v <level>',
      help: 'how much to log; 0 is what matters, 4 is for debugging',
      parse: value.verbosity,
      default: 0,
    },
    logFormat: {
      flags: '--log-format <format>',
      help: 'text or json',
      parse: value.logFormat,
      default: 'text',
    },
  },
};

/**
 * Declares all flags on `command`; once its action runs, `toRunOptions` has them all, and what is returned answers with
 * the configuration files, if there are any. They are read by `reader`, so that commands without one have none.
 */
export function addRunFlags(
  command: Command,
  surroundings = surroundingsNow(),
  reader?: () => Promise<ConfigReader>,
): () => ConfigInUse | undefined {
  for (const [group, flags] of Object.entries(groups))
    for (const [key, flag] of Object.entries(flags)) {
      const option = new Option(flag.flags, flag.help).helpGroup(group).argParser(readable(flag.parse));
      option.attributeName = () => key;
      if (flag.default !== undefined) option.default(flag.default, flag.shown ?? String(flag.default));
      if (key === 'rootDir') option.env(ROOT_DIR_VARIABLE);
      command.addOption(option);
    }
  layOut(command);
  command.addHelpOption(new Option('-h, --help', 'show this').helpGroup('Logging and help:'));

  let inUse: ConfigInUse | undefined;
  const finish = (settled: Settled) => {
    if (!settled.ok) command.error(`error: ${settled.message}`);
    else for (const [key, option] of Object.entries(settled.options)) command.setOptionValue(key, option);
  };
  const settleByFiles = async (layers: FlagLayers) => {
    invariant(reader, 'a command that runs Pods can read configuration files');
    const flagOf = (key: keyof RunOptions) =>
      command.options.find((option) => option.attributeName() === key)?.long ?? key;
    // Loaded where there are files to read: this module is part of every verb.
    const { settleWithFiles } = await import('./kubelet/in-use.ts');
    const settled = await settleWithFiles(layers, { surroundings, reader: await reader(), flagOf });
    inUse = settled.inUse;
    finish(settled);
  };
  command.hook('preAction', () => {
    const layers = layersOf(command);
    const { config, configDir } = layers.given;
    return config || configDir ? settleByFiles(layers) : finish(settle(layers, surroundings));
  });
  return () => inUse;
}

type FlagLayers = Omit<Layers, 'config'>;

function layersOf(command: Command): FlagLayers {
  const layers: FlagLayers = { defaults: {}, given: {} };
  for (const [key, option] of Object.entries(toRunOptions(command))) {
    const layer = command.getOptionValueSource(key) === 'default' ? layers.defaults : layers.given;
    Object.assign(layer, { [key]: option });
  }
  return layers;
}

/** After parsing: all of RunOptions is there. */
export const toRunOptions = (command: Command): RunOptions => command.opts<RunOptions>();

/** `--root_dir=x` -> `--root-dir=x`, as the kubelet reads it (WordSepNormalizeFunc); values stay as they are. */
export function normaliseFlagNames(args: readonly string[], command: Command): string[] {
  const flags = command.options.flatMap(({ long, short, required }) =>
    [long, short].map((name) => ({ name, required })),
  );
  const end = args.indexOf('--');
  let isValue = false;
  return args.map((arg, at) => {
    if (isValue || !arg.startsWith('-') || (end >= 0 && at >= end)) {
      isValue = false;
      return arg;
    }
    const [written = '', ...rest] = arg.split('=');
    const name = written.startsWith('--') ? written.replaceAll('_', '-') : written;
    const flag = flags.find((known) => known.name === name);
    isValue = flag?.required === true && rest.length === 0;
    // Commander finds the flag that was meant only if the mistyped one comes without its value.
    return flag === undefined && name.startsWith('--') ? name : [name, ...rest].join('=');
  });
}

/** Commander explains the message of an InvalidArgumentError with the flag's name; a bad value throws any Error here. */
const readable = (parse: Flag['parse']) => (text: string, before: unknown) => {
  try {
    return parse(text, before);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};
