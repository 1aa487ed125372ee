// The command line's side of the socket under the root directory: asks the running monopod, and says so if there is none.
import { type IncomingMessage, request } from 'node:http';
import { type Command, Option } from 'commander';
import { DEFAULT_ROOT_DIR, ROOT_DIR_VARIABLE } from '../config/flags.ts';
import { socketPath } from '../config/root-directory.ts';
import { systemReason } from '../config/startup-error.ts';
import { path as absolute } from '../config/values.ts';
import { messageOf } from '../errors.ts';
import type { Notice } from '../server/node-view.ts';
import { printable } from '../telemetry/printable.ts';
import { CommandError } from './command-error.ts';

const answerTimeoutMs = 10_000;

/** Declares `--root-dir` on a verb that talks to the running monopod. */
export function addRootDirFlag(command: Command): Command {
  const option = new Option('--root-dir <path>', 'root directory of the monopod to ask')
    .env(ROOT_DIR_VARIABLE)
    .default(DEFAULT_ROOT_DIR)
    .argParser(absolute);
  return command.addOption(option);
}

export class Client {
  readonly #rootDir: string;

  constructor(rootDir: string) {
    this.#rootDir = rootDir;
  }

  /** Undefined where there is no such thing. */
  async get<T>(path: string): Promise<T | undefined> {
    const { status, body } = await whole(await this.#ask(path));
    if (status === 404) return undefined;
    if (status !== 200) throw new CommandError(`monopod answers ${status}: ${body.trim()}`);
    return JSON.parse(body) as T;
  }

  /** Changes something. What monopod says instead of doing it is the error. */
  async post<T>(path: string): Promise<T> {
    const { status, body } = await whole(await this.#ask(path, { method: 'POST' }));
    if (status !== 200) throw new CommandError(body.trim());
    return JSON.parse(body) as T;
  }

  /**
   * What a person should know besides, to the error stream: what is asked for stands alone on the other. `shown`: what
   * that tells of by itself.
   */
  async printNotices({ shown }: { shown?: Notice['about'] } = {}): Promise<void> {
    for (const { about, message } of (await this.get<Notice[]>('/notices')) ?? [])
      if (about !== shown) process.stderr.write(`notice: ${printable(message)}\n`);
  }

  /** Each line of a stream, until monopod ends. */
  async *lines<T>(path: string): AsyncGenerator<T> {
    const response = await this.#ask(path, { endless: true });
    let rest = '';
    for await (const chunk of untilBroken(response.setEncoding('utf8'))) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as T;
    }
  }

  /** A stream of bytes to its end. What monopod says instead of it is the error. */
  async *bytes(path: string): AsyncGenerator<Buffer> {
    const response = await this.#ask(path, { endless: true });
    if (response.statusCode !== 200) throw new CommandError((await whole(response)).body.trim());
    try {
      yield* response;
    } catch {
      throw new CommandError('monopod has broken off; is it still running?');
    }
  }

  #ask(path: string, { endless = false, method = 'GET' } = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request({
        socketPath: socketPath(this.#rootDir),
        path,
        method,
        agent: false,
        timeout: answerTimeoutMs,
      });
      asked.once('timeout', () => asked.destroy(new CommandError('monopod does not answer')));
      asked.once('error', (error) => reject(this.#explain(error)));
      asked.once('response', (response) => {
        if (endless) asked.removeAllListeners('timeout');
        resolve(response);
      });
      asked.end();
    });
  }

  #explain(error: Error): CommandError {
    if (error instanceof CommandError) return error;
    const { code } = error as NodeJS.ErrnoException;
    const where = `with the root directory ${this.#rootDir}`;
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR')
      return new CommandError(
        `no monopod is running ${where}; start it with 'monopod run', or give its --root-dir`,
      );
    if (code === 'EACCES' || code === 'EPERM')
      return new CommandError(`the monopod ${where} is another user's: ${systemReason(error)}`);
    return new CommandError(`cannot ask the monopod ${where}: ${messageOf(error)}`);
  }
}

async function whole(response: IncomingMessage): Promise<{ status: number | undefined; body: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
}

/** A monopod that is killed breaks the connection off: for who watches, that is an end as any other. */
async function* untilBroken(response: IncomingMessage): AsyncGenerator<string> {
  const chunks: AsyncIterator<string> = response[Symbol.asyncIterator]();
  try {
    while (true) {
      const next = await chunks.next().catch(() => undefined);
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    // Who has seen enough leaves nothing open that would keep the command alive.
    response.destroy();
  }
}
