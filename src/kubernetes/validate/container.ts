// Containers of a Pod (validateContainers, validateContainerCommon).
import type { FieldPath } from '../field-path.ts';
import type { V1Container } from '../generated/shapes.ts';
import { isDNS1123Label } from './names.ts';
import { validatePorts } from './port.ts';
import type { RuleErrors } from './rule-errors.ts';

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const terminationMessagePolicies = ['FallbackToLogsOnError', 'File'];

export function validateContainers(
  containers: V1Container[] | undefined | null,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (!containers?.length) return errors.required(path, 'a Pod needs at least one container');
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const at = path.index(index);
    validateContainerCommon(container, at, errors);
    if (names.has(container.name)) errors.duplicate(at.child('name'), container.name);
    names.add(container.name);
  }
}

function validateContainerCommon(container: V1Container, path: FieldPath, errors: RuleErrors): void {
  const { name, image = '' } = container;
  if (name === '') errors.required(path.child('name'));
  else for (const problem of isDNS1123Label(name)) errors.invalid(path.child('name'), name, problem);
  if (image === '') errors.required(path.child('image'));
  else if (image !== image.trim())
    errors.invalid(path.child('image'), image, 'must not begin or end with white space');
  const messages = container.terminationMessagePolicy ?? '';
  if (!terminationMessagePolicies.includes(messages))
    errors.unsupported(path.child('terminationMessagePolicy'), messages, terminationMessagePolicies);
  validatePorts(container.ports ?? [], path.child('ports'), errors);
  const pull = container.imagePullPolicy ?? '';
  if (!pullPolicies.includes(pull)) errors.unsupported(path.child('imagePullPolicy'), pull, pullPolicies);
}
