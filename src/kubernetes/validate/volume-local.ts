// Volume sources that the node itself provides: what each must say (validateHostPathVolumeSource and its kin).
import type { FieldPath } from '../field-path.ts';
import type { V1DownwardAPIVolumeFile, V1KeyToPath } from '../generated/shapes.ts';
import { quantitySign } from '../quantity.ts';
import { validateFieldRef, validateResourceFieldRef, volumeFieldPaths } from './field-selector.ts';
import { validateDescendingPath, validateNoBacksteps, validateNonReservedPath } from './local-path.ts';
import type { RuleErrors } from './rule-errors.ts';
import type { SourceKind, SourceRule } from './source-rule.ts';

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

const emptyDir: SourceRule = ({ emptyDir }, path, errors) => {
  if (emptyDir?.sizeLimit !== undefined && quantitySign(emptyDir.sizeLimit) < 0)
    errors.forbidden(path.child('sizeLimit'), `${emptyDir.sizeLimit}: must not be negative`);
};

const hostPath: SourceRule = ({ hostPath }, path, errors) => {
  if (!hostPath?.path) return errors.required(path.child('path'));
  validateNoBacksteps(hostPath.path, path.child('path'), errors);
  const type = hostPath.type ?? '';
  if (!hostPathTypes.includes(type)) errors.unsupported(path.child('type'), type, hostPathTypes);
};

const gitRepo: SourceRule = ({ gitRepo }, path, errors) => {
  if (!gitRepo?.repository) errors.required(path.child('repository'));
  validateDescendingPath(gitRepo?.directory ?? '', path.child('directory'), errors);
};

const secret: SourceRule = ({ secret }, path, errors) => {
  if (!secret?.secretName) errors.required(path.child('secretName'));
  validateMode(secret?.defaultMode, path.child('defaultMode'), errors);
  validateItems(secret?.items, path.child('items'), errors);
};

const configMap: SourceRule = ({ configMap }, path, errors) => {
  if (!configMap?.name) errors.required(path.child('name'));
  validateMode(configMap?.defaultMode, path.child('defaultMode'), errors);
  validateItems(configMap?.items, path.child('items'), errors);
};

const downwardAPI: SourceRule = ({ downwardAPI }, path, errors) => {
  validateMode(downwardAPI?.defaultMode, path.child('defaultMode'), errors);
  for (const [index, file] of (downwardAPI?.items ?? []).entries())
    validateDownwardFile(file, path, path.child('items').index(index), errors);
};

const image: SourceRule = ({ image }, path, errors) =>
  errors.oneOf(path.child('pullPolicy'), image?.pullPolicy, pullPolicies);

export const localSources = {
  emptyDir,
  hostPath,
  gitRepo,
  secret,
  configMap,
  downwardAPI,
  image,
} satisfies Partial<Record<SourceKind, SourceRule>>;

export function validateMode(mode: number | undefined, path: FieldPath, errors: RuleErrors, at = path): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777))
    errors.invalid(path, mode, `must be between 0 and 0777 (octal), is 0${mode.toString(8)}`, at);
}

export function validateItems(
  items: V1KeyToPath[] | undefined,
  path: FieldPath,
  errors: RuleErrors,
  claim?: (file: string) => void,
): void {
  for (const [index, { key, path: file, mode }] of (items ?? []).entries()) {
    const at = path.index(index);
    if (key === '') errors.required(at.child('key'));
    if (file === '') errors.required(at.child('path'));
    validateNonReservedPath(file, at.child('path'), errors);
    validateMode(mode, at.child('mode'), errors);
    if (file !== '') claim?.(file);
  }
}

/** validateDownwardAPIVolumeFile. Kubernetes leaves `items` and the index out of the field. */
export function validateDownwardFile(
  { path: file, fieldRef, resourceFieldRef, mode }: V1DownwardAPIVolumeFile,
  path: FieldPath,
  at: FieldPath,
  errors: RuleErrors,
): void {
  if (file === '') errors.required(path.child('path'), 'must be given', at);
  validateNonReservedPath(file, path.child('path'), errors, at.child('path'));
  const before = errors.list.length;
  if (fieldRef) validateFieldRef(fieldRef, volumeFieldPaths, path.child('fieldRef'), errors);
  else if (resourceFieldRef)
    validateResourceFieldRef(resourceFieldRef, true, path.child('resourceFieldRef'), errors);
  else errors.required(path, 'must have one of fieldRef and resourceFieldRef', at);
  for (const error of errors.list.slice(before))
    error.at = at.child(fieldRef ? 'fieldRef' : 'resourceFieldRef');
  if (fieldRef && resourceFieldRef)
    errors.invalid(path, undefined, 'may not have both fieldRef and resourceFieldRef', at);
  validateMode(mode, path.child('mode'), errors, at.child('mode'));
}
