// A life in which a rule broke -> the shortest one found in which the same rule breaks still: whatever can be taken away
// from its plan is taken away.
import type { Outcome } from './life.ts';
import type { Plan, PodPlan } from './plan.ts';

export type Lived = (plan: Plan) => Promise<Pick<Outcome, 'violation' | 'plan'>>;

const livesMax = 2000;

export async function shrink(plan: Plan, rule: string, live: Lived): Promise<Plan> {
  let shortest = plan;
  let lives = 0;
  const breaks = async (candidate: Plan): Promise<boolean> => {
    lives += 1;
    return lives <= livesMax && (await live(candidate)).violation?.rule === rule;
  };
  for (let progress = true; progress && lives < livesMax; ) {
    progress = false;
    for (const lessen of [lessActions, lessTroubles, lessPods, lessOfPods, lessTime]) {
      for (let tries = lessen(shortest), at = 0; at < tries.length; at++) {
        const candidate = tries[at];
        if (!candidate || !(await breaks(candidate))) continue;
        shortest = candidate;
        progress = true;
        // What is left has other parts, of which those before `at` have been tried.
        tries = lessen(shortest);
        at = Math.min(at, tries.length) - 1;
      }
    }
  }
  return shortest;
}

/** The list without each of its parts: halves first, then quarters, at last single ones. */
function without<T>(list: readonly T[]): T[][] {
  const shorter: T[][] = [];
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < list.length; from += size)
      shorter.push([...list.slice(0, from), ...list.slice(from + size)]);
  }
  return shorter;
}

const lessActions = (plan: Plan): Plan[] => without(plan.actions).map((actions) => ({ ...plan, actions }));
const lessTroubles = (plan: Plan): Plan[] =>
  without(plan.troubles).map((troubles) => ({ ...plan, troubles }));

/** Nobody wants it: it need not be there. */
const lessPods = (plan: Plan): Plan[] =>
  plan.pods
    .filter(({ uid }) => !plan.actions.some((action) => action.do === 'want' && action.uid === uid))
    .map(({ uid }) => ({ ...plan, pods: plan.pods.filter((pod) => pod.uid !== uid) }));

const lessOfPods = (plan: Plan): Plan[] =>
  plan.pods.flatMap((pod, at) => simpler(pod).map((other) => ({ ...plan, pods: plan.pods.with(at, other) })));

function simpler(pod: PodPlan): PodPlan[] {
  const { spec, behaviours } = pod;
  const found: PodPlan[] = [];
  for (const list of ['initContainers', 'containers'] as const) {
    const containers = spec[list] ?? [];
    for (const [at, container] of containers.entries()) {
      if (list === 'initContainers' || containers.length > 1)
        found.push({ ...pod, spec: { ...spec, [list]: containers.toSpliced(at, 1) } });
      for (const field of Object.keys(container)) {
        if (['name', 'image'].includes(field)) continue;
        const plainer = withoutKey(container, field);
        found.push({ ...pod, spec: { ...spec, [list]: containers.with(at, plainer) } });
      }
    }
  }
  for (const field of Object.keys(spec))
    if (field !== 'containers') found.push({ ...pod, spec: withoutKey(spec, field) });
  for (const [name, behaviour] of Object.entries(behaviours)) {
    for (const field of Object.keys(behaviour).filter((one) => !['runs', 'stopsAfterMs'].includes(one)))
      found.push({ ...pod, behaviours: { ...behaviours, [name]: withoutKey(behaviour, field) } });
  }
  return found;
}

function withoutKey<T extends object>(object: T, key: string): T {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key)) as T;
}

/** Sooner calm, and round times. */
function lessTime(plan: Plan): Plan[] {
  const last = plan.actions.at(-1)?.atMs ?? 0;
  const rounded = plan.actions.map((action) => ({ ...action, atMs: Math.round(action.atMs / 1000) * 1000 }));
  const times = [last + 1000, last + 10_000].filter((calmAtMs) => calmAtMs < plan.calmAtMs);
  const isRound = plan.actions.every(({ atMs }, at) => atMs === rounded[at]?.atMs);
  return [
    ...times.map((calmAtMs) => ({ ...plan, calmAtMs })),
    ...(isRound ? [] : [{ ...plan, actions: rounded }]),
  ];
}
