// What would become of manifests if they were put where monopod reads them: manifests, and what monopod says of those it
// has, in; an outcome each out. A Pod restarts if, and only if, its UID would be another one. Pure.
import { basename, dirname, join } from 'node:path';
import type { Pod } from '../kubernetes/pod.ts';
import { decodeManifest } from '../manifest/decode-manifest.ts';
import type { FieldError, PodKey, StaticPod, Verdict } from '../manifest/static-pod.ts';
import type { ManifestRecord } from '../server/node-view.ts';
import { hashedOrigin } from '../sources/url/public-url.ts';
import { type FieldDifference, podDifferences } from './pod-difference.ts';

export type Given = {
  /** As it was named. */
  file: string;
  bytes: Uint8Array;
  /** It could not be read. */
  unread?: Verdict;
  /** Its path as monopod knows it, if it lies where monopod reads. */
  origin?: string;
  /** It is one of a directory that is compared as a whole. */
  ofDirectory: boolean;
};

export type Outcome =
  | 'unchanged'
  | 'restart'
  | 'start'
  /** Its differences come to nothing until `monopod start`. */
  | 'stays stopped'
  | 'stop'
  | 'conflict'
  | 'rejected';

export type Foreseen = {
  file: string;
  /** Unknown of what is rejected. */
  pod?: PodKey;
  outcome: Outcome;
  differences: FieldDifference[];
  errors: FieldError[];
  /** What else there is to say of it. */
  note: string;
  /** Of what would start, or start anew: as it would be asked for. */
  wanted?: Pod;
  /** What would stand in its way. */
  hints: string[];
  /** Of what is rejected: what is told of it. */
  verdict?: Verdict;
};

export type Node = {
  nodeName: string;
  records: ManifestRecord[];
  pods: Pod[];
};

export class Foresight {
  readonly #node: Node;
  readonly #claimed = new Map<PodKey, string>();
  /** Origins whose Pods have a manifest among what was given. */
  readonly #covered = new Set<string>();

  constructor(node: Node) {
    this.#node = node;
  }

  /** One after the other, in the order in which they are given. */
  foresee(given: Given): Foreseen[] {
    const { file, unread } = given;
    const asFile = unread ?? this.#decode(given, { origin: given.origin ?? file, source: 'file' });
    if (!asFile.accepted) return [this.#rejected(given, asFile)];
    const { key } = asFile.staticPod;
    const blank = { file, pod: key, differences: [], errors: [], note: '', hints: [] as string[] };
    const other = this.#claimed.get(key);
    if (other !== undefined) return [{ ...blank, outcome: 'conflict', note: `${other} claims it as well` }];
    const owner = this.#owner(key);
    const before = this.#renamed(given, key);
    if (owner && isRival(given, owner))
      return [...before, { ...blank, outcome: 'conflict', note: `it belongs to ${owner.origin}` }];
    this.#claimed.set(key, file);
    if (owner) this.#covered.add(owner.origin);
    const verdict = owner?.staticPod ? this.#decode(given, owner.staticPod) : asFile;
    if (!verdict.accepted) return [this.#rejected(given, verdict)];
    return [...before, { ...blank, ...this.#compared(verdict.staticPod, owner) }];
  }

  /** Pods of files that have none in the directory that takes the place of theirs. */
  stops(): Foreseen[] {
    return this.#node.records
      .filter(({ sourceId, origin }) => sourceId.startsWith('file:') && !this.#covered.has(origin))
      .flatMap((record) => (this.#holds(record) ? [stop(record, 'no manifest of it is given')] : []));
  }

  #decode({ bytes }: Given, { origin, source }: Pick<StaticPod, 'origin' | 'source'>): Verdict {
    const { nodeName } = this.#node;
    const hashed = source === 'http' ? hashedOrigin(origin) : origin;
    return decodeManifest(bytes, { origin: hashed, source, nodeName, seenAtMs: 0 });
  }

  /** Its file's last good version runs on. */
  #rejected({ file, origin, ofDirectory }: Given, verdict: Verdict): Foreseen {
    const inPlaceOf = this.#node.records.find(
      (record) =>
        record.origin === origin ||
        (ofDirectory && record.sourceId === `file:${dirname(record.origin)}` && isCopy(record.origin, file)),
    );
    if (inPlaceOf) this.#covered.add(inPlaceOf.origin);
    const key = inPlaceOf?.staticPod?.key;
    return {
      file,
      ...(key !== undefined && { pod: key }),
      outcome: 'rejected',
      differences: [],
      errors: verdict.errors,
      hints: [],
      note: key === undefined ? '' : `the last good version of ${key} would run on`,
      verdict,
    };
  }

  /** The Pod that this very file has been so far, if its name is another now. */
  #renamed({ origin }: Given, key: PodKey): Foreseen[] {
    const record = this.#node.records.find((one) => one.origin === origin);
    if (!record?.staticPod || record.staticPod.key === key || !this.#holds(record)) return [];
    this.#covered.add(record.origin);
    return [stop(record, `its manifest would be ${key}`)];
  }

  #owner(key: PodKey): ManifestRecord | undefined {
    return this.#node.records.find((record) => record.staticPod?.key === key && this.#holds(record));
  }

  #holds({ state, staticPod, isGone }: ManifestRecord): boolean {
    return (
      staticPod !== undefined &&
      !isGone &&
      state !== 'conflict' &&
      state !== 'ignored' &&
      state !== 'rejected'
    );
  }

  #compared(
    wanted: StaticPod,
    owner: ManifestRecord | undefined,
  ): Pick<Foreseen, 'outcome' | 'differences' | 'note' | 'wanted'> {
    const running = this.#node.pods.find(
      ({ metadata }) => `${metadata?.namespace}/${metadata?.name}` === wanted.key,
    );
    const known = owner?.staticPod;
    if (!owner || !known) {
      const stopped = this.#node.records.find(
        ({ isGone, state, staticPod }) => isGone && state === 'stopped' && staticPod?.key === wanted.key,
      );
      if (stopped) return { outcome: 'stays stopped', differences: [], note: stopped.reason };
      return { outcome: 'start', differences: [], note: '', wanted: wanted.pod };
    }
    const same = wanted.uid === known.uid || wanted.uid === running?.metadata?.uid;
    const { state, reason } = owner;
    const note = state === 'running' ? '' : reason;
    if (same) return { outcome: 'unchanged', differences: [], note };
    const differences = podDifferences(withoutOrders(running ?? known.pod, known.pod), wanted.pod);
    if (state === 'stopped') return { outcome: 'stays stopped', differences, note };
    const why = differences.length > 0 ? note : 'nothing differs but how it is written';
    return { outcome: running ? 'restart' : 'start', differences, note: why, wanted: wanted.pod };
  }
}

/** What lies elsewhere is taken to be meant for the place of the one that runs. */
const isRival = ({ origin, ofDirectory }: Given, owner: ManifestRecord): boolean =>
  (origin !== undefined && origin !== owner.origin) || (ofDirectory && !owner.sourceId.startsWith('file:'));

const stop = ({ origin, staticPod }: ManifestRecord, note: string): Foreseen => ({
  file: origin,
  ...(staticPod && { pod: staticPod.key }),
  outcome: 'stop',
  differences: [],
  errors: [],
  hints: [],
  note,
});

const isCopy = (origin: string, file: string) => origin === join(dirname(origin), basename(file));

const restartedAt = 'kubectl.kubernetes.io/restartedAt';

/** What `monopod restart` has written is no part of the manifest. */
function withoutOrders(running: Pod, manifest: Pod): Pod {
  const { [restartedAt]: written, ...annotations } = running.metadata?.annotations ?? {};
  if (written === undefined || manifest.metadata?.annotations?.[restartedAt] !== undefined) return running;
  return { ...running, metadata: { ...running.metadata, annotations } };
}
