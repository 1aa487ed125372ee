// Main's hold on one Pod's actor: its thread, what it was last told, and how often it has died in a row.
import { type Remote, transfer } from '../actors/call.ts';
import type { Spares } from '../actors/spares.ts';
import type { Thread, ThreadExit } from '../actors/thread.ts';
import type { StaticPod } from '../manifest/static-pod.ts';
import type { EnginePorts, PodBoot, PodThread } from '../pod/service.ts';
import type { Desired } from '../pod/state.ts';

export class PodHandle {
  readonly boot: PodBoot;
  desired: Desired;
  /** What it runs by its checkpoint, while nothing is decided yet. */
  adopted: StaticPod | undefined;
  /** The source that had said it then, if that is known and still configured. */
  owner: string | undefined;
  deaths = 0;
  startedAtMs: number;
  #version = 0;
  #thread: Thread<PodThread>;
  #ended = false;

  constructor(
    boot: PodBoot,
    desired: Desired,
    spares: Spares<PodThread>,
    ports: EnginePorts,
    nowMs: number,
    onDeath: (exit: ThreadExit) => void,
  ) {
    this.boot = boot;
    this.desired = desired;
    this.startedAtMs = nowMs;
    this.#thread = this.#begin(spares, boot, ports, onDeath);
  }

  /** The version that is to run on, unless another word comes. */
  get runs(): StaticPod | undefined {
    if (this.desired.want === 'run') return this.desired.staticPod;
    return this.desired.want === 'undecided' ? this.adopted : undefined;
  }

  /** Never waits. The actor's mailbox holds one desired state: the latest. */
  desire(desired: Desired): void {
    this.desired = desired;
    this.#version += 1;
    this.#call((remote) => remote.desire(desired, this.#version));
  }

  discard(id: string): void {
    this.#call((remote) => remote.discard(id));
  }

  attach({ calls, events }: EnginePorts): void {
    this.#call((remote) => remote.attach(transfer(calls, [calls]), transfer(events, [events])));
  }

  /** The answer to an older word does not count. */
  hasEnded(version: number): boolean {
    return version === this.#version && this.desired.want === 'gone';
  }

  /** In a new thread, which finds its way by checkpoint and engine. */
  revive(
    boot: PodBoot,
    spares: Spares<PodThread>,
    ports: EnginePorts,
    nowMs: number,
    onDeath: (exit: ThreadExit) => void,
  ): void {
    this.startedAtMs = nowMs;
    this.#thread = this.#begin(spares, boot, ports, onDeath);
    if (this.desired.want !== 'undecided') this.desire(this.desired);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#thread.terminate();
  }

  #begin(
    spares: Spares<PodThread>,
    boot: PodBoot,
    { calls, events }: EnginePorts,
    onDeath: (exit: ThreadExit) => void,
  ): Thread<PodThread> {
    const thread = spares.take();
    thread.remote.begin(boot, transfer(calls, [calls]), transfer(events, [events])).catch(() => undefined);
    void thread.exited.then((exit) => (this.#ended ? undefined : onDeath(exit)));
    return thread;
  }

  /** A thread that dies meanwhile is revived with what is desired by then. */
  #call(action: (remote: Remote<PodThread>) => Promise<unknown>): void {
    action(this.#thread.remote).catch(() => undefined);
  }
}
