// The environment of a container, as `kubectl describe pod` shows it: values, and where the others come from. Pure.

import { fieldValue } from '../kubernetes/field-ref.ts';
import type { V1EnvVar } from '../kubernetes/generated/shapes.ts';
import type { Container, Pod } from '../kubernetes/pod.ts';
import type { Row } from './described-rows.ts';

export function environment({ env = [], envFrom = [] }: Container, pod: Pod): Row[] {
  const from = envFrom.map(({ configMapRef, secretRef, prefix }) => {
    const kind = configMapRef ? 'ConfigMap' : 'Secret';
    const { name = '', optional = false } = configMapRef ?? secretRef ?? {};
    return `${name}  ${kind}${prefix ? ` with prefix '${prefix}'` : ''}  Optional: ${optional}`;
  });
  return [
    ...(from.length > 0 ? [{ name: 'Environment Variables from', below: from }] : []),
    env.length === 0
      ? { name: 'Environment', value: '<none>' }
      : { name: 'Environment', below: env.map((one) => variable(one, pod)) },
  ] satisfies Row[];
}

function variable({ name, value = '', valueFrom }: V1EnvVar, pod: Pod): Row {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom ?? {};
  if (fieldRef) {
    const { hostIP, hostIPs, podIP, podIPs } = pod.status ?? {};
    const found = fieldValue(fieldRef, pod, {
      nodeName: pod.spec?.nodeName ?? '',
      hostIps: hostIPs?.map(({ ip }) => ip) ?? (hostIP ? [hostIP] : []),
      podIps: podIPs?.map(({ ip }) => ip ?? '') ?? (podIP ? [podIP] : []),
    });
    const path = `(${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath})`;
    return { name, value: 'value' in found ? `${found.value} ${path}` : path };
  }
  if (resourceFieldRef) return { name, value: `(${resourceFieldRef.resource} of the container)` };
  if (configMapKeyRef)
    return {
      name,
      value: `<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name}'>`,
    };
  if (secretKeyRef)
    return { name, value: `<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name}'>` };
  if (fileKeyRef)
    return {
      name,
      value: `<set to the key '${fileKeyRef.key}' in ${fileKeyRef.path} of ${fileKeyRef.volumeName}>`,
    };
  return { name, value: value.split('\n') };
}
