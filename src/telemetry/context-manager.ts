// The active trace context across awaits, for @opentelemetry/api: AsyncLocalStorage behind its ContextManager.
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';

export class AsyncContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<Args extends unknown[], F extends (...args: Args) => ReturnType<F>>(
    context: Context,
    callback: F,
    thisArg?: ThisParameterType<F>,
    ...args: Args
  ): ReturnType<F> {
    return this.#storage.run(context, () => callback.apply(thisArg, args));
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target;
    const bound = (...args: unknown[]): unknown => this.#storage.run(context, () => target(...args));
    return bound as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}
