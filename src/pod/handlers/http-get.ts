// A GET with its redirects, within its time (net/http Client with the kubelet's RedirectChecker).
import { type Around, bounded, type Cut } from './around.ts';
import { exchange, type Lost } from './http-exchange.ts';
import { type HttpRequest, invalidHeader, redirected } from './http-request.ts';

export type HttpOutcome =
  | { is: 'answered'; status: number; body: string }
  /** `plainHttp`: HTTPS was asked for and HTTP answered. */
  | { is: 'lost'; message: string; plainHttp: boolean }
  | { is: 'body broken'; message: string }
  | { is: 'cut'; cut: Cut; duringBody: boolean; message: string };

/** Requests in all, the first and those it was redirected to. */
const requestsMax = 10;
/** maxRespBodyLength: more is not read. */
const bodyBytesMax = 10 * 1024;

/** `bodies`: whether the first 10 KiB of a body announced as longer are waited for. */
export function httpGet(
  first: HttpRequest,
  timeoutMs: number,
  around: Pick<Around, 'clock' | 'signal'>,
  bodies: 'any' | 'short',
): Promise<HttpOutcome> {
  let { url } = first;
  let duringBody = false;
  return bounded<HttpOutcome>(
    around,
    timeoutMs,
    async (opened) => {
      let request = first;
      for (let requests = 1; ; requests += 1) {
        url = request.url;
        const invalid = invalidHeader(request);
        if (invalid) return lost(url, invalid);
        const answer = await exchange(request, opened);
        if ('lost' in answer) return lost(url, answer.lost, answer.plainHttp);
        const next = redirected(first, request, answer);
        if (!next) {
          duringBody = true;
          if (bodies === 'short' && (answer.contentLength ?? 0) > bodyBytesMax)
            return { is: 'answered', status: answer.status, body: '' };
          const { text, broken } = await answer.readBody(bodyBytesMax);
          return broken === undefined
            ? { is: 'answered', status: answer.status, body: text }
            : { is: 'body broken', message: broken };
        }
        answer.drop();
        if ('refused' in next) return lost(url, next.refused);
        if (requests === requestsMax)
          return lost(answer.location ?? url, `stopped after ${requestsMax} redirects`);
        request = next;
      }
    },
    (cut) => ({ is: 'cut', cut, duringBody, message: cutWords(url, duringBody) }),
  );
}

const lost = (url: string, why: Lost['lost'], plainHttp = false): HttpOutcome => ({
  is: 'lost',
  message: `Get ${JSON.stringify(url)}: ${why}`,
  plainHttp,
});

const cutWords = (url: string, duringBody: boolean): string =>
  duringBody
    ? 'context deadline exceeded (Client.Timeout or context cancellation while reading body)'
    : `Get ${JSON.stringify(url)}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
