// Probes and lifecycle hooks (validateProbe, validateLifecycle, validateHandler).
import type { FieldPath } from '../field-path.ts';
import type {
  V1Container,
  V1HTTPGetAction,
  V1Lifecycle,
  V1LifecycleHandler,
  V1PodSpec,
  V1Probe,
} from '../generated/shapes.ts';
import { isHTTPHeaderName, isValidPortName, isValidPortNum } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';

/** What of the Pod the rules of a handler look at. */
type Spec = Pick<V1PodSpec, 'terminationGracePeriodSeconds' | 'os'>;

export function validateHandlers(
  container: V1Container,
  spec: Spec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle) validateLifecycle(lifecycle, spec, path.child('lifecycle'), errors);
  if (livenessProbe) validateOnceProbe(livenessProbe, spec, path.child('livenessProbe'), errors);
  if (readinessProbe) {
    validateProbe(readinessProbe, spec, path.child('readinessProbe'), errors);
    const field = path.child('readinessProbe', 'terminationGracePeriodSeconds');
    if (readinessProbe.terminationGracePeriodSeconds !== undefined)
      errors.invalid(
        field,
        readinessProbe.terminationGracePeriodSeconds,
        'must not be given for a readinessProbe',
      );
  }
  if (startupProbe) validateOnceProbe(startupProbe, spec, path.child('startupProbe'), errors);
}

/** Liveness and startup: one success is enough. */
function validateOnceProbe(probe: V1Probe, spec: Spec, path: FieldPath, errors: RuleErrors): void {
  validateProbe(probe, spec, path, errors);
  if (probe.successThreshold !== 1)
    errors.invalid(path.child('successThreshold'), probe.successThreshold, 'must be 1');
}

const probeNumbers = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function validateProbe(probe: V1Probe, spec: Spec, path: FieldPath, errors: RuleErrors): void {
  validateHandler(probe, spec, path, errors);
  for (const name of probeNumbers) {
    const value = probe[name] ?? 0;
    if (value < 0) errors.invalid(path.child(name), value, 'must be greater than or equal to 0');
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    errors.invalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0');
}

function validateLifecycle(lifecycle: V1Lifecycle, spec: Spec, path: FieldPath, errors: RuleErrors): void {
  const { postStart, preStop, stopSignal } = lifecycle;
  if (postStart) validateHandler(postStart, spec, path.child('postStart'), errors);
  if (preStop) validateHandler(preStop, spec, path.child('preStop'), errors);
  if (stopSignal !== undefined) validateStopSignal(stopSignal, spec, path.child('stopSignal'), errors);
}

const windowsSignals = ['SIGKILL', 'SIGTERM'];
const linuxSignals = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'.split(
    ' ',
  ),
  ...Array.from({ length: 15 }, (_, at) => `RTMIN+${at + 1}`),
  ...Array.from({ length: 14 }, (_, at) => `RTMAX-${at + 1}`),
].map((name) => `SIG${name}`);

/** By operating system; another one is an error of its own. */
const signalsOf = new Map<string, readonly string[]>([
  ['linux', linuxSignals],
  ['windows', windowsSignals],
]);

function validateStopSignal(signal: string, { os }: Spec, path: FieldPath, errors: RuleErrors): void {
  if (!os) return errors.forbidden(path, 'may not be given without `spec.os.name`');
  const supported = signalsOf.get(os.name);
  if (supported && !supported.includes(signal)) errors.unsupported(path, signal, supported);
}

const handlerKinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function validateHandler(
  handler: V1Probe | V1LifecycleHandler,
  spec: Spec,
  path: FieldPath,
  errors: RuleErrors,
): void {
  const { exec, httpGet, tcpSocket, grpc, sleep }: V1Probe & V1LifecycleHandler = handler;
  const given = { exec, httpGet, tcpSocket, grpc, sleep };
  const [first, ...more] = handlerKinds.filter((kind) => given[kind] !== undefined);
  if (first === undefined) return errors.required(path, `must have one of ${handlerKinds.join(', ')}`);
  const at = path.child(first);
  if (first === 'exec' && !exec?.command?.length) errors.required(at.child('command'));
  if (first === 'httpGet' && httpGet) validateHTTPGet(httpGet, at, errors);
  if (first === 'tcpSocket' && tcpSocket) validatePort(tcpSocket.port, at.child('port'), errors);
  if (first === 'grpc' && grpc) validatePort(grpc.port, at.child('port'), errors);
  if (first === 'sleep' && sleep) {
    const grace = spec.terminationGracePeriodSeconds;
    if (grace !== undefined && (sleep.seconds < 0 || sleep.seconds > grace))
      errors.invalid(
        at,
        sleep.seconds,
        `must be between 0 and terminationGracePeriodSeconds (${grace})`,
        at.child('seconds'),
      );
  }
  for (const kind of more) errors.forbidden(path.child(kind), `there is ${first} already: one handler only`);
}

function validateHTTPGet(action: V1HTTPGetAction, path: FieldPath, errors: RuleErrors): void {
  if (!action.path) errors.required(path.child('path'));
  validatePort(action.port, path.child('port'), errors);
  const schemes = ['HTTP', 'HTTPS'];
  if (!schemes.includes(action.scheme ?? ''))
    errors.unsupported(path.child('scheme'), action.scheme, schemes);
  for (const [index, { name }] of (action.httpHeaders ?? []).entries())
    errors.invalidFor(
      isHTTPHeaderName(name),
      path.child('httpHeaders'),
      name,
      path.child('httpHeaders').index(index).child('name'),
    );
}

/** ValidatePortNumOrName */
function validatePort(port: number | string, path: FieldPath, errors: RuleErrors): void {
  errors.invalidFor(typeof port === 'number' ? isValidPortNum(port) : isValidPortName(port), path, port);
}
