// Commands in the containers of the fake engine: what their scripts say, bounded in time and in number as the real ones
// are; each ends with its container (137, as its process is killed with it) and when the engine goes away.
import type { Clock, Timer } from '../../clock.ts';
import { fail, ok, type Result } from '../../errors.ts';
import { probesMax } from '../docker/exec.ts';
import { bounded } from '../docker/exec-output.ts';
import { Limiter } from '../docker/limiter.ts';
import type { ExecOptions, ExecOutcome } from '../engine.ts';
import type { FakeContainer } from './containers.ts';
import type { FakeHooks } from './script.ts';

type Running = { containerId: string; settle(result: Result<ExecOutcome>): void };

export class FakeExecs {
  readonly #clock: Clock;
  readonly #hooks: FakeHooks;
  readonly #probes = new Limiter(probesMax, 0);
  readonly #running = new Set<Running>();

  constructor(clock: Clock, hooks: FakeHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  /** A probe's turn: `call` is the whole of it. */
  inTurn<T>({ probe }: ExecOptions, call: () => Promise<T>): Promise<T> {
    return probe ? this.#probes.run('inspect', call) : call();
  }

  run(
    id: string,
    container: FakeContainer | undefined,
    command: string[],
    options: ExecOptions,
  ): Result<ExecOutcome> | Promise<Result<ExecOutcome>> {
    const name = `exec ${JSON.stringify(command[0] ?? '')}`;
    if (!container) return fail('NoSuchContainer', `${name}: no such container: ${id}`);
    const { observation, script } = container;
    const atMs = this.#clock.now();
    this.#hooks.moment?.({ type: 'exec', atMs, container: observation, command, probe: options.probe });
    if (observation.state !== 'running') {
      return fail('NoSuchContainer', `${name}: container ${id} is not running`);
    }
    if (command.length === 0) return fail('ExecFailed', `${name}: no exec command specified`);
    const { exitCode = 0, output = '', takesMs = 0, hangs = false } = script.exec?.(command) ?? {};
    const outcome = ok({ exitCode, output: bounded(output) });
    if (!hangs && takesMs === 0) return outcome;
    return new Promise((resolve) => {
      const timers: Timer[] = [];
      const running: Running = {
        containerId: id,
        settle: (result) => {
          for (const timer of timers) timer.cancel();
          this.#running.delete(running);
          resolve(result);
        },
      };
      this.#running.add(running);
      if (!hangs) timers.push(this.#clock.after(takesMs, () => running.settle(outcome)));
      const late = fail('ExecTimeout', `${name}: timed out after ${options.timeoutMs / 1000} s`);
      if (options.timeoutMs > 0)
        timers.push(this.#clock.after(options.timeoutMs, () => running.settle(late)));
    });
  }

  containerEnded(id: string): void {
    for (const running of [...this.#running]) {
      if (running.containerId === id) running.settle(ok({ exitCode: 137, output: '' }));
    }
  }

  engineAway(message: string): void {
    for (const running of [...this.#running]) running.settle(fail('EngineUnavailable', `exec: ${message}`));
  }
}
