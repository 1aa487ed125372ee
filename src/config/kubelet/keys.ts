// Which key of a KubeletConfiguration says the same as which flag, and how its value becomes the option's. Pure.
import { isAbsolute, join } from 'node:path';
import { formatDuration, parseDuration } from '../duration.ts';
import { logFiles, logSize } from '../log-flags.ts';
import * as node from '../node-values.ts';
import type { RunOptions } from '../options.ts';
import * as value from '../values.ts';
import type { ConfigValue } from './document.ts';
import { type Fields, kubeletConfiguration } from './schema.ts';

export type ConfigKey = {
  /** Steps with dots between. */
  path: string;
  /** Of a value that has its type. `directory`: that of the file. Throws what is wrong; undefined leaves the default. */
  take: (value: ConfigValue, directory: string) => unknown;
  /** As a person reads an option's value; without it, nobody may. */
  show?: (option: unknown) => string;
};

const plain = (option: unknown) => JSON.stringify(option);
const shownDuration = (option: unknown) => formatDuration(Number(option));

const textOf = (written: ConfigValue | undefined) => (written === null ? '' : String(written));

/** By the check of the flag. */
const scalar = (path: string, parse: (text: string) => unknown): ConfigKey => ({
  path,
  take: (written) => parse(textOf(written)),
  show: plain,
});

/** Where Kubernetes takes a type's zero value for the absence of the key (SetDefaults_KubeletConfiguration). */
const unlessZero = (key: ConfigKey): ConfigKey => ({
  ...key,
  take: (written, directory) => (isZero(written) ? undefined : key.take(written, directory)),
});

const isZero = (written: ConfigValue) =>
  written === '' || written === 0 || (typeof written === 'string' && parseDuration(written) === 0);

const isEmpty = (written: ConfigValue) =>
  isZero(written) ||
  (Array.isArray(written) ? written.length === 0 : written instanceof Map && written.size === 0);

const duration = (path: string, parse: (text: string) => number): ConfigKey => ({
  ...scalar(path, parse),
  show: shownDuration,
});

/** Relative ones begin at the file's directory (configfiles.resolveRelativePaths). */
const path = (key: string): ConfigKey => ({
  path: key,
  take: (written, directory) =>
    isAbsolute(textOf(written)) ? value.path(textOf(written)) : join(directory, textOf(written)),
  show: plain,
});

const list = (path: string, parse: (text: string) => unknown): ConfigKey => ({
  path,
  take: (written) =>
    (written as ConfigValue[]).map((item) => {
      const text = textOf(item);
      if (text === '' || text.includes(',')) throw new Error('Each item of the list is one of them.');
      return parse(text);
    }),
  show: plain,
});

/** The flag's parser checks it, so nothing may be in it that only the flag's writing means something by. */
const map = (
  path: string,
  separator: string,
  parse: (text: string) => Record<string, string>,
): ConfigKey => ({
  path,
  take: (written) => {
    const pairs = [...(written as Map<string, ConfigValue>)].map(([name, item]) => [name, textOf(item)]);
    const odd = pairs.find(([name = '', text = '']) => /[,=<]/.test(name + text) || name.trim() === '');
    if (odd) throw new Error(`'${odd.join(': ')}' is not a name and a quantity.`);
    return parse(pairs.map((pair) => pair.join(separator)).join(','));
  },
  show: plain,
});

const oneIp = (text: string): string => value.ipList(text, [])[0] ?? '';

/** Any negative number is -1 (SetDefaults_KubeletConfiguration). */
const pidsMax = (text: string): number => node.pidsMax(text.startsWith('-') ? '-1' : text);

const headers: ConfigKey = {
  path: 'staticPodURLHeader',
  take: (written) =>
    Object.fromEntries(
      [...(written as Map<string, ConfigValue>)].map(([name, values]) => [
        name,
        ((values ?? []) as ConfigValue[]).map(textOf),
      ]),
    ),
};

/** Without a key: flags that the kubelet has on its command line alone, and monopod's own. */
const flagOnly = undefined;

/** A decision for every option there is. */
export const configKeys: Record<keyof RunOptions, ConfigKey | undefined> = {
  config: flagOnly,
  configDir: flagOnly,
  podManifestPath: unlessZero(path('staticPodPath')),
  fileCheckFrequencyMs: unlessZero(duration('fileCheckFrequency', value.positiveDuration)),
  // Checked with the other flags of the URL, which say no secret.
  manifestUrl: { path: 'staticPodURL', take: (written) => textOf(written).trim() },
  manifestUrlHeader: headers,
  httpCheckFrequencyMs: unlessZero(duration('httpCheckFrequency', value.positiveDuration)),
  manifestUrlCaFile: flagOnly,
  manifestUrlClientCertFile: flagOnly,
  manifestUrlClientKeyFile: flagOnly,
  manifestPushPort: flagOnly,
  manifestPushAddress: flagOnly,
  manifestPushTokenFile: flagOnly,
  clientCaFile: unlessZero(path('authentication.x509.clientCAFile')),
  tlsCertFile: unlessZero(path('tlsCertFile')),
  tlsPrivateKeyFile: unlessZero(path('tlsPrivateKeyFile')),
  tlsMinVersion: unlessZero(scalar('tlsMinVersion', value.tlsVersion)),
  rootDir: flagOnly,
  nodeName: flagOnly,
  nodeLabels: flagOnly,
  nodeIps: flagOnly,
  address: unlessZero(scalar('address', value.ip)),
  readOnlyPort: scalar('readOnlyPort', value.port),
  healthzPort: scalar('healthzPort', value.port),
  containerRuntimeEndpoint: unlessZero(scalar('containerRuntimeEndpoint', value.endpoint)),
  podInfraContainerImage: flagOnly,
  seccompDefault: scalar('seccompDefault', value.boolean),
  allowedUnsafeSysctls: list('allowedUnsafeSysctls', String),
  podLogsDir: unlessZero(path('podLogsDir')),
  containerLogMaxBytes: unlessZero(scalar('containerLogMaxSize', logSize)),
  containerLogMaxFiles: scalar('containerLogMaxFiles', logFiles),
  imagePullProgressDeadlineMs: flagOnly,
  maxParallelImagePulls: scalar('maxParallelImagePulls', value.positiveCount),
  serializeImagePulls: scalar('serializeImagePulls', value.boolean),
  imageGcHighThreshold: scalar('imageGCHighThresholdPercent', value.percent),
  imageGcLowThreshold: scalar('imageGCLowThresholdPercent', value.percent),
  minimumImageTtlMs: unlessZero(duration('imageMinimumGCAge', value.duration)),
  imageMaximumGcAgeMs: duration('imageMaximumGCAge', value.duration),
  maximumDeadContainersPerContainer: flagOnly,
  maximumDeadContainers: flagOnly,
  minimumContainerTtlMs: flagOnly,
  clusterDns: list('clusterDNS', oneIp),
  clusterDomain: scalar('clusterDomain', value.domain),
  resolvConf: {
    ...path('resolvConf'),
    take: (written, directory) => (written === '' ? '' : path('resolvConf').take(written, directory)),
  },
  maxPods: unlessZero(scalar('maxPods', value.count)),
  podMaxPids: scalar('podPidsLimit', pidsMax),
  systemReserved: map('systemReserved', '=', node.reservation),
  kubeReserved: map('kubeReserved', '=', node.reservation),
  evictionHard: map('evictionHard', '<', node.evictionThresholds),
  verbosity: scalar('logging.verbosity', value.verbosity),
  logFormat: unlessZero(scalar('logging.format', value.logFormat)),
};

/** Keys that have their effect on another one. */
const understood = ['apiVersion', 'kind', 'mergeDefaultEvictionSettings'];

/** What is so here whatever is written: a key with this value needs no mention. */
const given: Record<string, ConfigValue | undefined> = { healthzBindAddress: '127.0.0.1' };

const paths = new Set([
  ...understood,
  ...Object.values(configKeys).flatMap((key) => (key ? [key.path] : [])),
]);

/**
 * The keys of `map` that mean nothing to monopod, each by the shortest path below which nothing does. Not those that
 * say nothing: kubeadm writes each duration that nobody gave as 0s.
 */
export function meaningless(
  map: ReadonlyMap<string, ConfigValue>,
  fields: Fields = kubeletConfiguration,
  before = '',
): string[] {
  return [...map].flatMap(([name, written]) => {
    const path = `${before}${name}`;
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    // What no KubeletConfiguration has is told where the file has it.
    if (type === undefined || written === null || isEmpty(written)) return [];
    if (paths.has(path) || given[path] === written) return [];
    const hasMeaningInside = [...paths].some((known) => known.startsWith(`${path}.`));
    return hasMeaningInside && written instanceof Map && typeof type === 'object'
      ? meaningless(written, type, `${path}.`)
      : [path];
  });
}
