// Simulated phones against one onesoup: what a request costs, what an idle phone holds in memory, how long a wake-up takes.
// `npm run bench -- imps --help` has the options, bench/README.md says what is measured.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { showProgress } from '../presence/report/progress.ts';
import { measureMemory } from './cases/memory.ts';
import { measureThroughput } from './cases/throughput.ts';
import { measureWakeUps } from './cases/wake-up.ts';
import { type Options, readOptions, usage } from './options.ts';
import { withFigures } from './report/markdown.ts';
import { drawPicture } from './report/picture.ts';
import type { Results } from './report/results.ts';
import { reportOf } from './report/tables.ts';

const run = async (options: Options): Promise<Results> => {
  const { parts, works, forms, rounds, cirConnections, idlePhones } = options;
  const cir = cirConnections.filter((count) => count <= idlePhones);
  const has = (part: Options['parts'][number]): boolean => parts.includes(part);
  const steps = [
    has('requests') ? 1 + works.length * forms.length * rounds : 0,
    has('memory') ? 2 + cir.length : 0,
    has('wake-up') ? 3 : 0,
  ];
  const progress = showProgress(steps.reduce((sum, one) => sum + one, 0));
  const [loadBefore = 0] = loadavg();
  const requests = has('requests') ? await measureThroughput(options, progress) : [];
  const wakeUp = has('wake-up') ? await measureWakeUps(options, progress) : null;
  const memory = has('memory') ? await measureMemory({ ...options, cirConnections: cir }, progress) : [];
  const [loadAfter = 0] = loadavg();
  return {
    at: new Date().toISOString(),
    machine: { cpus: cpus().length, loadBefore, loadAfter },
    ...{ requests, memory, wakeUp },
  };
};

const main = async (args: readonly string[]): Promise<void> => {
  if (args.includes('--help')) return console.log(usage);
  const options = readOptions(args);
  const results =
    options.from === undefined ? await run(options) : (JSON.parse(readFileSync(options.from, 'utf8')) as Results);
  console.log(reportOf(results));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
  if (options.picture !== undefined) writeFileSync(options.picture, drawPicture(results));
  if (options.readme !== undefined)
    writeFileSync(options.readme, withFigures(readFileSync(options.readme, 'utf8'), results));
};

await main(process.argv.slice(3)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
