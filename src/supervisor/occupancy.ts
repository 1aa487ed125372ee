// What the Pods of this node hold of it: sums kept up with each change, so that a Pod can be weighed against them
// without looking at every other. Pure, but for the table it keeps.

import type { Pod } from '../kubernetes/pod.ts';
import { type Amounts, anyIp, type HostPort, hostPortsOf, podRequests } from '../kubernetes/pod-requests.ts';
import type { PodKey } from '../manifest/static-pod.ts';

/** All that others hold, as a Pod that wants in sees it. */
export type Occupied = {
  pods: number;
  amount(resource: string): number;
  isTaken(port: HostPort): boolean;
};

/** `versions`: the one that is wanted and, until that has stopped, the one that it replaces. */
type Holding = { versions: Pod[]; amounts: Amounts; ports: HostPort[] };

export class Occupancy {
  readonly #holdings = new Map<PodKey, Holding>();
  readonly #sums: Amounts = {};
  /** `TCP:80` -> who holds it, on which addresses. */
  readonly #ports = new Map<string, { key: PodKey; ip: string }[]>();

  hasPorts(key: PodKey): boolean {
    return (this.#holdings.get(key)?.ports.length ?? 0) > 0;
  }

  /** Of two versions the Pod holds whichever is more: they never run at once. */
  hold(key: PodKey, versions: Pod[]): void {
    this.release(key);
    const amounts: Amounts = {};
    for (const version of versions)
      for (const [resource, amount] of Object.entries(podRequests(version)))
        amounts[resource] = Math.max(amounts[resource] ?? 0, amount);
    const ports = versions.flatMap(hostPortsOf);
    this.#holdings.set(key, { versions, amounts, ports });
    for (const [resource, amount] of Object.entries(amounts))
      this.#sums[resource] = (this.#sums[resource] ?? 0) + amount;
    for (const { protocol, port, ip } of ports) {
      const name = `${protocol}:${port}`;
      this.#ports.set(name, [...(this.#ports.get(name) ?? []), { key, ip }]);
    }
  }

  /** Answers whether it held anything. */
  release(key: PodKey): boolean {
    const holding = this.#holdings.get(key);
    if (!holding) return false;
    this.#holdings.delete(key);
    for (const [resource, amount] of Object.entries(holding.amounts))
      this.#sums[resource] = (this.#sums[resource] ?? 0) - amount;
    for (const { protocol, port } of holding.ports) {
      const name = `${protocol}:${port}`;
      const rest = (this.#ports.get(name) ?? []).filter((holder) => holder.key !== key);
      if (rest.length > 0) this.#ports.set(name, rest);
      else this.#ports.delete(name);
    }
    return true;
  }

  versionsOf(key: PodKey): Pod[] {
    return this.#holdings.get(key)?.versions ?? [];
  }

  /** A Pod is not in the way of its own next version. */
  besides(key: PodKey): Occupied {
    const own = this.#holdings.get(key);
    return {
      pods: this.#holdings.size - (own ? 1 : 0),
      amount: (resource) => (this.#sums[resource] ?? 0) - (own?.amounts[resource] ?? 0),
      isTaken: (port) => this.#isTaken(key, port),
    };
  }

  /** The latest version of each. */
  *pods(): Iterable<[PodKey, Pod]> {
    for (const [key, { versions }] of this.#holdings) {
      const latest = versions.at(-1);
      if (latest) yield [key, latest];
    }
  }

  /** HostPortInfo.CheckConflict: 0.0.0.0 is every address. */
  #isTaken(key: PodKey, { ip, protocol, port }: HostPort): boolean {
    const holders = this.#ports.get(`${protocol}:${port}`) ?? [];
    return holders.some(
      (holder) => holder.key !== key && (holder.ip === ip || holder.ip === anyIp || ip === anyIp),
    );
  }
}
