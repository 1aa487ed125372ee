// Decode pool thread (Piscina's task): files' bytes -> verdicts.
import { stepBack } from '../src/actors/step-back.ts';
import { type DocumentsVerdict, decodeDocuments } from '../src/manifest/decode-documents.ts';
import { decodeManifest } from '../src/manifest/decode-manifest.ts';
import type { Verdict } from '../src/manifest/static-pod.ts';
import type { DecodeTask } from '../src/sources/decoding.ts';

// The watch goes first: five thousand files at once must not keep the one from it that is edited.
stepBack();

export default ({ files, documents }: DecodeTask): (Verdict | DocumentsVerdict)[] => {
  const decode = documents === 'all' ? decodeDocuments : decodeManifest;
  return files.map(({ bytes, ...where }) => decode(bytes, where));
};
