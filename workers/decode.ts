// Decode pool thread (Piscina's task): files' bytes -> verdicts.
import { decodeManifest } from '../src/manifest/decode-manifest.ts';
import type { Verdict } from '../src/manifest/static-pod.ts';
import type { DecodeTask } from '../src/sources/decoding.ts';

export default ({ files }: DecodeTask): Verdict[] =>
  files.map(({ bytes, ...where }) => decodeManifest(bytes, where));
