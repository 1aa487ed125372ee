// Defaults, configuration files and flags, each over the one before, with what a person's shell and machine add: out come
// RunOptions, or what is wrong with them together. Pure.
import { imageFlagsTrouble } from './image-flags.ts';
import type { ConfigValues } from './kubelet/load.ts';
import { loopback } from './loopback.ts';
import type { RunOptions } from './options.ts';
import { urlFlagsTrouble } from './url-flags.ts';
import * as value from './values.ts';

/** What a person's shell and machine add to the command line. */
export type Surroundings = { env: Record<string, string | undefined>; hostname: string };

export type Layers = {
  defaults: Partial<RunOptions>;
  config?: ConfigValues;
  /** By flag, or by its variable. */
  given: Partial<RunOptions>;
};

export type Settled = { ok: true; options: RunOptions } | { ok: false; message: string };

/** One of these at least says where manifests come from. */
const sourceFlags: Partial<Record<keyof RunOptions, string>> = {
  podManifestPath: '--pod-manifest-path=DIRECTORY',
  manifestUrl: '--manifest-url=URL',
  manifestPushPort: '--manifest-push-port=PORT',
};

export function settle(layers: Layers, surroundings: Surroundings): Settled {
  const written = { ...layers.defaults, ...layers.config?.options, ...layers.given };
  const filled = withSurroundings(written, surroundings);
  if (typeof filled === 'string') return { ok: false, message: filled };
  // Each option has a default, is filled in, or is optional: the table of flags sees to that.
  const options = filled as RunOptions;
  const message = trouble(options) ?? pullsTrouble(layers);
  return message === undefined ? { ok: true, options } : { ok: false, message };
}

/** A text is what is wrong. */
function withSurroundings(
  options: Partial<RunOptions>,
  { env, hostname }: Surroundings,
): Partial<RunOptions> | string {
  const fill = <T>(text: string, parse: (text: string) => T, whence: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw new Error(`${whence} '${text}' is invalid: ${(error as Error).message}`, { cause: error });
    }
  };
  try {
    const whose = "the host's name (give another with --hostname-override)";
    const engine = env.DOCKER_HOST || 'unix:///var/run/docker.sock';
    return {
      ...options,
      nodeName: options.nodeName ?? fill(hostname, value.nodeName, whose),
      containerRuntimeEndpoint:
        options.containerRuntimeEndpoint ?? fill(engine, value.endpoint, 'DOCKER_HOST'),
    };
  } catch (error) {
    return (error as Error).message;
  }
}

function trouble(options: RunOptions): string | undefined {
  if (Object.keys(sourceFlags).every((key) => !options[key as keyof RunOptions]))
    return `there is no source of Pod manifests: give ${Object.values(sourceFlags).join(' or ')}${
      options.config || options.configDir ? ', or staticPodPath or staticPodURL in the configuration' : ''
    }`;
  const wrong = imageFlagsTrouble(options) ?? urlFlagsTrouble(options);
  if (wrong) return wrong;
  const { address, readOnlyPort, healthzPort, containerRuntimeEndpoint: engine } = options;
  if (criSocket.test(engine))
    return `--container-runtime-endpoint ${engine} speaks the CRI, and monopod works with a Docker Engine, as at unix:///var/run/docker.sock`;
  if (readOnlyPort !== 0 && !loopback(address))
    return `--address ${address} would show all Pods, with their environment, to anyone on the network: the read-only port has no authentication. Use a loopback address (127.0.0.1, ::1), or --read-only-port=0`;
  if (readOnlyPort !== 0 && readOnlyPort === healthzPort && address === '127.0.0.1')
    return `--read-only-port and --healthz-port are both ${readOnlyPort}`;
  return undefined;
}

/** Of the runtimes that kubeadm knows. */
const criSocket = /\/(containerd|crio|cri-dockerd)\.sock$/;

/** ValidateKubeletConfiguration; flags alone are not held to it, since here --max-parallel-image-pulls has a default. */
function pullsTrouble({ config, given }: Layers): string | undefined {
  const { serializeImagePulls, maxParallelImagePulls = 1 } = { ...config?.options, ...given };
  const flagsAlone =
    config?.options.serializeImagePulls === undefined && config?.options.maxParallelImagePulls === undefined;
  if (flagsAlone || !serializeImagePulls || maxParallelImagePulls <= 1) return undefined;
  return `--max-parallel-image-pulls ${maxParallelImagePulls} cannot be more than 1 unless --serialize-image-pulls is false`;
}
