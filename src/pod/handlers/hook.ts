// A lifecycle hook's handler -> whether it succeeded (pkg/kubelet/lifecycle/handlers.go). The messages are what the
// kubelet shows of a failing postStart in the container's status.
import { formatDuration } from '../../config/duration.ts';
import { type Failure, fail, messageOf, ok, type Result } from '../../errors.ts';
import type { V1ExecAction, V1HTTPGetAction, V1LifecycleHandler } from '../../kubernetes/generated/shapes.ts';
import { engineInTrouble } from '../engine-health.ts';
import { type Around, bounded } from './around.ts';
import { commandTimedOut } from './exec-probe.ts';
import { httpGet } from './http-get.ts';
import { type HttpRequest, httpRequestOf } from './http-request.ts';
import type { Target } from './target.ts';

/** Why a hook failed; undefined: it did not. A Failure is the engine's, and says nothing of the hook. */
type Trouble = string | Failure | undefined;

const terminated = 'container terminated before the hook finished';

/**
 * `timeoutMs`: 0 is no bound. HookFailed, or the code of an engine in trouble: then it is not known what became of the
 * hook, if it ran at all. Never rejects for what the container, its network or the engine does.
 */
export async function runHook(
  handler: V1LifecycleHandler,
  target: Target,
  timeoutMs: number,
  around: Around,
): Promise<Result<undefined>> {
  const { exec, httpGet: get, sleep } = handler;
  const { name, namespace, uid } = target.identity;
  const where = `for Container ${JSON.stringify(target.container.name)} in Pod "${name}_${namespace}(${uid})"`;
  const told = (what: string, trouble: Trouble): Result<undefined> => {
    if (trouble === undefined) return ok(undefined);
    if (typeof trouble !== 'string') return { ok: false, error: trouble };
    return fail('HookFailed', `${what} ${where} failed - error: ${trouble}`);
  };
  if (exec) {
    const command = exec.command ?? [];
    return told(
      `Exec lifecycle hook ([${command.join(' ')}])`,
      await runExec(exec, target, timeoutMs, around),
    );
  }
  if (get)
    return told(`HTTP lifecycle hook (${get.path ?? ''})`, await runHttpGet(get, target, timeoutMs, around));
  if (sleep)
    return told(
      `Sleep lifecycle hook (${sleep.seconds})`,
      await runSleep(sleep.seconds * 1000, timeoutMs, around),
    );
  const given = Object.keys(handler).join(', ');
  return fail('HookFailed', `Cannot run handler: invalid handler: ${given || 'none is given'}`);
}

/** Bounded here as well: the engine's own bound counts from the command's start, a grace from the hook's. */
function runExec(
  { command = [] }: V1ExecAction,
  { containerId }: Target,
  timeoutMs: number,
  around: Around,
): Promise<Trouble> {
  const timedOut = `${commandTimedOut(command, timeoutMs)}, message: ""`;
  const run = async (): Promise<Trouble> => {
    const outcome = await around.engine.exec(containerId, command, { timeoutMs, probe: false });
    if (!outcome.ok && engineInTrouble(outcome.error)) return outcome.error;
    if (!outcome.ok)
      return outcome.error.code === 'ExecTimeout' ? timedOut : `${outcome.error.message}, message: ""`;
    const { exitCode, output } = outcome.value;
    if (exitCode === 0) return undefined;
    // The kubelet has only stderr in the first place; the engine tells both streams as one.
    return `command '${command.join(' ')}' exited with ${exitCode}: ${output}, message: ${JSON.stringify(output)}`;
  };
  return bounded<Trouble>(
    around,
    timeoutMs,
    // Rejects only when the engine's thread is gone.
    () => run().catch((error): Trouble => ({ code: 'ThreadExited', message: messageOf(error) })),
    (cut) => (cut === 'timeout' ? timedOut : `${terminated}, message: ""`),
  );
}

/** runHTTPHandler: any answer is success; HTTPS answered by HTTP is asked again without TLS and credentials. */
async function runHttpGet(
  action: V1HTTPGetAction,
  target: Target,
  timeoutMs: number,
  around: Around,
): Promise<Trouble> {
  const request = httpRequestOf(action, target, 'lifecycle');
  if ('refused' in request) return request.refused;
  const startedMs = around.clock.now();
  const ask = async (asked: HttpRequest, boundMs: number) => {
    const outcome = await httpGet(asked, boundMs, around, 'short');
    if (outcome.is === 'lost') return { trouble: outcome.message, plainHttp: outcome.plainHttp };
    if (outcome.is !== 'cut') return { trouble: undefined, plainHttp: false };
    const trouble = outcome.cut === 'timeout' ? outcome.message : terminated;
    return { trouble, plainHttp: false };
  };
  const first = await ask(request, timeoutMs);
  if (!first.plainHttp) return first.trouble;
  const leftMs = timeoutMs > 0 ? Math.max(1, timeoutMs - (around.clock.now() - startedMs)) : 0;
  const second = await ask(withoutTls(request), leftMs);
  return second.trouble === undefined ? undefined : first.trouble;
}

const withoutTls = (request: HttpRequest): HttpRequest => ({
  ...request,
  url: request.url.replace(/^https:/, 'http:'),
  secure: false,
  headers: request.headers.filter(({ name }) => name.toLowerCase() !== 'authorization'),
});

/** runSleepHandler. A sleep that may take exactly its time is in time. */
function runSleep(sleepMs: number, timeoutMs: number, around: Around): Promise<Trouble> {
  const tooLong = timeoutMs > 0 && sleepMs > timeoutMs;
  return bounded<Trouble>(
    around,
    tooLong ? timeoutMs : 0,
    (opened) =>
      new Promise((resolve) => {
        const timer = around.clock.after(sleepMs, () => resolve(undefined));
        opened(() => timer.cancel());
      }),
    (cut) => (cut === 'aborted' ? terminated : `the sleep was cut off at ${formatDuration(timeoutMs)}`),
  );
}
