// The shape of the support table (support-table.ts). Types only.
import type { DocumentValue } from './decode.ts';

/** `No meaning on one node`: nothing is lost by it here. `Not supported`: the Pod is not what the manifest says. */
export type VainKind = 'No meaning on one node' | 'Not supported';

/** A field, or some of its values, that does nothing here. */
export type Vain = {
  kind: VainKind;
  why: string;
  /** Only these values of a field that is supported otherwise; `which` says so in words. */
  when?: (value: DocumentValue) => boolean;
  which?: string;
  /** Only these keys of a map. */
  whenKey?: (key: string) => boolean;
  /** What Kubernetes writes there of itself: not worth a word. */
  unless?: DocumentValue;
  /** A manifest that says it is refused with an error of its own: no need to warn as well. */
  refused?: true;
};

/**
 * The fields of one model (a type of the generated field table) that belong to an area. Lists of names are words with
 * spaces between, each list with its reason. A supported field's own model has to be in the table as well; what is
 * beneath a field in vain is in vain with it.
 */
export type ModelSupport = {
  supported?: string;
  /** Some values of supported fields, by field. */
  inPart?: Record<string, Vain>;
  noMeaning?: Record<string, string>;
  /** Values that Kubernetes itself writes, as in what is exported from a cluster: not worth a word. */
  byDefault?: Record<string, DocumentValue>;
  notSupported?: Record<string, string>;
  /** Not supported either; the verdict on a manifest with it is an error. */
  refused?: Record<string, string>;
};

export type Area = { title: string; models: Record<string, ModelSupport> };
