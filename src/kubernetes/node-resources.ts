// What a node has, and what of it Pods may have: resource lists as Kubernetes writes them. Pure.

/** Resource name to quantity: `{ cpu: '2', memory: '16308984Ki', … }`. */
export type ResourceList = Record<string, string>;

/** Node status' `capacity` and `allocatable` (kubelet nodestatus.MachineInfo). */
export type NodeResources = { capacity: ResourceList; allocatable: ResourceList };
