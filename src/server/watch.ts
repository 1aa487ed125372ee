// A stream of Pods for one client: a line of JSON with the list, then one for each change. In: NodeView's changes.
import type { ServerResponse } from 'node:http';
import type { Pod } from '../kubernetes/pod.ts';
import type { NodeView } from './node-view.ts';

export type WatchLine = { type: 'list'; pods: Pod[] } | { type: 'pod' | 'removed'; pod: Pod };

/** What a client may leave unread before it is dropped; it then asks for the list again. */
const unreadBytesMax = 8 * 1024 * 1024;

export function watchPods(response: ServerResponse, view: NodeView): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  if (response.req.method === 'HEAD') return void response.end();
  // Nothing may happen for hours: with a listener, an idle connection stays.
  response.on('timeout', () => undefined);
  const stop = view.subscribe((change) => {
    if (change.type !== 'manifests') write({ type: change.type, pod: change.pod });
  });
  const write = (line: WatchLine) => {
    response.write(`${JSON.stringify(line)}\n`);
    if (response.writableLength <= unreadBytesMax) return;
    stop();
    response.destroy();
  };
  response.once('close', stop);
  write({ type: 'list', pods: view.pods() });
}
