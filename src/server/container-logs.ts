// `/containerLogs/<namespace>/<pod>/<container>`: the bytes of a container's log, with back-pressure, until its end or
// the client's. In: NodeView.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { systemClock } from '../clock.ts';
import type { LogOptions } from '../host/log-entries.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { hasContainer, logContainerId, logOptions, type Refused, runsContainer } from './log-request.ts';
import type { NodeView, OpenLog } from './node-view.ts';
import { type Request, text } from './routes.ts';

export function containerLogs(request: Request, view: NodeView): void {
  const { response } = request;
  answer(request, view).catch(() => response.destroy());
}

async function answer({ params, query, response }: Request, view: NodeView): Promise<void> {
  const refuse = ({ status, message }: Refused) => text(response, status, message);
  const { podNamespace = '', podID = '', containerName = '' } = params;
  const options = logOptions(query, systemClock.now());
  if ('status' in options) return refuse(options);
  const pod = podOf(view, podNamespace, podID);
  if (!pod) return refuse({ status: 404, message: `pod ${JSON.stringify(podID)} does not exist\n` });
  if (!hasContainer(pod, containerName)) {
    const named = `container ${JSON.stringify(containerName)}`;
    return refuse({ status: 404, message: `${named} not found in pod ${JSON.stringify(podID)}\n` });
  }
  const id = logContainerId(pod, containerName, /^(true|1)$/i.test(query.previous ?? ''));
  if (typeof id !== 'string') return refuse(id);
  const opened = await view.openLog({ pod, container: containerName, id }, options);
  if (!opened.ok) {
    const { message, cause } = opened.error;
    return refuse({ status: 400, message: cause === undefined ? message : `${message}: ${cause}` });
  }
  const stop = options.follow ? untilEnded(view, pod, id, opened.value) : () => undefined;
  try {
    await send(response, opened.value, options);
  } finally {
    stop();
    opened.value.close();
  }
}

const podOf = (view: NodeView, namespace: string, name: string): Pod | undefined =>
  view.pods().find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name);

/** Tells the log that its container has ended, once it has, or its Pod is gone or another. */
function untilEnded(view: NodeView, { metadata }: Pod, id: string, log: OpenLog): () => void {
  const { namespace = '', name = '' } = metadata ?? {};
  const look = (pod: Pod | undefined) => {
    if (!pod || !runsContainer(pod, id)) log.containerEnded();
  };
  const stop = view.subscribe((change) => {
    if (change.type === 'manifests') return;
    const { pod } = change;
    if (pod.metadata?.namespace !== namespace || pod.metadata.name !== name) return;
    look(change.type === 'removed' ? undefined : pod);
  });
  look(podOf(view, namespace, name));
  return stop;
}

async function send(response: ServerResponse, log: OpenLog, { follow }: LogOptions): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  if (response.req.method === 'HEAD') return void response.end();
  // Nothing may be written for hours: with a listener, an idle connection stays.
  if (follow) response.on('timeout', () => undefined);
  response.flushHeaders();
  const gone = once(response, 'close');
  // What waits in `next` is ended with it.
  void gone.then(() => log.close());
  for (;;) {
    const piece = await log.next();
    if (response.destroyed) return;
    if (piece === undefined) return void response.end();
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), gone]);
  }
}
