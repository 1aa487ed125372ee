// The built monopod as a person starts it: a child process with its output kept, ended by signals.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const command = join(import.meta.dirname, '../../../dist/monopod.js');

export type Ended = { code: number | null; signal: NodeJS.Signals | null };
export type Output = Ended & { stdout: string; stderr: string };

export class MonopodProcess {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Output>;
  readonly #child: ChildProcess;

  constructor(args: string[], env: Record<string, string> = {}) {
    this.#child = spawn(process.execPath, [command, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) =>
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends the signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<Output> {
    this.#child.kill(signal);
    return this.ended;
  }
}

/** Runs a verb to its end. */
export const monopod = (args: string[], env?: Record<string, string>): Promise<Output> =>
  new MonopodProcess(args, env).ended;
