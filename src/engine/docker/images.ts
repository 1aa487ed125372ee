// Images as a Pod's pull policy wants them (kubelet image_manager EnsureImageExists): asked for, pulled with each login
// that may fit, failures in the words that the kubelet has for them.
import type { Readable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import { type Failure, fail, ok, type Result } from '../../errors.ts';
import { parseImageName, withDefaultTag } from '../../kubernetes/image-name.ts';
import type { ImageStatus, PullPolicy, PullProgress } from '../engine.ts';
import * as failure from '../image-failures.ts';
import type { Login } from '../registry/keyring.ts';
import type { LoginsOf } from '../registry/login-files.ts';
import { type PullWait, SharedPulls } from '../shared-pulls.ts';
import type { EngineCalls } from './calls.ts';
import type { DockerClient } from './connect.ts';
import { isGone, plainFailure, pullCode, type Refusal } from './failures.ts';
import type { ImageRefs } from './image-refs.ts';
import { imageStatus } from './observe.ts';
import { followPull } from './pull-report.ts';

export type PullLimits = {
  pullsMax: number;
  /** A pull that does not move for so long is given up (dockershim's --image-pull-progress-deadline). */
  stallTimeoutMs: number;
};

export type DockerImagesOptions = {
  docker: DockerClient;
  calls: EngineCalls;
  clock: Clock;
  limits: PullLimits;
  loginsOf: LoginsOf;
  refs: ImageRefs;
};

type Attempt = { image: string; login: Login | undefined; signal: AbortSignal };

export class DockerImages {
  readonly #options: DockerImagesOptions;
  readonly #pulls: SharedPulls;
  /** An image that was not here before has been pulled by this name. */
  onPulled: (name: string, status: ImageStatus) => void = () => {};
  /** Somebody wants this image, and it is here. */
  onWanted: (status: ImageStatus) => void = () => {};

  constructor(options: DockerImagesOptions) {
    this.#options = options;
    this.#pulls = new SharedPulls(options.limits.pullsMax, (image, signal, tell) =>
      this.#pull(image, signal, tell),
    );
  }

  async ensure(wanted: string, policy: PullPolicy, wait: PullWait): Promise<Result<ImageStatus>> {
    if (!parseImageName(wanted)) return { ok: false, error: failure.invalidName(wanted) };
    const image = withDefaultTag(wanted);
    if (policy !== 'Always') {
      const found = await this.#inspect(image);
      if (found.ok || found.error.code !== 'NoSuchImage') return found;
      if (policy === 'Never') return { ok: false, error: failure.neverPull(wanted) };
    }
    const failed = await this.#pulls.join(image, wait);
    return failed ? { ok: false, error: failed } : this.#inspect(image);
  }

  async #inspect(image: string): Promise<Result<ImageStatus>> {
    const { docker, calls, refs } = this.#options;
    const answer = await calls.run('inspect', (abortSignal) =>
      docker.getImage(image).inspect({ abortSignal }),
    );
    if (answer.ok) {
      const status = imageStatus(answer.value, image);
      refs.learn(status);
      this.onWanted(status);
      return ok(status);
    }
    const { refusal } = answer;
    if (isGone(refusal)) return fail('NoSuchImage', `image "${image}": ${refusal.message}`);
    const plain = plainFailure(refusal, image);
    return {
      ok: false,
      error: plain.code === 'EngineError' ? failure.inspect(image, refusal.message) : plain,
    };
  }

  /** Each login that may fit in turn, as the kubelet does; none is one too. */
  async #pull(
    image: string,
    signal: AbortSignal,
    tell: (progress: PullProgress) => void,
  ): Promise<Failure | undefined> {
    const logins = await this.#options.loginsOf(parseImageName(image)?.repository ?? '');
    const failures: Failure[] = [];
    for (const login of logins.length > 0 ? logins : [undefined]) {
      const failed = await this.#pullWith({ image, login, signal }, tell);
      if (!failed) return undefined;
      failures.push(failed);
      if (failed.code === 'EngineUnavailable' || signal.aborted) return failed;
    }
    return failure.aggregate(failures);
  }

  async #pullWith(attempt: Attempt, tell: (progress: PullProgress) => void): Promise<Failure | undefined> {
    const { clock, limits } = this.#options;
    const { image, signal } = attempt;
    const opened = await this.#open(attempt);
    if (!opened.ok) return refused(opened.refusal, image);
    const { stallTimeoutMs } = limits;
    const end = await followPull(opened.value as Readable, clock, { stallTimeoutMs, signal, tell });
    if (end.is === 'engine-lost') return { code: 'EngineUnavailable', message: `${image}: ${end.words}` };
    if (end.is === 'failed') return failure.pull(pullCode(end.words), image, end.words);
    if (end.isNew) await this.#tellPulled(image);
    return undefined;
  }

  /** The engine asks the registry before it begins its report: that may take as long as anything else of a pull. */
  #open({ image, login, signal }: Attempt) {
    const { docker, calls, limits } = this.#options;
    const serveraddress = image.slice(0, Math.max(image.indexOf('/'), 0));
    return calls.attempt(
      (abortSignal) =>
        docker.pull(pullable(image), {
          abortSignal: AbortSignal.any([abortSignal, signal]),
          ...(login && { authconfig: { ...login, serveraddress } }),
        }),
      limits.stallTimeoutMs,
    );
  }

  async #tellPulled(image: string): Promise<void> {
    const found = await this.#inspect(image);
    if (found.ok) this.onPulled(image, found.value);
  }
}

/** With both, the digest decides, and the tag is only for who reads it. */
function pullable(image: string): string {
  const at = image.indexOf('@');
  return at < 0 ? image : image.slice(0, at).replace(/:[^/:]*$/, '') + image.slice(at);
}

function refused(refusal: Refusal, image: string): Failure {
  if (refusal.kind === 'unreachable') return plainFailure(refusal, image);
  const words =
    refusal.kind === 'timeout' ? `the registry does not answer (${refusal.message})` : refusal.message;
  return failure.pull(pullCode(words), image, words);
}
