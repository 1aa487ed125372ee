// Decode pool thread (Piscina's task): files' bytes -> verdicts.
import { type DocumentsVerdict, decodeDocuments } from '../src/manifest/decode-documents.ts';
import { decodeManifest } from '../src/manifest/decode-manifest.ts';
import type { Verdict } from '../src/manifest/static-pod.ts';
import type { DecodeTask } from '../src/sources/decoding.ts';

export default ({ files, documents }: DecodeTask): (Verdict | DocumentsVerdict)[] => {
  const decode = documents === 'all' ? decodeDocuments : decodeManifest;
  return files.map(({ bytes, ...where }) => decode(bytes, where));
};
