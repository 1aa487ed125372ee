// Ports of a container (validateContainerPorts).
import type { FieldPath } from '../field-path.ts';
import type { V1ContainerPort } from '../generated/shapes.ts';
import type { RuleErrors } from './rule-errors.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const isPort = (port: number) => port >= 1 && port <= 65535;
const portWords = 'must be between 1 and 65535, inclusive';

export function validatePorts(ports: V1ContainerPort[], path: FieldPath, errors: RuleErrors): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = path.index(index);
    if (port.name) {
      const problems = isValidPortName(port.name);
      for (const problem of problems) errors.invalid(at.child('name'), port.name, problem);
      if (problems.length === 0) {
        if (names.has(port.name)) errors.duplicate(at.child('name'), port.name);
        names.add(port.name);
      }
    }
    if (!port.containerPort) errors.required(at.child('containerPort'));
    else if (!isPort(port.containerPort))
      errors.invalid(at.child('containerPort'), port.containerPort, portWords);
    if (port.hostPort && !isPort(port.hostPort))
      errors.invalid(at.child('hostPort'), port.hostPort, portWords);
    if (!port.protocol) errors.required(at.child('protocol'));
    else if (!protocols.includes(port.protocol))
      errors.unsupported(at.child('protocol'), port.protocol, protocols);
  }
}

/** IsValidPortName: IANA_SVC_NAME. */
export function isValidPortName(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) problems.push("must contain only lower case letters, digits and '-'");
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter');
  if (name.includes('--')) problems.push("must not contain consecutive '-'");
  if (/^-|-$/.test(name)) problems.push("must not begin or end with '-'");
  return problems;
}
