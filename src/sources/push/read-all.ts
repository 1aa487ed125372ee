// All pushed manifests on disk -> what each is worth, read and decoded in groups, so that memory is bounded. Source thread.
import { hash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Decoder } from '../decoding.ts';
import type { Judgement } from '../last-good.ts';
import { pushNameProblem, pushOrigin } from './push-name.ts';
import type { PushedFiles } from './pushed-files.ts';

export type ReadOptions = { files: PushedFiles; decoder: Decoder; clock: Clock; nodeName: string };

export type ReadManifest = {
  name: string;
  /** Of its bytes, where they could be read. */
  tag?: string;
  judgement: Judgement;
  /** It may be judged otherwise without a change. */
  again: boolean;
};

const groupFilesMax = 32;
const groupBytesMax = 4 * 1024 * 1024;

type Read = { name: string; bytes: Uint8Array<ArrayBuffer>; tag: string };

export async function* readAll(names: string[], options: ReadOptions): AsyncGenerator<ReadManifest> {
  let group: Read[] = [];
  let groupBytes = 0;
  for (const name of names) {
    const read = readOne(name, options.files);
    if ('judgement' in read) {
      yield read;
      continue;
    }
    group.push(read);
    groupBytes += read.bytes.length;
    if (group.length < groupFilesMax && groupBytes < groupBytesMax) continue;
    yield* await decoded(group, options);
    group = [];
    groupBytes = 0;
  }
  if (group.length > 0) yield* await decoded(group, options);
}

function readOne(name: string, files: PushedFiles): Read | ReadManifest {
  if (pushNameProblem(name) !== undefined) {
    const reason = 'nothing can be pushed by this name: it was put there by hand';
    return { name, judgement: { kind: 'ignored', reason }, again: false };
  }
  const read = files.read(name);
  if (read.kind === 'read') return { name, bytes: read.bytes, tag: tagOf(read.bytes) };
  if (read.kind === 'special') return { name, judgement: read, again: false };
  if (read.kind === 'failed') return { name, judgement: read, again: read.again };
  return { name, judgement: { kind: 'failed', reason: 'it changed while it was read' }, again: true };
}

async function decoded(group: Read[], { decoder, clock, nodeName }: ReadOptions): Promise<ReadManifest[]> {
  const seenAtMs = clock.now();
  const answers = await decoder.decode(
    group.map(({ name, bytes }) => ({ bytes, origin: pushOrigin(name), source: 'api', nodeName, seenAtMs })),
  );
  return group.map(({ name, tag }, at) => {
    const answer = answers[at] ?? { failure: 'the decoder left it out', fault: 'decoder' };
    if (answer.failure === undefined)
      return { name, tag, judgement: { kind: 'decoded', verdict: answer.verdict }, again: false };
    const judgement = { kind: 'failed', reason: answer.failure } as const;
    return { name, tag, judgement, again: answer.fault === 'decoder' };
  });
}

/** What an ETag says of the bytes. */
export const tagOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'base64url');
