// Removes images that monopod has pulled and nobody uses, when the engine's disk is full or they are old. Looks every
// five minutes, as the kubelet does; without an image of its own it asks the engine nothing. Engine thread.
import { statfs } from 'node:fs/promises';
import type { Clock, Timer } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { parseImageName } from '../../kubernetes/image-name.ts';
import type { LogFields } from '../../telemetry/log.ts';
import type { ImageStatus } from '../engine.ts';
import {
  agesCount,
  bytesToFree,
  type Candidate,
  type Disk,
  type ImageGcPolicy,
  inEvictionOrder,
  tooOld,
} from '../image-gc-plan.ts';
import type { EngineCalls } from './calls.ts';
import type { DockerClient } from './connect.ts';
import { isGone } from './failures.ts';
import type { PulledImages } from './pulled-images.ts';

export type ImageGcOptions = {
  docker: DockerClient;
  calls: EngineCalls;
  clock: Clock;
  policy: ImageGcPolicy;
  record: PulledImages;
  /** Images that stay whatever else: that of sandboxes. */
  needed: string[];
  log(level: 'info' | 'warn', message: string, fields: LogFields): void;
  /** The disk that the engine keeps its images on; undefined where that is not known. */
  disk?(): Promise<Disk | undefined>;
  everyMs?: number;
};

const gcEveryMs = 300_000;

export class ImageGc {
  readonly #options: ImageGcOptions;
  readonly #sinceMs: number;
  readonly #lastUsedMs = new Map<string, number>();
  #timer: Timer | undefined;
  /** Said once, until it holds no more. */
  #said = '';

  constructor(options: ImageGcOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.now();
  }

  start(): void {
    const { clock, everyMs = gcEveryMs } = this.#options;
    this.#timer = clock.after(everyMs, () => void this.collect().then(() => this.#timer && this.start()));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  wanted({ id }: ImageStatus): void {
    this.#lastUsedMs.set(id, this.#options.clock.now());
  }

  /** Never rejects. */
  async collect(): Promise<void> {
    const { policy, record, clock } = this.#options;
    if (record.all().length === 0) return;
    try {
      const nowMs = clock.now();
      const inUse = await this.#imagesInUse();
      for (const id of inUse) this.#lastUsedMs.set(id, nowMs);
      const ages = agesCount(policy, this.#sinceMs, nowMs);
      const disk =
        policy.highThreshold === 100 ? undefined : await (this.#options.disk ?? this.#engineDisk)();
      const toFree = disk ? bytesToFree(policy, disk) : 0;
      if (!ages && toFree === 0) return this.#say('');
      const candidates = await this.#candidates(inUse);
      const old = ages ? tooOld(candidates, policy, nowMs) : [];
      for (const image of old) await this.#remove(image, 'it was not used for long');
      if (toFree > 0)
        await this.#free(
          toFree,
          candidates.filter((image) => !old.includes(image)),
          nowMs,
        );
    } catch (error) {
      this.#say(`images cannot be collected: ${messageOf(error)}`);
    }
  }

  async #free(toFree: number, candidates: Candidate[], nowMs: number): Promise<void> {
    let freed = 0;
    for (const image of inEvictionOrder(candidates, this.#options.policy, nowMs)) {
      if (freed >= toFree) break;
      if (await this.#remove(image, "the engine's disk is full")) freed += image.bytes;
    }
    this.#say(
      freed >= toFree
        ? ''
        : `Failed to garbage collect required amount of images. Attempted to free ${toFree} bytes, but only found ${freed} bytes eligible to free.`,
    );
  }

  /** By containers of anybody, whether they run or not. */
  async #imagesInUse(): Promise<Set<string>> {
    const { docker, calls } = this.#options;
    const answer = await calls.run('remove', (abortSignal) =>
      docker.listContainers({ all: true, abortSignal }),
    );
    if (!answer.ok) throw new Error(answer.refusal.message);
    return new Set(answer.value.map(({ ImageID }) => ImageID));
  }

  /** What we have pulled and nobody uses; with a tag that is not of our pulls it is somebody else's too. */
  async #candidates(inUse: Set<string>): Promise<Candidate[]> {
    const { docker, calls, record, needed } = this.#options;
    const answer = await calls.run('remove', (abortSignal) => docker.listImages({ abortSignal }));
    if (!answer.ok) throw new Error(answer.refusal.message);
    const there = new Map(answer.value.map((image) => [image.Id, image]));
    record.remove(record.all().flatMap(({ id }) => (there.has(id) ? [] : [id])));
    return record.all().flatMap(({ id, names, pulledAtMs }) => {
      const image = there.get(id);
      const tags = (image?.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
      const isOurs = tags.every((tag) => names.some((name) => isTag(tag, name)));
      const isNeeded = tags.some((tag) => needed.some((name) => isTag(tag, name)));
      if (!image || !isOurs || isNeeded || inUse.has(id)) return [];
      const lastUsedMs = Math.max(this.#lastUsedMs.get(id) ?? 0, pulledAtMs);
      const refs = [...tags, ...(image.RepoDigests ?? []).filter((digest) => !digest.startsWith('<none>'))];
      return [{ id, names, refs, bytes: image.Size, pulledAtMs, lastUsedMs }];
    });
  }

  /** Not by force: what a container has come to use meanwhile stays. */
  async #remove({ id, names, refs, bytes }: Candidate, why: string): Promise<boolean> {
    const { docker, calls, record, log } = this.#options;
    const image = names.join(', ');
    // By its ID alone the engine removes none that has several names.
    for (const ref of refs.length > 1 ? [...refs, id] : [id]) {
      const answer = await calls.run('remove', (abortSignal) => docker.getImage(ref).remove({ abortSignal }));
      if (answer.ok || isGone(answer.refusal)) continue;
      log('warn', 'an unused image cannot be removed', { image, cause: answer.refusal.message });
      return false;
    }
    record.remove([id]);
    this.#lastUsedMs.delete(id);
    log('info', `unused image removed: ${why}`, { image, bytes });
    return true;
  }

  /** Where the engine is another machine's, its disk cannot be seen. */
  #engineDisk = async (): Promise<Disk | undefined> => {
    const { docker, calls } = this.#options;
    const info = await calls.run('inspect', (abortSignal) => docker.info({ abortSignal }));
    if (!info.ok) throw new Error(info.refusal.message);
    const { bsize, blocks, bavail } = await statfs(info.value.DockerRootDir ?? '');
    return { capacityBytes: blocks * bsize, availableBytes: bavail * bsize };
  };

  #say(trouble: string): void {
    if (trouble !== '' && trouble !== this.#said) this.#options.log('warn', trouble, {});
    this.#said = trouble;
  }
}

/** The engine shortens names of Docker Hub. */
function isTag(tag: string, name: string): boolean {
  const [a, b] = [parseImageName(tag), parseImageName(name)];
  return a?.tag !== undefined && a.repository === b?.repository && a.tag === b.tag && b.digest === undefined;
}
