// A probe that asks over HTTP (pkg/probe/http DoHTTPProbe).
import type { V1HTTPGetAction } from '../../kubernetes/generated/shapes.ts';
import type { Around } from './around.ts';
import { httpGet } from './http-get.ts';
import { httpRequestOf } from './http-request.ts';
import type { Target } from './target.ts';
import { type Attempt, containerEnded, failure, success, unknown } from './verdict.ts';

export async function httpProbe(
  action: V1HTTPGetAction,
  target: Target,
  timeoutMs: number,
  around: Around,
): Promise<Attempt> {
  const request = httpRequestOf(action, target, 'probe');
  if ('refused' in request) return unknown(request.refused);
  const outcome = await httpGet(request, timeoutMs, around, 'any');
  switch (outcome.is) {
    case 'answered':
      return judged(outcome);
    case 'lost':
      return failure(outcome.message);
    case 'body broken':
      return unknown(outcome.message, true);
    case 'cut':
      if (outcome.cut === 'aborted') return unknown(containerEnded);
      return outcome.duringBody ? unknown(outcome.message, true) : failure(outcome.message);
  }
}

function judged({ status, body }: { status: number; body: string }): Attempt {
  if (status < 200 || status >= 400) return failure(`HTTP probe failed with statuscode: ${status}`);
  return status < 300 ? success() : success(`Probe terminated redirects, Response body: ${body}`);
}
