// npm run sim -- --seeds 1000 --seed 1: lives many lives and says which broke a rule. --trace tells all that happened,
// --shrink finds the shortest life that breaks the same rule, --coverage counts what has happened how often.
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { Coverage } from './coverage.ts';
import { livePlan, liveSeed, type Outcome } from './life.ts';
import { shrink } from './shrink.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const coverage = values.coverage ? new Coverage() : undefined;
const first = Number(values.seed);
let failed = 0;
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const outcome = await liveSeed(seed, { coverage });
  if (values.trace) say(outcome.log.join('\n'));
  const { violation } = outcome;
  if (!violation) continue;
  failed += 1;
  say(`seed ${seed}: ${violation.rule}: ${violation.what}`);
  if (values.shrink) await tellShortest(outcome, violation.rule);
}
for (const [what, count] of coverage?.counts ?? []) say(`${String(count).padStart(8)} ${what}`);
say(`${values.seeds} seeds from ${first}: ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function tellShortest({ plan }: Outcome, rule: string): Promise<void> {
  const shortest = await shrink(plan, rule, livePlan);
  const { log } = await livePlan(shortest);
  say(`the shortest life that breaks the same:\n${stringify(shortest)}\n${log.join('\n')}`);
}
