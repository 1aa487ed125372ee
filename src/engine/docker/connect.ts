// The endpoint (`unix:///path`, `tcp://host:port`) -> a dockerode client whose connections are kept and reused.
import { Agent } from 'node:http';
import { inspect } from 'node:util';
import Docker, { type DockerVersion, type ImageInspectInfo } from 'dockerode';

type Abortable = { abortSignal: AbortSignal };

/** dockerode as it is: its types leave out that each of these takes a signal. */
export type DockerClient = Omit<Docker, 'ping' | 'version' | 'info' | 'getEvents' | 'pull' | 'getImage'> & {
  ping(options: Abortable): Promise<unknown>;
  version(options: Abortable): Promise<DockerVersion>;
  info(
    options: Abortable,
  ): Promise<{ CgroupVersion?: string; CgroupDriver?: string; DockerRootDir?: string }>;
  getEvents(options: Abortable & { since: string; filters: object }): Promise<NodeJS.ReadableStream>;
  pull(image: string, options: Abortable & { authconfig?: object }): Promise<NodeJS.ReadableStream>;
  getImage(name: string): {
    inspect(options: Abortable): Promise<ImageInspectInfo>;
    remove(options: Abortable): Promise<unknown>;
  };
};

export type EngineClient = { docker: DockerClient; close(): void };

/** Throws for an endpoint that is neither; the command line has checked it before. */
export function connectEngine(endpoint: string): EngineClient {
  const agent = new Agent({ keepAlive: true });
  // docker-modem prints each request's options, agent and all its sockets included, for a debug log that is off:
  // 1 to 2 ms of CPU a call without this.
  Object.defineProperty(agent, inspect.custom, { value: () => 'Agent' });
  // Named one by one, for DOCKER_HOST and its kin would fill in what is left out.
  const options = {
    ...addressOf(endpoint),
    protocol: 'http' as const,
    agent,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
  };
  return { docker: new Docker(options) as unknown as DockerClient, close: () => agent.destroy() };
}

function addressOf(endpoint: string): { socketPath?: string; host?: string; port?: number } {
  const url = new URL(endpoint);
  if (url.protocol === 'unix:') return { socketPath: decodeURIComponent(url.pathname), host: undefined };
  if (url.protocol === 'tcp:' && url.hostname !== '') {
    return { socketPath: undefined, host: url.hostname, port: url.port === '' ? 2375 : Number(url.port) };
  }
  throw new Error(`no endpoint of a container engine: ${endpoint}`);
}
