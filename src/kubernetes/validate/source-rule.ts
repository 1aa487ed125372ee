// The rule of one kind of volume source: a volume that has it, and where it stands.
import type { FieldPath } from '../field-path.ts';
import type { V1Volume } from '../generated/shapes.ts';
import type { RuleErrors } from './rule-errors.ts';

export type SourceKind = Exclude<keyof V1Volume, 'name'>;
export type SourceRule = (volume: V1Volume, path: FieldPath, errors: RuleErrors) => void;
