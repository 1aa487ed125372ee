// `/manifests` of the push endpoint: requests -> calls of the source of pushed manifests, and its answers -> HTTP. As the
// API server's where it has the same: dryRun, fieldValidation, If-Match. Main thread.
import type { IncomingHttpHeaders } from 'node:http';
import { ThreadGoneError } from '../../actors/call.ts';
import { rfc3339 } from '../../clock.ts';
import { reportVerdict } from '../../manifest/render-verdict.ts';
import type { FieldError, Verdict } from '../../manifest/static-pod.ts';
import { manifestBytesMax } from '../../sources/directory/read-file.ts';
import type { NotDone, PushCalls, PutAnswer, Tags } from '../../sources/push/calls.ts';
import { pushNameOf, pushNameProblem, pushOrigin } from '../../sources/push/push-name.ts';
import { sourceIdOf } from '../../sources/service.ts';
import type { ManifestRecord } from '../node-view.ts';
import { json, type Request, type Routes, text } from '../routes.ts';
import {
  dryRunOf,
  fieldValidationOf,
  isMultipart,
  isRunTogether,
  parameterProblem,
  preferred,
  tagsOf,
} from './push-request.ts';

export type PushedManifests = {
  /** They reject with a ThreadGoneError while there is no source to answer. */
  calls: PushCalls;
  /** Of all sources. */
  records(): ManifestRecord[];
};

/** Bodies in memory at a time. */
const bodiesMax = 8;

export function pushRoutes(pushed: PushedManifests): Routes {
  let bodies = 0;
  const put = async (request: Request, name: string) => {
    const { response } = request;
    if (bodies >= bodiesMax) {
      response.setHeader('retry-after', '1');
      return text(response, 429, 'too many manifests are being pushed at this moment\n');
    }
    bodies += 1;
    try {
      await putManifest(request, name, pushed);
    } finally {
      bodies -= 1;
    }
  };
  const named =
    (handle: (request: Request, name: string) => Promise<void>) =>
    async (request: Request): Promise<void> => {
      const { params, response } = request;
      const { name = '' } = params;
      const problem = pushNameProblem(name);
      if (problem !== undefined) return text(response, 400, `the name of a manifest ${problem}\n`);
      try {
        await handle(request, name);
      } catch (error) {
        if (!(error instanceof ThreadGoneError)) throw error;
        const message = 'what keeps pushed manifests is being started again; try again in a moment';
        refuse(request, { outcome: 'unavailable', message });
      }
    };
  return {
    '/manifests': ({ response }) => {
      const items = ownRecords(pushed).map((record) => listed(record));
      json(response, 200, JSON.stringify({ items }));
    },
    '/manifests/:name': {
      GET: named((request, name) => getManifest(request, name, pushed)),
      PUT: named(put),
      DELETE: named((request, name) => deleteManifest(request, name, pushed)),
    },
  };
}

async function putManifest(request: Request, name: string, pushed: PushedManifests): Promise<void> {
  const { query, headers, response } = request;
  const problem = parameterProblem(query);
  if (problem !== undefined) return text(response, 400, `${problem}\n`);
  const dryRun = dryRunOf(query.dryRun);
  const fieldValidation = fieldValidationOf(query.fieldValidation);
  if (dryRun === undefined) return text(response, 400, 'dryRun: the only value that it may have is All\n');
  if (fieldValidation === undefined)
    return text(response, 400, 'fieldValidation: must be Ignore, Warn or Strict\n');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return text(response, 415, 'a manifest is sent as it is, without a content-encoding\n');
  if (isMultipart(headers))
    return text(response, 415, 'a manifest is sent as it is (curl -T FILE), not as a form\n');
  const body = await request.body(manifestBytesMax);
  if (body === undefined) return;
  const asText = preferred(headers.accept, ['application/json', 'text/plain']) === 'text/plain';
  const answer = await pushed.calls.put(name, new Uint8Array(body), {
    dryRun,
    fieldValidation,
    describe: asText,
    ...conditions(headers),
  });
  if (!('verdict' in answer)) return refuse(request, answer);
  const { outcome, tag } = answer;
  if (tag !== undefined) response.setHeader('etag', etag(tag));
  const status = outcome === 'rejected' ? 422 : outcome === 'created' ? 201 : 200;
  const conflict = conflictOf(name, answer.verdict, pushed.records());
  const hint = outcome === 'rejected' && isRunTogether(headers, body) ? runTogether : '';
  if (asText) return text(response, status, told(name, answer, conflict, dryRun) + hint);
  const { verdict } = answer;
  const warnings = conflict ? [...verdict.warnings, conflict] : verdict.warnings;
  const [first, ...others] = verdict.errors;
  const errors = first
    ? [{ ...first, message: first.message + (hint && ` (${hint.trim()})`) }, ...others]
    : [];
  json(response, status, JSON.stringify(reportVerdict(name, { ...verdict, errors, warnings })));
}

const runTogether = 'curl -d takes the ends of lines away: -T FILE or --data-binary @FILE keeps them\n';

function told(
  name: string,
  { outcome, description = '', tag }: Extract<PutAnswer, { verdict: Verdict }>,
  conflict: FieldError | undefined,
  dryRun: boolean,
): string {
  const notice = conflict
    ? `${name}: warning: ${conflict.field}: ${conflict.type}: ${conflict.message}\n`
    : '';
  const kept = tag === undefined ? '' : `${name}: not changed, the version before stays\n`;
  const done = outcome === 'rejected' ? kept : `${name}: ${outcome}${dryRun ? ' (dry run)' : ''}\n`;
  return `${description}${notice}${done}`;
}

/** Not the push's fault, and settled when the other one goes: so it is told, and no error. */
function conflictOf(name: string, verdict: Verdict, records: ManifestRecord[]): FieldError | undefined {
  const key = verdict.staticPod?.key;
  if (key === undefined) return undefined;
  const holder = records.find(
    ({ origin, state, staticPod }) =>
      staticPod?.key === key && origin !== pushOrigin(name) && holding.has(state),
  );
  if (holder === undefined) return undefined;
  const message = `${key} belongs to ${holder.origin}: this one runs when that one is gone`;
  return { stage: 'static', field: 'metadata.name', type: 'Duplicate value', message };
}

const holding = new Set<ManifestRecord['state']>(['running', 'pending', 'kept']);

async function deleteManifest(request: Request, name: string, pushed: PushedManifests): Promise<void> {
  const { query, headers, response } = request;
  const problem = parameterProblem(query);
  if (problem !== undefined) return text(response, 400, `${problem}\n`);
  const dryRun = dryRunOf(query.dryRun);
  if (dryRun === undefined) return text(response, 400, 'dryRun: the only value that it may have is All\n');
  const { ifMatch } = conditions(headers);
  const answer = await pushed.calls.remove(name, { dryRun, ...(ifMatch && { ifMatch }) });
  if (answer.outcome === 'absent') return text(response, 404, `there is no pushed manifest ${name}\n`);
  if (answer.outcome !== 'removed') return refuse(request, answer);
  if (preferred(headers.accept, ['application/json', 'text/plain']) === 'text/plain')
    return text(response, 200, `${name}: deleted${dryRun ? ' (dry run)' : ''}\n`);
  json(response, 200, JSON.stringify({ name, deleted: !dryRun, ...(dryRun && { dryRun: 'All' }) }));
}

/** The bytes as they were pushed; for who asks for JSON alone, what became of them. */
async function getManifest(request: Request, name: string, pushed: PushedManifests): Promise<void> {
  const { headers, response } = request;
  if (preferred(headers.accept, ['application/yaml', 'application/json']) === 'application/json') {
    const record = ownRecords(pushed).find(({ origin }) => origin === pushOrigin(name));
    if (record === undefined) return text(response, 404, `there is no pushed manifest ${name}\n`);
    return json(response, 200, JSON.stringify({ ...listed(record), pod: record.staticPod?.pod }));
  }
  const answer = await pushed.calls.get(name);
  if (answer.outcome === 'absent') return text(response, 404, `there is no pushed manifest ${name}\n`);
  if (answer.outcome === 'unavailable') return refuse(request, answer);
  const { bytes, tag } = answer;
  response.setHeader('etag', etag(tag));
  const { ifNoneMatch } = conditions(headers);
  if (ifNoneMatch === '*' || ifNoneMatch?.includes(tag)) return void response.writeHead(304).end();
  const isJson = /^\s*\{/.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1'));
  const type = isJson ? 'application/json' : 'application/yaml';
  response.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
}

const statusOf = { 'changed-meanwhile': 412, full: 507, unavailable: 503 } as const;

function refuse({ response }: Pick<Request, 'response'>, answer: NotDone): void {
  if (answer.outcome === 'unavailable') response.setHeader('retry-after', '1');
  const message =
    'message' in answer ? answer.message : 'what is there is not what If-Match or If-None-Match says';
  text(response, statusOf[answer.outcome], `${message}\n`);
}

const ownRecords = ({ records }: PushedManifests) =>
  records().filter(({ sourceId }) => sourceId === sourceIdOf({ kind: 'push' }));

const listed = ({ origin, state, staticPod, errors, warnings, reason, sinceMs }: ManifestRecord) => ({
  name: pushNameOf(origin),
  state,
  staticPod: staticPod?.key,
  uid: staticPod?.uid,
  errors,
  warnings,
  reason,
  since: rfc3339(sinceMs),
});

const etag = (tag: string) => `"${tag}"`;

function conditions(headers: IncomingHttpHeaders): { ifMatch?: Tags; ifNoneMatch?: Tags } {
  const [ifMatch, ifNoneMatch] = [tagsOf(headers['if-match']), tagsOf(headers['if-none-match'])];
  return { ...(ifMatch && { ifMatch }), ...(ifNoneMatch && { ifNoneMatch }) };
}
