// A decoder for tests of sources: `pod NAME IMAGE` is a Pod, `#` begins a comment, `hang` never decodes, all else is
// an error. Runs in this thread.
import { createHash } from 'node:crypto';
import type { DocumentsVerdict } from '../../src/manifest/decode-documents.ts';
import type { StaticPod, Verdict } from '../../src/manifest/static-pod.ts';
import type { Decoded, DecodeFile, Decoder } from '../../src/sources/decoding.ts';

export const staticPod = (origin: string, name: string, image: string, seen = 'earlier'): StaticPod => {
  const uid = createHash('sha256')
    .update(JSON.stringify([origin, name, image]))
    .digest('hex');
  const annotations = { 'kubernetes.io/config.seen': seen };
  return {
    key: `default/${name}`,
    uid,
    source: 'file',
    origin,
    pod: { metadata: { name, uid, annotations }, spec: { containers: [{ name: 'main', image }] } },
  };
};

export function toyVerdict({ bytes, origin, seenAtMs }: DecodeFile): Verdict {
  const [text = '', comment] = Buffer.from(bytes).toString().trim().split('#');
  const [kind, name, image] = text.trim().split(' ');
  if (kind === 'pod' && name !== undefined && image !== undefined) {
    const warnings =
      comment === undefined
        ? []
        : [{ stage: 'decode', field: '', type: 'Unknown field', message: comment } as const];
    return {
      accepted: true,
      staticPod: staticPod(origin, name, image, String(seenAtMs)),
      errors: [],
      warnings,
    };
  }
  const error = { stage: 'decode', field: 'kind', type: 'Invalid value', message: `"${text}"` } as const;
  return { accepted: false, errors: [{ ...error, line: 2, column: 7 }], warnings: [] };
}

export class ToyDecoder implements Decoder {
  warmed = 0;
  /** Origins in the order in which they were decoded. */
  readonly decoded: string[] = [];
  /** What decoding waits for. */
  gate: Promise<void> = Promise.resolve();
  /** Why the decoder fails at this file. */
  fault: 'file' | 'decoder' = 'file';
  failure: (file: DecodeFile) => string | undefined = () => undefined;

  warm(): void {
    this.warmed += 1;
  }

  async decode(files: DecodeFile[]): Promise<Decoded[]> {
    await this.gate;
    return files.map((file) => {
      this.decoded.push(file.origin);
      const failure = this.failure(file);
      return failure === undefined ? { verdict: toyVerdict(file) } : { failure, fault: this.fault };
    });
  }

  /** Each line is a document. */
  async decodeDocuments(file: DecodeFile): Promise<Decoded<DocumentsVerdict>> {
    await this.gate;
    this.decoded.push(file.origin);
    const failure = this.failure(file);
    if (failure !== undefined) return { failure, fault: this.fault };
    const lines = Buffer.from(file.bytes).toString().split('\n').filter(Boolean);
    const documents = lines.map((line, at) => {
      const name = /^pod (\S+)/.exec(line)?.[1];
      const verdict = toyVerdict({ ...file, bytes: new Uint8Array(Buffer.from(line)) });
      return { place: String(at + 1), ...(name !== undefined && { name: `default/${name}` }), verdict };
    });
    return { verdict: { hasDocuments: lines.length > 0, documents } };
  }

  async close(): Promise<void> {}
}
