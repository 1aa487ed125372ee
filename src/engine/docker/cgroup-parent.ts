// The cgroup that a Pod's containers are to be in, by the name that the engine's cgroup driver has for it (kubelet cm
// CgroupName.ToSystemd).
import { ok, type Result } from '../../errors.ts';

export class CgroupParents {
  readonly #ask: () => Promise<Result<string>>;
  #driver: string | undefined;

  constructor(ask: () => Promise<Result<string>>) {
    this.#ask = ask;
  }

  /** The engine has gone: it may come back as another. */
  forget(): void {
    this.#driver = undefined;
  }

  /** Asks the engine for its driver only for a Pod that has a cgroup of its own, and once. Fails as that call. */
  async settle(parent: string | undefined): Promise<Result<string | undefined>> {
    if (parent === undefined) return ok(undefined);
    if (this.#driver === undefined) {
      const driver = await this.#ask();
      if (!driver.ok) return driver;
      this.#driver = driver.value;
    }
    return ok(this.#driver === 'systemd' ? sliceOf(parent) : parent);
  }
}

/** `/kubepods/burstable/pod1-2` -> `kubepods-burstable-pod1_2.slice`: there a dash stands for a level. */
const sliceOf = (parent: string): string =>
  `${parent
    .split('/')
    .filter(Boolean)
    .map((name) => name.replaceAll('-', '_'))
    .join('-')}.slice`;
