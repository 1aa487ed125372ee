// npm run sim -- --seeds 1000 --seed 1: runs the simulation from many seeds and prints those that fail, the first of
// them with all that happened.
import { parseArgs } from 'node:util';
import { simulate } from './world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
let failed = 0;
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const { violations, log } = await simulate(seed);
  if (values.trace) process.stdout.write(`${log.join('\n')}\n`);
  if (violations.length === 0) continue;
  failed += 1;
  if (failed === 1 && !values.trace) process.stdout.write(`${log.slice(-400).join('\n')}\n`);
  process.stdout.write(`seed ${seed}:\n  ${violations.slice(0, 4).join('\n  ')}\n`);
}
process.stdout.write(`${values.seeds} seeds from ${first}: ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
