// The Pod API by the names Kubernetes gives it. Types only: shapes as they stand in JSON (dates are RFC 3339 strings).
import type {
  V1Container,
  V1ContainerState,
  V1ContainerStatus,
  V1Pod,
  V1PodCondition,
  V1PodSpec,
  V1PodStatus,
} from './generated/shapes.ts';

export type Container = V1Container;
export type ContainerState = V1ContainerState;
export type ContainerStatus = V1ContainerStatus;
export type Pod = V1Pod;
export type PodCondition = V1PodCondition;
export type PodSpec = V1PodSpec;
export type PodStatus = V1PodStatus;
export type {
  V1Volume as Volume,
  V1VolumeMount as VolumeMount,
} from './generated/shapes.ts';
