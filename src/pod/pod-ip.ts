// Whether a container's environment asks for the Pod's address, which is known only once the sandbox runs. Pure.
import type { Container } from '../kubernetes/pod.ts';

export const needsPodIp = ({ env }: Container): boolean =>
  env?.some(({ valueFrom }) => valueFrom?.fieldRef?.fieldPath?.startsWith('status.podIP')) ?? false;
