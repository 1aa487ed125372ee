// A container whose answers a test decides, and which tells what it was asked: Node, out of the host's own files, runs
// answering-server.ts in it.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Volume, VolumeMount } from '../../../src/kubernetes/pod.ts';
import type { Asked, Listens, ServerConfig } from './answering-server.ts';
import { shell } from './manifest.ts';

export class Answering {
  readonly #directory: string;
  readonly #config: Omit<ServerConfig, 'directory'>;

  constructor(scratch: string, listens: Listens[], more: Partial<Omit<ServerConfig, 'listens'>> = {}) {
    this.#directory = join(scratch, 'answering');
    this.#config = { listens, gated: false, ...more };
    mkdirSync(join(this.#directory, 'answers'), { recursive: true });
    writeFileSync(join(this.#directory, 'asked'), '');
  }

  /** For the Pod that has the container. */
  get volumes(): Volume[] {
    return [
      { name: 'host', hostPath: { path: '/' } },
      { name: 'answering', hostPath: { path: this.#directory } },
    ];
  }

  container(more: Partial<Container> = {}): Container {
    const config: ServerConfig = { directory: this.#directory, ...this.#config };
    const volumeMounts: VolumeMount[] = [
      { name: 'host', mountPath: '/host', readOnly: true },
      { name: 'answering', mountPath: `/host${this.#directory}` },
    ];
    const program = join(import.meta.dirname, 'answering-server.ts');
    return shell('', {
      command: ['chroot', '/host', process.execPath, program, JSON.stringify(config)],
      volumeMounts,
      ...more,
    });
  }

  /**
   * What to answer to a path (without its first slash) or `grpc-` and a service from now on: a status and a body or
   * place, or `hang`; lines are given in turn. Without: 200, for a service SERVING.
   */
  say(name: string, ...answers: string[]): void {
    const file = join(this.#directory, 'answers', name.replaceAll('/', '_'));
    writeFileSync(`${this.#directory}/saying`, answers.join('\n'));
    renameSync(`${this.#directory}/saying`, file);
  }

  /** All that it was asked until now, the oldest first. */
  asked(name?: string): Asked[] {
    const lines = readFileSync(join(this.#directory, 'asked'), 'utf8').split('\n').slice(0, -1);
    const all = lines.map((line) => JSON.parse(line) as Asked);
    return all.filter((one) => !one.closed && (name === undefined || one.name === name));
  }

  /** When connections of requests without an answer were closed. */
  closed(name: string): Asked[] {
    const lines = readFileSync(join(this.#directory, 'asked'), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Asked).filter((one) => one.closed && one.name === name);
  }

  /** Lets one that is `gated` end. */
  open(): void {
    writeFileSync(join(this.#directory, 'open'), '');
  }
}
