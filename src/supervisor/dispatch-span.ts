// The span in which an actor is told what to run, in the trace of what led to it: its Pod's trace from now on.
import { type Context, context, trace } from '@opentelemetry/api';
import type { PodKey } from '../manifest/static-pod.ts';
import type { Desired } from '../pod/state.ts';
import type { TraceStore } from '../telemetry/store.ts';

export function inDispatchSpan(
  traces: TraceStore,
  { key, desired, parent }: { key: PodKey; desired: Desired; parent: Context },
  action: () => void,
): void {
  const attributes = { pod: key, want: desired.want };
  const span = trace.getTracer('monopod').startSpan('supervisor.dispatch', { attributes }, parent);
  traces.bind(key, span.spanContext().traceId);
  context.with(trace.setSpan(parent, span), action);
  span.end();
}
