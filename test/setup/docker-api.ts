// The few calls of the Engine API that tests and their setup need, by node:http over the engine's socket. Independent
// of monopod's own engine code, so that what a test sees of the engine is not what monopod says of it.
import { request } from 'node:http';

class DockerApiError extends Error {
  override readonly name = 'DockerApiError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type ContainerSummary = {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  State: string;
  Labels: Record<string, string>;
  Created: number;
};

export type ContainerDetail = {
  Id: string;
  Name: string;
  Created: string;
  State: {
    Status: string;
    Running: boolean;
    Pid: number;
    ExitCode: number;
    StartedAt: string;
    FinishedAt: string;
    OOMKilled: boolean;
    Error: string;
  };
  Config: { Image: string; Labels: Record<string, string>; StopSignal?: string; Hostname: string };
  HostConfig: { NetworkMode: string; IpcMode: string; PidMode: string; Binds: string[] | null };
  NetworkSettings: { IPAddress: string };
  LogPath: string;
};

export type ContainerEvent = {
  /** `create`, `start`, `kill`, `die`, `destroy`, … */
  action: string;
  id: string;
  timeMs: number;
  /** Labels, and `signal` of a kill, `exitCode` of a death. */
  attributes: Record<string, string>;
};

const isBeingRemoved = ({ status, message }: DockerApiError) =>
  status === 409 && message.includes('already in progress');

type Body = { json: unknown } | { tar: Buffer };
type Query = Record<string, string>;

export type DockerApi = ReturnType<typeof dockerApi>;

/** `endpoint` as in DOCKER_HOST: `unix:///path` or `tcp://host:port`. Every call throws a DockerApiError on status ≥ 400. */
export function dockerApi(endpoint: string) {
  const url = new URL(endpoint);
  const address =
    url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: Number(url.port) };

  const call = (
    method: string,
    path: string,
    query: Query = {},
    body?: Body,
    timeoutMs = 60_000,
    more: Record<string, string> = {},
  ) =>
    new Promise<Buffer>((resolve, reject) => {
      const search = new URLSearchParams(query).toString();
      const payload = body && ('json' in body ? Buffer.from(JSON.stringify(body.json)) : body.tar);
      const headers: Record<string, string | number> = { ...more };
      if (payload) headers['Content-Length'] = payload.length;
      if (body) headers['Content-Type'] = 'json' in body ? 'application/json' : 'application/x-tar';
      const outgoing = request(
        { ...address, method, path: `${path}${search && `?${search}`}`, headers, agent: false },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(chunks);
            const status = answer.statusCode ?? 0;
            if (status < 400) return resolve(text);
            reject(new DockerApiError(status, `${method} ${path}: ${status} ${text.toString().trim()}`));
          });
        },
      );
      outgoing.setTimeout(timeoutMs, () =>
        outgoing.destroy(new Error(`${method} ${path}: the engine has not answered for ${timeoutMs} ms`)),
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });

  const json = async <T>(...args: Parameters<typeof call>): Promise<T> =>
    JSON.parse(`${await call(...args)}`);

  /** Pull and import report their failures in the stream, under a status of 200. */
  const progress = async (...args: Parameters<typeof call>): Promise<void> => {
    const lines = `${await call(...args)}`.trim().split('\n');
    const failed = lines.map((line) => (line ? JSON.parse(line) : {})).find((line) => line.error);
    if (failed) throw new Error(String(failed.error));
  };

  const absentIs = <T>(other: T) => {
    return (error: unknown): T => {
      if (error instanceof DockerApiError && error.status === 404) return other;
      throw error;
    };
  };

  return {
    endpoint,
    version: (timeoutMs = 3_000) =>
      json<{ Version: string; ApiVersion: string }>('GET', '/version', {}, undefined, timeoutMs),
    /** What the engine's clock shows: comparable with the times of its events. */
    nowMs: async () => Date.parse((await json<{ SystemTime: string }>('GET', '/info')).SystemTime),
    /** All states; `labels` as `key` or `key=value`. */
    containers: (labels: string[] = []) =>
      json<ContainerSummary[]>('GET', '/containers/json', {
        all: '1',
        filters: JSON.stringify({ label: labels }),
      }),
    inspect: (id: string) =>
      json<ContainerDetail>('GET', `/containers/${id}/json`).catch(absentIs(undefined)),
    create: async (name: string, config: Record<string, unknown>) =>
      (await json<{ Id: string }>('POST', '/containers/create', name ? { name } : {}, { json: config })).Id,
    start: (id: string) => call('POST', `/containers/${id}/start`),
    kill: (id: string, signal = 'SIGKILL') => call('POST', `/containers/${id}/kill`, { signal }),
    /** By force; already gone, or going, is success. */
    remove: (id: string) =>
      call('DELETE', `/containers/${id}`, { force: '1', v: '1' }).catch((error: unknown) => {
        if (error instanceof DockerApiError && isBeingRemoved(error)) return undefined;
        return absentIs(undefined)(error);
      }),
    /** stdout and stderr as one text. */
    logs: async (id: string) =>
      demultiplexed(await call('GET', `/containers/${id}/logs`, { stdout: '1', stderr: '1' })),
    /** What the engine saw happen to containers with these labels until now, oldest first. */
    events: async (sinceMs: number, labels: string[] = []) => {
      const text = await call('GET', '/events', {
        since: (sinceMs / 1000).toFixed(3),
        until: (Date.now() / 1000).toFixed(3),
        filters: JSON.stringify({ type: ['container'], label: labels }),
      });
      return `${text}`.split('\n').filter(Boolean).map(toEvent);
    },
    /**
     * Hands on each event of such containers, from `sinceMs` on as far back as the engine remembers (256 events of all
     * its containers), until the returned function is called or the engine goes. Keeps no process alive.
     */
    watchEvents: (
      sinceMs: number,
      labels: string[],
      onEvent: (event: ContainerEvent) => void,
      onEnd: () => void,
    ) => {
      const query = new URLSearchParams({
        since: (sinceMs / 1000).toFixed(3),
        filters: JSON.stringify({ type: ['container'], label: labels }),
      });
      const outgoing = request({ ...address, path: `/events?${query}`, agent: false }, (answer) => {
        let rest = '';
        answer.setEncoding('utf8').on('data', (text: string) => {
          const lines = `${rest}${text}`.split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line) onEvent(toEvent(line));
        });
        answer.on('error', () => {});
      });
      outgoing.on('socket', (socket) => socket.unref());
      outgoing.on('error', () => {});
      outgoing.on('close', onEnd);
      outgoing.end();
      return () => void outgoing.destroy();
    },
    image: (name: string) =>
      json<{ Id: string; RepoTags: string[] | null; Config: { Labels: Record<string, string> | null } }>(
        'GET',
        `/images/${name}/json`,
      ).catch(absentIs(undefined)),
    importImage: (tar: Buffer, repo: string, tag: string, changes: string[]) => {
      const query = new URLSearchParams({ fromSrc: '-', repo, tag });
      for (const change of changes) query.append('changes', change);
      return progress('POST', `/images/create?${query}`, {}, { tar });
    },
    pullImage: (name: string, tag: string, timeoutMs: number) =>
      progress('POST', '/images/create', { fromImage: name, tag }, undefined, timeoutMs),
    pushImage: (name: string, tag: string, login: { username: string; password: string }) =>
      progress('POST', `/images/${name}/push`, { tag }, undefined, 60_000, {
        'X-Registry-Auth': Buffer.from(JSON.stringify(login))
          .toString('base64')
          .replaceAll('+', '-')
          .replaceAll('/', '_'),
      }),
    /** Unpacks an archive at the root of a container that need not run. */
    putArchive: (container: string, tar: Buffer) =>
      call('PUT', `/containers/${container}/archive`, { path: '/' }, { tar }),
    /** A new image from `container`, with `config` (the Engine API's ContainerConfig) over its image's. */
    commit: (container: string, repo: string, tag: string, config: Record<string, unknown>) =>
      call('POST', '/commit', { container, repo, tag }, { json: config }),
    tagImage: (name: string, repo: string, tag: string) => call('POST', `/images/${name}/tag`, { repo, tag }),
    /** Refused (409) while a container uses it; absent is success. */
    removeImage: (name: string) => call('DELETE', `/images/${name}`).catch(absentIs(undefined)),
  };
}

function toEvent(line: string): ContainerEvent {
  const { Action, Actor, timeNano } = JSON.parse(line);
  return { action: Action, id: Actor.ID, timeMs: timeNano / 1e6, attributes: Actor.Attributes };
}

/** Undoes the 8-byte frame headers of a log without a tty: stream, three zeros, length big-endian. */
function demultiplexed(frames: Buffer): string {
  let text = '';
  for (let at = 0; at + 8 <= frames.length; ) {
    const length = frames.readUInt32BE(at + 4);
    text += frames.toString('utf8', at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text;
}
