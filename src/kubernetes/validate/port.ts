// Ports of a container (validateContainerPorts), and host ports that clash (checkHostPortConflicts).
import type { FieldPath } from '../field-path.ts';
import type { V1Container, V1ContainerPort } from '../generated/shapes.ts';
import { isValidPortName, isValidPortNum } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];

export function validatePorts(ports: V1ContainerPort[], path: FieldPath, errors: RuleErrors): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = path.index(index);
    if (port.name) {
      const problems = isValidPortName(port.name);
      errors.invalidFor(problems, at.child('name'), port.name);
      if (problems.length === 0) {
        if (names.has(port.name)) errors.duplicate(at.child('name'), port.name, 'another port has this name');
        names.add(port.name);
      }
    }
    if (!port.containerPort)
      errors.required(at.child('containerPort'), 'must be between 1 and 65535, inclusive');
    else errors.invalidFor(isValidPortNum(port.containerPort), at.child('containerPort'), port.containerPort);
    if (port.hostPort) errors.invalidFor(isValidPortNum(port.hostPort), at.child('hostPort'), port.hostPort);
    errors.oneOf(at.child('protocol'), port.protocol, protocols);
  }
}

/** AccumulateUniqueHostPorts: one protocol, address and port of the host for one container. */
export function validateHostPortConflicts(
  containers: V1Container[],
  path: FieldPath,
  errors: RuleErrors,
): void {
  const taken = new Set<string>();
  for (const [index, { ports = [] }] of containers.entries())
    for (const [portIndex, { hostPort, hostIP = '', protocol }] of ports.entries()) {
      if (!hostPort) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      const field = path.index(index).child('ports').index(portIndex).child('hostPort');
      if (taken.has(key)) errors.duplicate(field, key, 'is taken by another port of this Pod');
      taken.add(key);
    }
}
