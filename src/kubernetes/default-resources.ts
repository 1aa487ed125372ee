// Resource defaults of a Pod (SetDefaults_Pod): requests from limits, and Pod-level resources from its containers'.
import type { V1Container, V1PodSpec } from './generated/shapes.ts';
import { addQuantities, compareQuantities, quantityText } from './quantity.ts';

type ResourceList = { [name: string]: string };

export function setPodResourceDefaults(spec: V1PodSpec): void {
  for (const { resources } of [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
  setPodLimits(spec);
  setPodRequests(spec);
}

const isHugePages = (name: string) => name.startsWith('hugepages-');
/** resourcehelper.IsSupportedPodLevelResource */
export const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || isHugePages(name);
/** Of a Pod's own resources only what never may exceed its request has no request of its own: huge pages. */
const isOvercommitAllowed = (name: string) => !isHugePages(name);
const size = (list: ResourceList | undefined) => (list ? Object.keys(list).length : 0);

/** Its names are a person's: `constructor` is nothing that it has. */
const emptyList = (): ResourceList => Object.create(null);

/** defaultHugePagePodLimits */
function setPodLimits(spec: V1PodSpec): void {
  const { resources } = spec;
  if (!resources || (size(resources.limits) === 0 && size(resources.requests) === 0)) return;
  const limits: ResourceList = { ...resources.limits };
  for (const [name, limit] of Object.entries(aggregate(spec, 'limits')))
    if (isHugePages(name) && resources.requests?.[name] === undefined) limits[name] ??= limit;
  if (size(limits) > 0) resources.limits = limits;
}

/** defaultPodRequests */
function setPodRequests(spec: V1PodSpec): void {
  const { resources } = spec;
  if (!resources || size(resources.limits) === 0) return;
  const requests: ResourceList = { ...resources.requests };
  for (const [name, request] of Object.entries(aggregate(spec, 'requests')))
    if (isPodLevelResource(name) && isOvercommitAllowed(name)) requests[name] ??= request;
  for (const [name, limit] of Object.entries(resources.limits ?? {}))
    if (isPodLevelResource(name)) requests[name] ??= limit;
  if (size(requests) > 0) resources.requests = requests;
}

/**
 * What the containers need at once (resourcehelper.AggregateContainerRequests): containers and restartable init
 * containers together, or any one init container on top of the restartable ones before it, whichever is more.
 */
export function aggregate(spec: V1PodSpec, which: 'requests' | 'limits'): ResourceList {
  const together = emptyList();
  const starting = emptyList();
  const restartable = emptyList();
  for (const container of spec.containers ?? []) add(together, container.resources?.[which]);
  for (const container of spec.initContainers ?? []) {
    const own = container.resources?.[which] ?? {};
    // Of what the container itself does not ask for, `starting` has as much as is `restartable` already.
    const now = emptyList();
    if (isRestartable(container)) {
      add(together, own);
      add(restartable, own);
    } else add(now, own);
    for (const name of Object.keys(own)) {
      const before = restartable[name];
      if (before !== undefined) addOne(now, name, before);
    }
    raise(starting, now);
  }
  raise(together, starting);
  return together;
}

const isRestartable = (container: V1Container): boolean => container.restartPolicy === 'Always';

function add(list: ResourceList, more: ResourceList = {}): void {
  for (const [name, quantity] of Object.entries(more)) addOne(list, name, quantity);
}

function addOne(list: ResourceList, name: string, quantity: string): void {
  const before = list[name];
  list[name] = before === undefined ? quantity : quantityText(addQuantities(before, quantity));
}

function raise(list: ResourceList, least: ResourceList): void {
  for (const [name, quantity] of Object.entries(least)) {
    const before = list[name];
    if (before === undefined || compareQuantities(before, quantity) < 0) list[name] = quantity;
  }
}
