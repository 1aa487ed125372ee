// What goes from a source to the decode pool and comes back. Plain data, shared by both threads.
import type { DocumentsVerdict } from '../manifest/decode-documents.ts';
import type { ConfigSource, Verdict } from '../manifest/static-pod.ts';

export type DecodeFile = {
  bytes: Uint8Array<ArrayBuffer>;
  origin: string;
  source: ConfigSource;
  nodeName: string;
  seenAtMs: number;
};

/** `documents`: of each file the first, as files are read; or all. */
export type DecodeTask = { files: DecodeFile[]; documents: 'first' | 'all' };

/**
 * `failure`: the decoder itself did not answer (it crashed, or took too long), for a person. `fault`: whether by what
 * is in the file, or because no decoder could be started at all.
 */
export type Decoded<Told = Verdict> =
  | { verdict: Told; failure?: undefined }
  | { verdict?: undefined; failure: string; fault: 'file' | 'decoder' };

export type Decoder = {
  /** Something will want decoding in a moment. */
  warm(): void;
  /** Answers in the order of `files`; never rejects. The bytes of a single file are handed over. */
  decode(files: DecodeFile[]): Promise<Decoded[]>;
  /** All documents of one file, whose bytes are handed over; never rejects. */
  decodeDocuments(file: DecodeFile): Promise<Decoded<DocumentsVerdict>>;
  close(): Promise<void>;
};
