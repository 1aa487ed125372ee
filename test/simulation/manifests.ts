// Pods for the simulation, drawn from the seed. A good part of them is plain: what is simple must stay frequent.
import type { Container, PodSpec } from '../../src/kubernetes/pod.ts';
import type { Behaviour, Command, Run } from './behaviour.ts';
import type { Draw } from './draw.ts';
import type { PodPlan } from './plan.ts';

type Drawn = { spec: Container; behaviour: Behaviour };

export function drawPod(draw: Draw, uid: string): PodPlan {
  const rich = draw.chance(0.65);
  const init = Array.from({ length: draw.pick(rich ? [0, 1, 2, 3] : [0, 0, 1, 2]) }, (_, index) =>
    rich && draw.chance(0.5) ? drawSidecar(draw, `side${index}`) : drawInit(draw, `init${index}`, rich),
  );
  const main = Array.from({ length: 1 + draw.upTo(3) }, (_, index) => drawMain(draw, `main${index}`, rich));
  const hostPorts = draw.chance(0.3);
  const spec: PodSpec = {
    restartPolicy: draw.pick(['Always', 'Always', 'OnFailure', 'Never']),
    terminationGracePeriodSeconds: draw.pick([0, 1, 2, 5, 30, 120]),
    ...(rich && draw.chance(0.15) && { activeDeadlineSeconds: draw.pick([1, 5, 20, 60]) }),
    ...(draw.chance(0.3) && { hostNetwork: true }),
    ...(init.length > 0 && { initContainers: init.map(({ spec }) => spec) }),
    containers: main.map(({ spec }, index) =>
      hostPorts ? { ...spec, ports: [{ containerPort: 80 + index, hostPort: 8080 + index }] } : spec,
    ),
  };
  const behaviours = Object.fromEntries(
    [...init, ...main].map(({ spec, behaviour }) => [spec.name, behaviour]),
  );
  return { uid, spec, behaviours };
}

const plainContainer = (draw: Draw, name: string): Container => ({
  name,
  image: draw.pick(['busybox:1', 'busybox:2']),
  imagePullPolicy: draw.pick(['Always', 'IfNotPresent']),
  // Not made before the sandbox runs, and not before its turn.
  ...(draw.chance(0.1) && { env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] }),
  ...(draw.chance(0.15) && { volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'made' }] }),
});

function drawInit(draw: Draw, name: string, rich: boolean): Drawn {
  const ends = (): Run => ({ exitAfterMs: draw.upTo(3000), exitCode: draw.chance(0.15) ? 1 : 0 });
  return {
    spec: { ...plainContainer(draw, name), ...(rich && draw.chance(0.15) && drawPolicy(draw)) },
    behaviour: {
      runs: rich && draw.chance(0.2) ? [{ ...ends(), exitCode: 1 }, ends()] : [ends()],
      stopsAfterMs: 1,
    },
  };
}

function drawSidecar(draw: Draw, name: string): Drawn {
  const spec: Container = { ...plainContainer(draw, name), restartPolicy: 'Always' };
  const behaviour: Behaviour = { runs: [drawRun(draw, 0.3)], ...drawStop(draw) };
  return withCommands(draw, { spec, behaviour });
}

function drawMain(draw: Draw, name: string, rich: boolean): Drawn {
  const spec = plainContainer(draw, name);
  const behaviour: Behaviour = { runs: [drawRun(draw, 0.4)], ...drawStop(draw) };
  if (!rich) return { spec, behaviour };
  if (draw.chance(0.2)) Object.assign(spec, drawPolicy(draw));
  if (draw.chance(0.1)) behaviour.runs.unshift({ failsToStart: true });
  else if (draw.chance(0.2)) behaviour.runs.push({});
  return withCommands(draw, { spec, behaviour });
}

const drawStop = (draw: Draw): Pick<Behaviour, 'stopsAfterMs' | 'ignoresTerm' | 'stopExitCode'> => ({
  stopsAfterMs: draw.upTo(4000),
  ...(draw.chance(0.2) && { ignoresTerm: true }),
  ...(draw.chance(0.3) && { stopExitCode: draw.pick([0, 1, 42]) }),
});

const drawRun = (draw: Draw, endsByItself: number): Run =>
  draw.chance(endsByItself)
    ? {
        exitAfterMs: draw.upTo(20_000),
        exitCode: draw.pick([0, 1, 1, 42]),
        ...(draw.chance(0.1) && { oom: true }),
      }
    : {};

/** A policy of its own, with or without rules. No rule has a container that ends well start again. */
const drawPolicy = (draw: Draw): Pick<Container, 'restartPolicy' | 'restartPolicyRules'> => ({
  restartPolicy: draw.pick(['OnFailure', 'Never']),
  ...(draw.chance(0.7) && {
    restartPolicyRules: [
      {
        action: draw.pick(['Restart', 'RestartAllContainers']),
        exitCodes: draw.chance(0.7)
          ? { operator: 'In', values: draw.pick([[42], [1, 42]]) }
          : { operator: 'NotIn', values: [0, 1] },
      },
    ],
  }),
});

function withCommands(draw: Draw, { spec, behaviour }: Drawn): Drawn {
  const execs: Record<string, Command> = {};
  const command = (name: string, does: Command) => {
    execs[name] = does;
    return { exec: { command: ['/bin/check', name] } };
  };
  if (draw.chance(0.3))
    spec.startupProbe = {
      ...command('startup', drawCheck(draw)),
      ...drawTimes(draw),
      failureThreshold: 1 + draw.upTo(4),
    };
  if (draw.chance(0.3))
    spec.livenessProbe = {
      ...command('liveness', drawCheck(draw)),
      ...drawTimes(draw),
      ...drawThresholds(draw),
    };
  if (draw.chance(0.35))
    spec.readinessProbe = {
      ...command('readiness', drawCheck(draw)),
      ...drawTimes(draw),
      ...drawThresholds(draw),
      successThreshold: draw.pick([1, 1, 2]),
    };
  for (const probe of [spec.startupProbe, spec.livenessProbe])
    if (probe && draw.chance(0.25)) probe.terminationGracePeriodSeconds = draw.pick([0, 1, 3, 60]);
  const hook = (name: string, does: Command) =>
    draw.chance(0.25) ? { sleep: { seconds: draw.pick([0, 1, 4, 20]) } } : command(name, does);
  if (draw.chance(0.25)) spec.lifecycle = { postStart: hook('postStart', drawPostStart(draw)) };
  if (draw.chance(0.3)) spec.lifecycle = { ...spec.lifecycle, preStop: hook('preStop', drawPreStop(draw)) };
  return { spec, behaviour: Object.keys(execs).length > 0 ? { ...behaviour, execs } : behaviour };
}

const drawTimes = (draw: Draw) => ({
  periodSeconds: draw.pick([1, 1, 2, 5]),
  timeoutSeconds: draw.pick([1, 1, 3]),
  ...(draw.chance(0.2) && { initialDelaySeconds: draw.pick([1, 4]) }),
});

const drawThresholds = (draw: Draw) => ({ failureThreshold: draw.pick([1, 2, 3]) });

/** Well; bad at first; bad from some time on; bad by turns; slow. */
function drawCheck(draw: Draw): Command {
  const takesMs = draw.pick([0, 5, 300, 1500]);
  const bad = draw.pick(['fails', 'fails', 'hangs'] as const);
  return draw.pick<() => Command>([
    () => ({ takesMs: draw.pick([0, 5, 300]) }),
    () => ({ takesMs: draw.pick([0, 5, 300]) }),
    () => ({ takesMs, bad, badUntilMs: draw.upTo(15_000) }),
    () => ({ takesMs, bad, badFromMs: draw.upTo(20_000) }),
    () => ({ takesMs, bad, flapsEveryMs: 500 + draw.upTo(5000) }),
  ])();
}

/** One that hangs does so for a minute or two: nobody but the container's end would end it, and it may be needed. */
const drawPostStart = (draw: Draw): Command =>
  draw.pick<() => Command>([
    () => ({ takesMs: draw.upTo(3000) }),
    () => ({ takesMs: draw.pick([0, 1000]), bad: 'fails' }),
    () => ({ takesMs: 60_000 + draw.upTo(60_000) }),
  ])();

const drawPreStop = (draw: Draw): Command =>
  draw.pick<() => Command>([
    () => ({ takesMs: draw.upTo(6000) }),
    () => ({ takesMs: 100, bad: 'fails' }),
    () => ({ takesMs: 0, bad: 'hangs' }),
  ])();
