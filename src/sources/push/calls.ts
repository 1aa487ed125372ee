// What main may ask of the source of pushed manifests, and what it answers. Plain data: it crosses threads.
import type { Verdict } from '../../manifest/static-pod.ts';

/** Entity tags of what may be there; `*` is anything at all. */
export type Tags = string[] | '*';

export type PutOptions = {
  /** The verdict alone: nothing is written, nothing runs. */
  dryRun: boolean;
  /** `Strict`: an unknown field and a key given twice refuse it; `Ignore`: they are not even told. */
  fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  /** Only if what is there has one of these tags. */
  ifMatch?: Tags;
  /** Only if what is there has none of these. */
  ifNoneMatch?: Tags;
  /** The verdict for a person as well: it takes the bytes to tell it. */
  describe: boolean;
};

/** It was not done, and all is as it was. `full`: no room on the disk; `unavailable`: trying again may help. */
export type NotDone =
  | { outcome: 'changed-meanwhile' }
  | { outcome: 'full'; message: string }
  | { outcome: 'unavailable'; message: string };

export type PutAnswer =
  | {
      outcome: 'created' | 'changed' | 'unchanged' | 'rejected';
      verdict: Verdict;
      /** Of what is there now; in a dry run, of what would be. Absent where nothing is. */
      tag?: string;
      description?: string;
    }
  | NotDone;

export type RemoveOptions = Pick<PutOptions, 'dryRun' | 'ifMatch'>;

export type RemoveAnswer = { outcome: 'removed' } | { outcome: 'absent' } | NotDone;

export type GetAnswer =
  | { outcome: 'found'; bytes: Uint8Array<ArrayBuffer>; tag: string }
  | { outcome: 'absent' }
  | { outcome: 'unavailable'; message: string };

/** `name`: a DNS subdomain. Calls for one name are carried out in order, those for different names side by side. */
export type PushCalls = {
  /** Answers when it is on the disk, and main has been told. The bytes are handed over. */
  put(name: string, bytes: Uint8Array<ArrayBuffer>, options: PutOptions): Promise<PutAnswer>;
  remove(name: string, options: RemoveOptions): Promise<RemoveAnswer>;
  get(name: string): Promise<GetAnswer>;
};
