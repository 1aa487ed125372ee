// Annotations that mean something to a Pod (ValidatePodSpecificAnnotations), and that they agree with the fields that
// replaced them.
import type { FieldPath } from '../field-path.ts';
import type { V1Pod, V1PodSpec } from '../generated/shapes.ts';
import { containersOf } from './all-containers.ts';
import { validateDescendingPath } from './local-path.ts';
import type { RuleErrors } from './rule-errors.ts';
import { validateTolerations } from './scheduling.ts';
import { writtenTolerations } from './written-tolerations.ts';

const tolerations = 'scheduler.alpha.kubernetes.io/tolerations';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmorOfContainer = 'container.apparmor.security.beta.kubernetes.io/';

export function validatePodAnnotations(
  annotations: Record<string, string>,
  spec: V1PodSpec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (annotations[tolerations]) validateTolerationsText(annotations[tolerations], path, errors);
  const cost = annotations[deletionCost];
  if (cost !== undefined && !isInt32(cost))
    errors.invalid(path.key(deletionCost), cost, 'must be a 32 bit integer');
  let names: Set<string> | undefined;
  for (const [key, value] of Object.entries(annotations)) {
    if (key === seccompOfPod || key.startsWith(seccompOfContainer))
      validateSeccomp(value, path.child(key), errors);
    if (key.startsWith(appArmorOfContainer)) {
      const name = key.slice(appArmorOfContainer.length);
      const field = path.key(key);
      names ??= new Set(containersOf(spec, path).map(({ container }) => container.name));
      if (!names.has(name)) errors.invalid(field, name, 'there is no such container');
      if (
        value !== '' &&
        value !== 'runtime/default' &&
        value !== 'unconfined' &&
        !value.startsWith('localhost/')
      )
        errors.invalid(field, value, 'must be runtime/default, unconfined or localhost/<profile>');
    }
  }
}

function validateTolerationsText(text: string, path: FieldPath, errors: RuleErrors): void {
  const list = writtenTolerations(text);
  if (!list)
    return errors.invalid(path, tolerations, 'must be a JSON list of tolerations', path.key(tolerations));
  const before = errors.list.length;
  validateTolerations(list, path.child(tolerations), errors);
  for (const error of errors.list.slice(before)) error.at = path.key(tolerations);
}

/** helper.GetDeletionCostFromPodAnnotations: no plus, and leading zeros only behind a minus. */
const isInt32 = (text: string) => /^(0|[1-9]\d*|-\d+)$/.test(text) && Math.abs(Number(text) + 0.5) < 2 ** 31;

/** ValidateSeccompProfile */
function validateSeccomp(profile: string, field: FieldPath, errors: RuleErrors): void {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return;
  if (profile.startsWith('localhost/'))
    return validateDescendingPath(profile.slice('localhost/'.length), field, errors);
  errors.invalid(field, profile, 'must be runtime/default, unconfined or localhost/<profile>');
}

/** Another type is an error of its own. */
const profileTypes = new Set(['Localhost', 'RuntimeDefault', 'Unconfined']);

/** validateSeccompAnnotationsAndFields, validateAppArmorAnnotationsAndFieldsMatchOnCreate */
export function validateProfilesAgree({ metadata, spec }: V1Pod, path: FieldPath, errors: RuleErrors): void {
  const annotations = metadata?.annotations ?? {};
  const isProfile = (key: string) => /seccomp|apparmor/.test(key);
  if (!Object.keys(annotations).some(isProfile)) return;
  const ofPod = spec?.securityContext;
  type Profile = { type: string; localhostProfile?: string };
  const agree = (
    annotation: string | undefined,
    profile: Profile | undefined,
    at: FieldPath,
    defaults: string[],
  ) => {
    if (annotation === undefined || !profile || !profileTypes.has(profile.type)) return;
    const [, name] = /^localhost\/(.*)$/s.exec(annotation) ?? [];
    const type =
      name !== undefined
        ? 'Localhost'
        : defaults.includes(annotation)
          ? 'RuntimeDefault'
          : annotation === 'unconfined'
            ? 'Unconfined'
            : '';
    if (profile.type !== type) errors.forbidden(at.child('type'), 'must match the annotation');
    else if (type === 'Localhost' && name !== profile.localhostProfile)
      errors.forbidden(at.child('localhostProfile'), 'must match the annotation');
  };
  const seccompDefaults = ['runtime/default', 'docker/default'];
  agree(
    annotations[seccompOfPod],
    ofPod?.seccompProfile,
    path.child('securityContext', 'seccompProfile'),
    seccompDefaults,
  );
  const all = containersOf(spec as V1PodSpec, path);
  for (const { container, at } of all)
    agree(
      annotations[seccompOfContainer + container.name],
      container.securityContext?.seccompProfile,
      at.child('securityContext', 'seccompProfile'),
      seccompDefaults,
    );
  if (spec?.os?.name === 'windows') return;
  for (const { container, at } of all)
    agree(
      annotations[appArmorOfContainer + container.name],
      container.securityContext?.appArmorProfile ?? ofPod?.appArmorProfile,
      at.child('securityContext', 'appArmorProfile'),
      ['runtime/default'],
    );
}
