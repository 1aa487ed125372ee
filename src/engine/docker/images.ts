// Images as a Pod's pull policy wants them. A pull is shared by all that want the same image, only so many run at
// once, apart from other calls, and one is given up only when nothing moves any more.
import type { Readable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import { type Failure, fail, messageOf, ok, type Result } from '../../errors.ts';
import { parseImageName } from '../../kubernetes/image-name.ts';
import type { ImageStatus, PullAuth, PullPolicy } from '../engine.ts';
import type { EngineCalls } from './calls.ts';
import type { DockerClient } from './connect.ts';
import { isGone, plainFailure, type Refusal } from './failures.ts';

import { JsonLines } from './json-lines.ts';
import { Limiter } from './limiter.ts';
import { imageStatus } from './observe.ts';

export type PullLimits = { pullsMax: number; stallTimeoutMs: number };

export class DockerImages {
  readonly #docker: DockerClient;
  readonly #calls: EngineCalls;
  readonly #clock: Clock;
  readonly #limits: PullLimits;
  readonly #limiter: Limiter;
  readonly #pulls = new Map<string, Promise<Failure | undefined>>();

  constructor(docker: DockerClient, calls: EngineCalls, clock: Clock, limits: PullLimits) {
    this.#docker = docker;
    this.#calls = calls;
    this.#clock = clock;
    this.#limits = limits;
    this.#limiter = new Limiter(limits.pullsMax, 0);
  }

  async ensure(image: string, policy: PullPolicy, auth?: PullAuth): Promise<Result<ImageStatus>> {
    if (!parseImageName(image)) return fail('ImageNameInvalid', `${image}: not a valid image name`);
    if (policy !== 'Always') {
      const found = await this.#inspect(image);
      if (found.ok || found.error.code !== 'NoSuchImage') return found;
      if (policy === 'Never')
        return fail('ImageNeverPull', `${image}: not present, and imagePullPolicy is Never`);
    }
    const failure = await this.#pull(image, auth);
    return failure ? { ok: false, error: failure } : this.#inspect(image);
  }

  async #inspect(image: string): Promise<Result<ImageStatus>> {
    const answer = await this.#calls.run('inspect', (abortSignal) =>
      this.#docker.getImage(image).inspect({ abortSignal }),
    );
    if (answer.ok) return ok(imageStatus(answer.value));
    if (isGone(answer.refusal)) return fail('NoSuchImage', `${image}: ${answer.refusal.message}`);
    return { ok: false, error: plainFailure(answer.refusal, image) };
  }

  #pull(image: string, auth: PullAuth | undefined): Promise<Failure | undefined> {
    // Two Pods with different credentials must not see one's image by the other's right.
    const id = JSON.stringify([image, auth]);
    const shared = this.#pulls.get(id);
    if (shared) return shared;
    const pull = this.#limiter
      .run('create', () => this.#pullNow(image, auth))
      .finally(() => this.#pulls.delete(id));
    this.#pulls.set(id, pull);
    return pull;
  }

  async #pullNow(image: string, auth: PullAuth | undefined): Promise<Failure | undefined> {
    // The engine answers at once and reports progress after; but first it asks the registry, which may be slow.
    const opened = await this.#calls.attempt(
      (abortSignal) => this.#docker.pull(image, { abortSignal, ...(auth && { authconfig: auth }) }),
      this.#limits.stallTimeoutMs,
    );
    if (!opened.ok) return pullFailure(opened.refusal, image);
    return this.#follow(opened.value as Readable, image);
  }

  #follow(stream: Readable, image: string): Promise<Failure | undefined> {
    const { promise, resolve } = Promise.withResolvers<Failure | undefined>();
    let lastMovedMs = this.#clock.now();
    let said: string | undefined;
    const lines = new JsonLines((value) => {
      said ??= errorOf(value);
    });
    const end = (failure: Failure | undefined) => {
      timer.cancel();
      stream.destroy();
      resolve(failure);
    };
    const broken = (message: string): Failure => ({
      code: 'ImagePullFailed',
      message: `${image}: ${message}`,
    });
    const watchStall = () => {
      const leftMs = lastMovedMs + this.#limits.stallTimeoutMs - this.#clock.now();
      if (leftMs <= 0) return end(broken(`no progress for ${this.#limits.stallTimeoutMs / 1000} s`));
      timer = this.#clock.after(leftMs, watchStall);
    };
    let timer = this.#clock.after(this.#limits.stallTimeoutMs, watchStall);
    stream.on('data', (chunk: Buffer) => {
      lastMovedMs = this.#clock.now();
      try {
        lines.push(chunk);
      } catch (error) {
        end(broken(`the engine's report of the pull is broken: ${messageOf(error)}`));
      }
    });
    stream.on('end', () =>
      end(said !== undefined || lines.cut ? broken(said ?? 'the pull was cut off') : undefined),
    );
    stream.on('error', (error) =>
      end({ code: 'EngineUnavailable', message: `${image}: ${messageOf(error)}` }),
    );
    stream.on('close', () =>
      end({ code: 'EngineUnavailable', message: `${image}: the connection was closed` }),
    );
    return promise;
  }
}

/** A pull that fails after its report has begun says so in its last line only. */
function errorOf(value: unknown): string | undefined {
  const { error, errorDetail } = (value ?? {}) as { error?: string; errorDetail?: { message?: string } };
  return errorDetail?.message ?? error;
}

function pullFailure(refusal: Refusal, image: string): Failure {
  if (refusal.kind === 'unreachable') return plainFailure(refusal, image);
  return { code: 'ImagePullFailed', message: `${image}: ${refusal.message}` };
}
