// Simulated phones against one onesoup: what a request costs, what an idle phone holds in memory, how long a wake-up takes.
// `npm run bench -- imps --help` has the options, bench/README.md says what is measured.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { showProgress } from '../presence/report/progress.ts';
import { measureThroughput } from './cases/throughput.ts';
import { type Options, readOptions, usage } from './options.ts';
import type { Results } from './report/results.ts';
import { reportOf } from './report/tables.ts';

const run = async (options: Options): Promise<Results> => {
  const { parts, works, forms, rounds } = options;
  const has = (part: Options['parts'][number]): boolean => parts.includes(part);
  const steps = has('requests') ? 1 + works.length * forms.length * rounds : 0;
  const progress = showProgress(steps);
  const [loadBefore = 0] = loadavg();
  const requests = has('requests') ? await measureThroughput(options, progress) : [];
  const [loadAfter = 0] = loadavg();
  return {
    at: new Date().toISOString(),
    machine: { cpus: cpus().length, loadBefore, loadAfter },
    requests,
  };
};

const main = async (args: readonly string[]): Promise<void> => {
  if (args.includes('--help')) return console.log(usage);
  const options = readOptions(args);
  const results =
    options.from === undefined ? await run(options) : (JSON.parse(readFileSync(options.from, 'utf8')) as Results);
  console.log(reportOf(results));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
};

await main(process.argv.slice(3)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
