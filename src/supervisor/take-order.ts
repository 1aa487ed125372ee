// An order of a person, taken: kept first, then carried out in a trace of its own, then answered.
import { type Context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { messageOf } from '../errors.ts';
import type { PodKey } from '../manifest/static-pod.ts';
import type { NodeOrders, OrderVerb } from '../server/node-orders.ts';
import type { Log } from '../telemetry/log.ts';
import type { Claims } from './claims.ts';
import type { Orders } from './orders.ts';

export function takeOrder(
  key: PodKey,
  verb: OrderVerb,
  { claims, orders, log }: { claims: Claims; orders: Orders; log: Log },
  carryOut: (within: Context) => void,
): ReturnType<NodeOrders['order']> {
  const claim = claims.settle(key);
  const wasStopped = orders.of(key)?.stopped !== undefined;
  if (!claim && wasStopped && verb !== 'restart') return ofNoManifest(key, verb, orders, log);
  if (!claim) {
    const message = `no source serves a manifest of ${key} now`;
    return { ok: false, refused: { status: 404, message } };
  }
  try {
    orders.give(verb, claim.staticPod);
  } catch (error) {
    return notKept(error);
  }
  log.info(`ordered: ${verb}`, { pod: key, manifest: claim.origin });
  const span = trace
    .getTracer('monopod')
    .startSpan('supervisor.order', { root: true, attributes: { pod: key, verb } });
  carryOut(trace.setSpan(ROOT_CONTEXT, span));
  span.end();
  const uid = orders.wanted(claim)?.staticPod.uid;
  return { ok: true, taken: { wasStopped, ...(uid !== undefined && { uid }) } };
}

/** Its name is stopped, and has no manifest now: the next one that claims it would stay stopped, or may run. */
function ofNoManifest(
  key: PodKey,
  verb: OrderVerb,
  orders: Orders,
  log: Log,
): ReturnType<NodeOrders['order']> {
  if (verb === 'start') {
    try {
      orders.forget(key);
    } catch (error) {
      return notKept(error);
    }
    log.info('ordered: start, of what has no manifest now', { pod: key });
  }
  return { ok: true, taken: { wasStopped: true } };
}

function notKept(error: unknown): ReturnType<NodeOrders['order']> {
  const message = `the order cannot be kept, so nothing has changed: ${messageOf(error)}`;
  return { ok: false, refused: { status: 500, message } };
}
