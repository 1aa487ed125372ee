// Manifests' bytes -> their verdicts, in this process; and which of them claim a name that one before has claimed.
import { systemClock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { decodeManifest } from '../manifest/decode-manifest.ts';
import { readDocument } from '../manifest/read-document.ts';
import type { FieldError, PodKey, Verdict } from '../manifest/static-pod.ts';
import { strictly } from '../manifest/strict.ts';
import type { ManifestFile } from './manifest-files.ts';

export type Judged = { file: string; bytes: Uint8Array; verdict: Verdict };

export type Measure = { nodeName: string; strict: boolean };

type Claimed = { file: string; bytes: Uint8Array };

/** As if they all stood in one directory. One after the other, in the order in which they are given. */
export class ManifestJudge {
  readonly #measure: Measure;
  readonly #claimed = new Map<PodKey, Claimed>();

  constructor(measure: Measure) {
    this.#measure = measure;
  }

  judge(given: Exclude<ManifestFile, { kind: 'ignored' }>): Judged {
    const { file, origin } = given;
    if (given.kind === 'failed') return { file, bytes: new Uint8Array(), verdict: unread(given.reason) };
    const { bytes } = given;
    const { nodeName, strict } = this.#measure;
    const verdict = decode(bytes, { origin, nodeName });
    const judged = { file, bytes, verdict: strict ? strictly(verdict) : verdict };
    if (judged.verdict.accepted) this.#claim(judged.verdict.staticPod.key, judged);
    return judged;
  }

  #claim(key: PodKey, { file, bytes, verdict }: Judged): void {
    const first = this.#claimed.get(key);
    if (first === undefined) this.#claimed.set(key, { file, bytes });
    else verdict.warnings.push({ ...conflict(key, first), ...placeOfName(bytes) });
  }
}

/** A fault of ours at one file is no reason to say nothing of the others. */
function decode(bytes: Uint8Array, where: { origin: string; nodeName: string }): Verdict {
  try {
    return decodeManifest(bytes, { ...where, source: 'file', seenAtMs: systemClock.now() });
  } catch (error) {
    const message = `monopod itself fails at it: ${messageOf(error)}`;
    const fault: FieldError = { stage: 'decode', field: '', type: 'Internal error', message };
    return { accepted: false, errors: [fault], warnings: [] };
  }
}

export const unread = (message: string): Verdict => ({
  accepted: false,
  errors: [{ stage: 'decode', field: '', type: 'Unreadable', message }],
  warnings: [],
});

function conflict(key: PodKey, { file, bytes }: Claimed): FieldError {
  const { line, column } = placeOfName(bytes);
  const first = line === undefined ? file : `${file}:${line}:${column}`;
  return {
    stage: 'static',
    field: 'metadata.name',
    type: 'Duplicate value',
    message: `${first} claims the Pod ${key} as well: only one of the two would run`,
  };
}

function placeOfName(bytes: Uint8Array): { line?: number; column?: number } {
  const read = readDocument(bytes);
  return (read.ok && read.document.locate(['metadata', 'name'])) || {};
}
