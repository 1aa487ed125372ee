// Commands in running containers: CRI ExecSync over Docker's create, start and inspect of an exec. Probes are bounded
// in number across the node, for an exec costs the engine tens of milliseconds of CPU; hooks are few, and a Pod waits.
import type { Result } from '../../errors.ts';
import type { ExecOptions, ExecOutcome } from '../engine.ts';
import { execFailure } from './failures.ts';
import { Limiter } from './limiter.ts';
import { type ExecAccess, RunningExec } from './running-exec.ts';

/** So many exec probes run at once on a node. */
export const probesMax = 8;

/** What may have ended: one exec, whatever runs in one container, or - nothing named - anything. */
export type MaybeEnded = { execId?: string; containerId?: string };

export class DockerExecs {
  readonly #access: ExecAccess;
  readonly #probes = new Limiter(probesMax, 0);
  readonly #running = new Map<string, { containerId: string; exec: RunningExec }>();

  constructor(access: ExecAccess) {
    this.#access = access;
  }

  run(id: string, command: string[], { timeoutMs, probe }: ExecOptions): Promise<Result<ExecOutcome>> {
    const run = () => this.#run(id, command, timeoutMs, probe ? 'inspect' : 'create');
    return probe ? this.#probes.run('inspect', run) : run();
  }

  mayHaveEnded({ execId, containerId }: MaybeEnded): void {
    if (execId !== undefined) return this.#running.get(execId)?.exec.mayHaveEnded(true);
    for (const running of this.#running.values()) {
      if (containerId === undefined) running.exec.mayHaveEnded(false);
      else if (running.containerId === containerId) running.exec.mayHaveEnded(true);
    }
  }

  async #run(
    containerId: string,
    command: string[],
    timeoutMs: number,
    priority: 'inspect' | 'create',
  ): Promise<Result<ExecOutcome>> {
    const program = command[0] ?? '';
    const created = await this.#access.calls.run(priority, (abortSignal) =>
      this.#access.docker
        .getContainer(containerId)
        .exec({ Cmd: command, AttachStdout: true, AttachStderr: true, abortSignal }),
    );
    if (!created.ok) {
      return { ok: false, error: execFailure(created.refusal, `exec ${JSON.stringify(program)}`) };
    }
    const execId = created.value.id;
    const exec = new RunningExec(this.#access, { execId, containerId, program }, priority);
    this.#running.set(execId, { containerId, exec });
    return exec.run(timeoutMs).finally(() => this.#running.delete(execId));
  }
}
