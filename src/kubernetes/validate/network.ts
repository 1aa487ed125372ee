// The Pod on the network: DNS (validatePodDNSConfig), host names and aliases, host ports.
import type { FieldPath } from '../field-path.ts';
import type { V1HostAlias, V1PodDNSConfig, V1PodSpec } from '../generated/shapes.ts';
import { isDNS1123Label, isDNS1123Subdomain, isDNS1123SubdomainWithUnderscore, isValidIP } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';

const nameserversMax = 3;
const searchesMax = 32;
const searchListCharactersMax = 2048;

export function validateDNSConfig(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  const { dnsConfig: config, dnsPolicy } = spec;
  if (dnsPolicy === 'None') {
    if (!config)
      return errors.required(path, 'must be given when `dnsPolicy` is None', path.parent?.child('dnsPolicy'));
    if (!config.nameservers?.length)
      return errors.required(path.child('nameservers'), 'must have at least one when `dnsPolicy` is None');
  }
  if (config) validateConfig(config, path, errors);
}

function validateConfig(
  { nameservers = [], searches = [], options = [] }: V1PodDNSConfig,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const servers = path.child('nameservers');
  if (nameservers.length > nameserversMax)
    errors.invalid(servers, undefined, `must be no more than ${nameserversMax}, are ${nameservers.length}`);
  for (const [index, server] of nameservers.entries())
    errors.invalidFor(isValidIP(server), servers.index(index), server);
  const list = path.child('searches');
  if (searches.length > searchesMax)
    errors.invalid(list, undefined, `must be no more than ${searchesMax}, are ${searches.length}`);
  if (Buffer.byteLength(searches.join(' ')) > searchListCharactersMax)
    errors.invalid(list, undefined, `must be no more than ${searchListCharactersMax} characters together`);
  for (const [index, search] of searches.entries())
    if (search !== '.')
      errors.invalidFor(
        isDNS1123SubdomainWithUnderscore(search.replace(/\.$/, '')),
        list.index(index),
        search,
      );
  for (const [index, { name }] of options.entries())
    if (!name) errors.required(path.child('options').index(index), 'must have a name');
}

/** validatePodHostNetworkDeps */
export function validateHostNetworkPorts(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  if (!spec.hostNetwork) return;
  for (const [index, { ports = [] }] of (spec.containers ?? []).entries())
    for (const [portIndex, { hostPort, containerPort }] of ports.entries())
      if (hostPort && hostPort !== containerPort)
        errors.invalid(
          path.child('containers').index(index).child('ports').index(portIndex).child('hostPort'),
          hostPort,
          `must be the same as containerPort (${containerPort}) when hostNetwork is true`,
        );
}

/** validatePodHostName */
export function validateHostnameOverride(spec: V1PodSpec, path: FieldPath, errors: RuleErrors): void {
  const { hostnameOverride } = spec;
  if (hostnameOverride === undefined) return;
  const field = path.child('hostnameOverride');
  if (spec.setHostnameAsFQDN) errors.forbidden(field, 'may not be given when setHostnameAsFQDN is true');
  if (spec.hostNetwork) errors.forbidden(field, 'may not be given when hostNetwork is true');
  if (Buffer.byteLength(hostnameOverride) > 64) errors.tooLong(field, 'must be no more than 64 bytes');
  errors.invalidFor(isDNS1123Subdomain(hostnameOverride), field, hostnameOverride);
}

export function validateHostnames(
  { hostname, subdomain }: V1PodSpec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  if (hostname) errors.invalidFor(isDNS1123Label(hostname), path.child('hostname'), hostname);
  if (subdomain) errors.invalidFor(isDNS1123Label(subdomain), path.child('subdomain'), subdomain);
}

export function validateHostAliases(aliases: V1HostAlias[], path: FieldPath, errors: RuleErrors): void {
  for (const [index, { ip, hostnames = [] }] of aliases.entries()) {
    const at = path.index(index);
    errors.invalidFor(isValidIP(ip), at.child('ip'), ip);
    for (const [nameIndex, name] of hostnames.entries())
      errors.invalidFor(isDNS1123Subdomain(name), at.child('hostnames').index(nameIndex), name);
  }
}
