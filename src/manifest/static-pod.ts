// What a manifest becomes: a static Pod with its identity, or errors with field, line and column.
import type { Pod } from '../kubernetes/pod.ts';
import type { VainKind } from '../kubernetes/support-shape.ts';
import type { RuleErrorType } from '../kubernetes/validate/rule-errors.ts';

/** `namespace/name`, the name with its `-<node>` suffix: Pods are serialised by it. */
export type PodKey = string;

/** `file`, `http` and `api` are the kubelet's words for the annotation kubernetes.io/config.source. */
export type ConfigSource = 'file' | 'http' | 'api';

/** A decoded, defaulted and validated static Pod. `pod.metadata` carries uid, name-node, namespace and annotations. */
export type StaticPod = {
  key: PodKey;
  /** Versioned hash of manifest as written, node name and source; also the annotation kubernetes.io/config.hash. */
  uid: string;
  /** Set where an order to restart has made this version of the manifest's: the UID of that one, and when. */
  restarted?: { manifestUid: string; atMs: number };
  source: ConfigSource;
  /** Where the document came from: an absolute file path, a URL, a push name. */
  origin: string;
  pod: Pod;
};

/** Kubernetes' words for kinds of field error (field.ErrorType in apimachinery), and our own for all that is no field's. */
export type FieldErrorType =
  | RuleErrorType
  | 'Unknown field'
  | 'Duplicate key'
  | 'Syntax error'
  | 'Type error'
  /** There are no bytes to judge. */
  | 'Unreadable'
  | VainKind;

export type FieldError = {
  /**
   * `decode`: not a Pod at all; `validate`: breaks a rule of core/v1; `static`: not allowed in a static Pod; `support`:
   * lawful, and does nothing here.
   */
  stage: 'decode' | 'validate' | 'static' | 'support';
  /** `spec.containers[0].image`; empty for the document as a whole. */
  field: string;
  type: FieldErrorType;
  message: string;
  /** 1-based, of the value at fault (or of its nearest parent that is written). */
  line?: number;
  column?: number;
};

/** Of a warning, as a person is told: a note asks nothing of anybody. */
export const severityOf = ({ type }: Pick<FieldError, 'type'>): 'warning' | 'note' =>
  type === 'No meaning on one node' ? 'note' : 'warning';

export type Verdict = { errors: FieldError[]; warnings: FieldError[] } & (
  | { accepted: true; staticPod: StaticPod }
  | { accepted: false; staticPod?: undefined }
);
