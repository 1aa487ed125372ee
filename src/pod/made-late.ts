// Containers are made long before they start. What must be there first for those that cannot be. Pure.
import type { Container } from '../kubernetes/pod.ts';

/** Its environment asks for the Pod's address, which is known only once the sandbox runs. */
export const needsPodIp = ({ env = [] }: Container): boolean =>
  env.some(({ valueFrom }) => valueFrom?.fieldRef?.fieldPath?.startsWith('status.podIP'));

/** It takes from a volume what the containers before it may have to write first: a variable's file, a subPath. */
export const needsTurn = ({ env = [], volumeMounts = [] }: Container): boolean =>
  env.some(({ valueFrom }) => valueFrom?.fileKeyRef) ||
  volumeMounts.some(({ subPath, subPathExpr }) => subPath || subPathExpr);
