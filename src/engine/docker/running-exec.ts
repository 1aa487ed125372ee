// One command that was asked of the engine, from its start to its answer, which is given once: its own end, its
// timeout, or the engine's going away, whichever is first. Held up by nothing that the engine fails to say.
//
// What may tell of the end - the connection's, the event exec_die, the container's death, a list after an outage, the
// timeout - only leads to a look at the exec; what that shows is the answer. So none of them need come, or come in order:
// a background child may hold the connection open, a connection may stay half-open, an event may be lost.
import type { Readable } from 'node:stream';
import type { ContainerInspectInfo, ExecInspectInfo } from 'dockerode';
import { type Clock, sleep, type Timer } from '../../clock.ts';
import { fail, ok, type Result } from '../../errors.ts';
import type { ExecOutcome } from '../engine.ts';
import type { Answer, Call, EngineCalls } from './calls.ts';
import type { DockerClient } from './connect.ts';
import type { KillExec } from './exec-kill.ts';
import { bounded, ExecOutput } from './exec-output.ts';
import { execFailure, isGone, neverRanCode, plainFailure, type Refusal } from './failures.ts';
import type { Priority } from './limiter.ts';

export type ExecAccess = {
  docker: DockerClient;
  calls: EngineCalls;
  clock: Clock;
  kill: KillExec;
  /** For the engine's first answer to a start. */
  startTimeoutMs: number;
};

/** `containerId` as the caller named it, `program` the first word of the command. */
export type ExecSubject = { execId: string; containerId: string; program: string };

/** Between looks at a command that should have ended: the connection is closed a moment before the engine notes it. */
const lookAgainMsMin = 20;
const lookAgainMsMax = 5_000;
/** What was written just before the end may still be on its way. */
const lastOutputMs = 100;
/** After its timeout a command is looked at once more, and killed if it runs; the answer waits no longer for that. */
const timeoutLookMs = 1_000;
/**
 * After that for one whose process is gone. Docker notes the end of a command late while a child of it, or of a command
 * shortly before in the same container, holds its output open: 4 s on 20.10.
 */
const lateEndMs = 5_000;
/** A start that the engine has not got to yet has no process to kill. Each look is twice as long after the one before. */
const killLooksMax = 10;

export class RunningExec {
  readonly #access: ExecAccess;
  readonly #subject: ExecSubject;
  readonly #priority: Priority;
  readonly #answer = Promise.withResolvers<Result<ExecOutcome>>();
  readonly #abort = new AbortController();
  readonly #output = new ExecOutput();
  readonly #timers = new Set<Timer>();
  #settled = false;
  #read = false;
  #onRead = () => {};
  #looking = false;
  /** Set once it should have ended. */
  #looksAgainAfterMs: number | undefined;
  #nextLook: Timer | undefined;
  /** The engine's words in place of a connection. */
  #refusal: Refusal | undefined;
  #noLongerAway = () => {};

  constructor(access: ExecAccess, subject: ExecSubject, priority: Priority) {
    this.#access = access;
    this.#subject = subject;
    this.#priority = priority;
  }

  /** `timeoutMs` counts from here; 0 is none. */
  async run(timeoutMs: number): Promise<Result<ExecOutcome>> {
    const { calls } = this.#access;
    this.#noLongerAway = calls.whenAway((message) => this.#settle(fail('EngineUnavailable', message)));
    if (timeoutMs > 0) this.#after(timeoutMs, () => void this.#timeOut(timeoutMs));
    if (!this.#settled) void this.#start();
    return this.#answer.promise;
  }

  /** Somebody says that it has ended, or (not `certainly`) that it may have: then one look is enough. */
  mayHaveEnded(certainly: boolean): void {
    if (certainly) this.#expectEnd();
    else void this.#look();
  }

  async #start(): Promise<void> {
    const { docker, calls, clock, startTimeoutMs } = this.#access;
    const startedAtMs = clock.now();
    // Neither limited nor watched for being slow: it lasts as long as the command. Not hijacked either, for nothing is
    // written to it: the answer's body is the output, until the engine closes the connection.
    const answer = await calls.attempt((given) => {
      const abortSignal = AbortSignal.any([given, this.#abort.signal]);
      return docker.getExec(this.#subject.execId).start({ Detach: false, Tty: false, abortSignal });
    }, startTimeoutMs);
    if (answer.ok) return this.#follow(answer.value);
    if (this.#settled) return;
    if (answer.refusal.kind === 'unreachable') calls.onTrouble(startedAtMs);
    if (isGone(answer.refusal)) return this.#forgotten();
    if (execFailure(answer.refusal, '').code !== 'ExecFailed') return this.#fail(answer.refusal);
    // Refused for what was to be run: the engine may still have an exit code for it.
    this.#refusal = answer.refusal;
    await this.#look();
  }

  #follow(stream: Readable): void {
    const end = () => {
      if (this.#read) return;
      this.#read = true;
      this.#onRead();
      this.#expectEnd();
    };
    stream.on('data', (chunk: Buffer) => this.#output.push(chunk));
    stream.on('error', () => {
      if (!this.#settled) this.#access.calls.onTrouble(this.#access.clock.now());
      end();
    });
    stream.on('end', end);
    stream.on('close', end);
    if (this.#settled) stream.destroy();
  }

  async #timeOut(timeoutMs: number): Promise<void> {
    const timedOut = (stillRuns?: string) => {
      const left = stillRuns === undefined ? '' : `, and may run on: ${stillRuns}`;
      this.#settle(fail('ExecTimeout', `${this.#name}: timed out after ${timeoutMs / 1000} s${left}`));
    };
    const lookTimer = this.#after(timeoutLookMs, () => timedOut('the engine does not say'));
    // To its end, whether or not the answer has been given meanwhile.
    for (let looks = 0; looks < killLooksMax; looks++) {
      if (looks > 0) await sleep(this.#access.clock, lookAgainMsMin * 2 ** looks);
      const answer = await this.#inspect('kill');
      if (!answer.ok) return isGone(answer.refusal) ? this.#forgotten() : timedOut(answer.refusal.message);
      const { Running, ExitCode, Pid, ContainerID } = answer.value;
      // In time after all: only its output is held open by a child.
      if (!Running && ExitCode !== null) return this.#ended(ExitCode, Pid);
      if (!Running || Pid === 0) continue;
      const killed = this.#access.kill(Pid, ContainerID);
      if (killed === 'killed') return timedOut();
      if (killed !== 'absent') return timedOut(killed.cannot);
      lookTimer.cancel();
      this.#after(lateEndMs, () => timedOut());
      return this.#expectEnd();
    }
    timedOut('the engine does not say its process');
  }

  #expectEnd(): void {
    this.#looksAgainAfterMs = lookAgainMsMin;
    void this.#look();
  }

  async #look(): Promise<void> {
    // One that is under way may have been answered too early to know: then another follows it.
    if (this.#settled || this.#looking) return;
    this.#nextLook?.cancel();
    this.#looking = true;
    const answer = await this.#inspect(this.#priority);
    this.#looking = false;
    if (this.#settled) return;
    if (answer.ok) return this.#seen(answer.value);
    if (isGone(answer.refusal)) return this.#forgotten();
    // Otherwise it was only a question; whatever the engine's trouble is, it is told in another way.
    if (this.#looksAgainAfterMs !== undefined || this.#refusal) this.#fail(answer.refusal);
  }

  #seen({ Running, ExitCode, Pid }: ExecInspectInfo): void {
    if (!Running && ExitCode !== null) return this.#ended(ExitCode, Pid);
    if (this.#refusal) return this.#fail(this.#refusal);
    if (this.#looksAgainAfterMs === undefined) return;
    this.#nextLook = this.#after(this.#looksAgainAfterMs, () => void this.#look());
    this.#looksAgainAfterMs = Math.min(this.#looksAgainAfterMs * 2, lookAgainMsMax);
  }

  #ended(exitCode: number, pid: number): void {
    const answer = () => {
      if (pid === 0 && exitCode >= 126 && exitCode <= 128) return void this.#neverRan(exitCode);
      this.#settle(ok({ exitCode, output: this.#output.text }));
    };
    if (this.#read || this.#refusal) return answer();
    this.#onRead = answer;
    this.#after(lastOutputMs, answer);
  }

  /** No process came of it: what there is of output are the engine's words. */
  async #neverRan(exitCode: number): Promise<void> {
    const words = (this.#refusal?.message ?? this.#output.text).trim();
    const code = neverRanCode(words);
    if (code) return this.#settle(fail(code, `${this.#name}: ${words}`));
    await this.#unlessItsContainerEnded(ok({ exitCode, output: bounded(words) }));
  }

  /** The engine has no such exec: its container has ended, or the engine has been restarted since. */
  #forgotten(): Promise<void> {
    return this.#unlessItsContainerEnded(
      fail('EngineError', `${this.#name}: the engine has lost sight of the command`),
    );
  }

  async #unlessItsContainerEnded(otherwise: Result<ExecOutcome>): Promise<void> {
    const container: Answer<ContainerInspectInfo> = await this.#call(this.#priority, (abortSignal) =>
      this.#access.docker.getContainer(this.#subject.containerId).inspect({ abortSignal }),
    );
    if (!container.ok) return this.#settle({ ok: false, error: plainFailure(container.refusal, this.#name) });
    if (container.value.State.Running) return this.#settle(otherwise);
    this.#settle(fail('NoSuchContainer', `${this.#name}: the container does not run`));
  }

  #inspect(priority: Priority): Promise<Answer<ExecInspectInfo>> {
    return this.#call(priority, (abortSignal) =>
      this.#access.docker.getExec(this.#subject.execId).inspect({ abortSignal }),
    );
  }

  #call<T>(priority: Priority, call: Call<T>): Promise<Answer<T>> {
    return this.#access.calls.run(priority, call);
  }

  #after(delayMs: number, callback: () => void): Timer {
    const timer = this.#access.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
    return timer;
  }

  #fail(refusal: Refusal): void {
    this.#settle({ ok: false, error: execFailure(refusal, this.#name) });
  }

  #settle(result: Result<ExecOutcome>): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#noLongerAway();
    for (const timer of this.#timers) timer.cancel();
    // Closes the connection, or gives up what is not yet one.
    this.#abort.abort();
    this.#answer.resolve(result);
  }

  /** Never its arguments: these may be secret. */
  get #name(): string {
    return `exec ${JSON.stringify(this.#subject.program)}`;
  }
}
