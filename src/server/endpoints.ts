// What is served at each path: the kubelet's for anyone on the machine, and monopod's own for its command line.
import type { ServerResponse } from 'node:http';
import type { Pod } from '../kubernetes/pod.ts';
import { containerLogs } from './container-logs.ts';
import { type NodeOrders, ORDER_VERBS, type OrderVerb } from './node-orders.ts';
import type { NodeView } from './node-view.ts';
import { json, type Request, type Routes, send, text } from './routes.ts';
import { watchPods } from './watch.ts';

/** `/healthz` as the kubelet's: `ok`, or 500 and what is wrong. */
export const healthRoutes = (view: NodeView): Routes => ({
  '/healthz': ({ response }) => {
    const troubles = view.troubles();
    if (troubles.length === 0) text(response, 200, 'ok');
    else text(response, 500, troubles.map(({ message }) => `${message}\n`).join(''));
  },
});

/** The read-only port. */
export const readOnlyRoutes = (view: NodeView): Routes => ({
  ...healthRoutes(view),
  '/metrics': ({ response }) => metrics(response, view),
  '/pods': ({ response }) => json(response, 200, podList(view.pods())),
});

/** The socket of the command line, open to monopod's user alone. */
export const commandRoutes = (view: NodeView, orders: NodeOrders): Routes => ({
  ...healthRoutes(view),
  '/pods': (request) => {
    if (request.query.watch === '1') watchPods(request.response, view);
    else json(request.response, 200, podList(view.pods()));
  },
  '/metrics': ({ response }) => metrics(response, view),
  '/manifests': ({ response }) => json(response, 200, JSON.stringify(view.manifests())),
  '/notices': ({ response }) => json(response, 200, JSON.stringify([...view.troubles(), ...view.notices()])),
  '/trace/:namespace/:name': (request) => trace(request, view),
  '/made/:namespace/:name': (request) => made(request, view),
  '/room': ({ response }) => json(response, 200, JSON.stringify(view.room())),
  '/images/:image': async ({ params, response }) =>
    json(response, 200, JSON.stringify({ isThere: await view.hasImage(params.image ?? '') })),
  '/containerLogs/:podNamespace/:podID/:containerName': (request) => containerLogs(request, view),
  ...Object.fromEntries(
    ORDER_VERBS.map((verb) => [
      `/pods/:namespace/:name/${verb}`,
      { POST: (request: Request) => takeOrder(request, verb, orders) },
    ]),
  ),
});

async function metrics(response: ServerResponse, view: NodeView): Promise<void> {
  const { METRICS_CONTENT_TYPE, metricsText } = await import('./metrics.ts');
  send(response, 200, { 'content-type': METRICS_CONTENT_TYPE }, await metricsText(view));
}

/** A v1 PodList as the kubelet serves it: its items carry no kind of their own. */
function podList(pods: Pod[]): string {
  const items = pods.map(({ kind: _kind, apiVersion: _apiVersion, ...pod }) => pod);
  return JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
}

function trace({ params, response }: Request, view: NodeView): void {
  const spans = view.trace(`${params.namespace}/${params.name}`);
  if (spans === undefined) json(response, 404, JSON.stringify({ error: 'no such Pod' }));
  else json(response, 200, JSON.stringify(spans));
}

async function made({ params, response }: Request, view: NodeView): Promise<void> {
  const found = await view.made(`${params.namespace}/${params.name}`);
  json(response, found ? 200 : 404, JSON.stringify(found ?? { error: 'no such Pod' }));
}

/** Answers once it is kept and under way; what comes of it shows in `/pods`. */
function takeOrder({ params, response }: Request, verb: OrderVerb, orders: NodeOrders): void {
  const answer = orders.order(`${params.namespace}/${params.name}`, verb);
  if (answer.ok) json(response, 200, JSON.stringify(answer.taken));
  else text(response, answer.refused.status, `${answer.refused.message}\n`);
}
