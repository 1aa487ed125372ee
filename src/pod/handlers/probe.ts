// A probe's handler -> its verdict (pkg/kubelet/prober/prober.go). When and how often it runs is the planner's part.
// Each kind loads the modules it needs when it first runs: a Pod's thread without probes has none of them.
import type { V1Probe } from '../../kubernetes/generated/shapes.ts';
import type { Around } from './around.ts';
import { execProbe } from './exec-probe.ts';
import { grpcProbe } from './grpc-probe.ts';
import { httpProbe } from './http-probe.ts';
import type { Target } from './target.ts';
import { tcpProbe } from './tcp-probe.ts';
import { type Attempt, type ProbeVerdict, unknown } from './verdict.ts';

export type { ProbeVerdict } from './verdict.ts';

/** maxProbeRetries */
const triesMax = 3;

/** Never rejects for what the container, its network or the engine does. */
export async function runProbe(probe: V1Probe, target: Target, around: Around): Promise<ProbeVerdict> {
  for (let tries = 1; ; tries += 1) {
    const { result, message, again } = await attempt(probe, target, around);
    if (!again || tries === triesMax || around.signal.aborted) return { result, message };
  }
}

async function attempt(probe: V1Probe, target: Target, around: Around): Promise<Attempt> {
  const { exec, httpGet, tcpSocket, grpc } = probe;
  const timeoutMs = (probe.timeoutSeconds || 1) * 1000;
  if (exec) return execProbe(exec, target, timeoutMs, around);
  if (httpGet) return httpProbe(httpGet, target, timeoutMs, around);
  if (tcpSocket) return tcpProbe(tcpSocket, target, timeoutMs, around);
  if (grpc) return grpcProbe(grpc, target, timeoutMs, around);
  return unknown('the probe has no handler');
}
