// Something of the engine that stays as it is for as long as the engine does: asked for when it is first needed.
import { ok, type Result } from '../../errors.ts';

export class AskedOnce<T> {
  readonly #ask: () => Promise<Result<T>>;
  #answer: { value: T } | undefined;

  constructor(ask: () => Promise<Result<T>>) {
    this.#ask = ask;
  }

  /** The engine has gone: it may come back as another. */
  forget(): void {
    this.#answer = undefined;
  }

  /** Fails as the call does, and is asked again the next time. */
  async get(): Promise<Result<T>> {
    if (this.#answer) return ok(this.#answer.value);
    const asked = await this.#ask();
    if (asked.ok) this.#answer = { value: asked.value };
    return asked;
  }
}
