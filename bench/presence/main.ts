// How long a contact list takes to be right at sign-in: onesoup beside Prosody and ejabberd, over links that delay.
// `npm run bench -- presence --help` has the options, bench/README.md says what is measured.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { canServeNames } from '../../interop/peers/dns.ts';
import { measureDead, waysToDie } from './cases/dead.ts';
import { measureSetUp, setUpsOf } from './cases/set-up.ts';
import { measureSignIns, stepsOf } from './cases/sign-ins.ts';
import { setStage } from './cases/stage.ts';
import { type Options, readOptions, usage } from './options.ts';
import { drawPicture } from './report/picture.ts';
import { showProgress } from './report/progress.ts';
import type { DeadRow, Results, SetUpRow, SignInRow } from './report/results.ts';
import { reportOf } from './report/tables.ts';
import { homes } from './world/homes/index.ts';

const setUpsAtOnce = 3;

const run = async (options: Options): Promise<Results> => {
  const { matrix, parts, waitSeconds, seed } = options;
  const setUps = parts.includes('set-up') ? setUpsOf(options.homes) : [];
  const steps = [
    ...(parts.includes('sign-in') ? options.homes.map((name) => stepsOf(name, options)) : []),
    parts.includes('dead') ? options.homes.length * waysToDie.length : 0,
    setUps.length,
  ];
  const progress = showProgress(steps.reduce((sum, one) => sum + one, 0));
  const [loadBefore = 0] = loadavg();
  const signIns: SignInRow[] = [];
  const dead: DeadRow[] = [];
  const setUp: SetUpRow[] = [];
  const sizes = [...new Set(matrix.map(([, contacts]) => contacts))];
  for (const name of parts.includes('sign-in') ? options.homes : []) {
    await using stage = await setStage({ ...options, prepareHome: homes[name], sizes, reach: 'starttls' });
    signIns.push(...(await measureSignIns(stage, options, progress)));
  }
  if (parts.includes('dead')) {
    const rttMs = Math.max(...matrix.map(([rtt]) => rtt));
    dead.push(...(await measureDead({ ...options, rttMs, contacts: 200, waitMs: waitSeconds * 1000 }, progress)));
  }
  // Mostly they wait, so several wait at once.
  const left = setUps.entries();
  const lane = async (): Promise<void> => {
    for (const [i, one] of left)
      setUp[i] = await measureSetUp(one, seed, progress).catch((error: Error) => {
        progress.done(`link from ${one.from} to ${one.to} failed: ${error.message}`);
        return { ...one, first: undefined, again: undefined };
      });
  };
  await Promise.all(Array.from({ length: setUpsAtOnce }, lane));
  const [loadAfter = 0] = loadavg();
  return {
    at: new Date().toISOString(),
    machine: { cpus: cpus().length, loadBefore, loadAfter },
    domains: options.domains,
    rate: Number.isFinite(options.rate) ? options.rate : null,
    loss: options.loss,
    proof: options.proof,
    isBidi: options.isBidi,
    signIns,
    dead,
    setUp,
  };
};

const main = async (args: readonly string[]): Promise<void> => {
  if (args.includes('--help')) return console.log(usage);
  const options = readOptions(args);
  if (options.from === undefined && !canServeNames())
    throw new Error('this needs Linux and root: a name server on port 53 and mount namespaces');
  const results =
    options.from === undefined ? await run(options) : (JSON.parse(readFileSync(options.from, 'utf8')) as Results);
  console.log(reportOf(results));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
  if (options.picture !== undefined) writeFileSync(options.picture, drawPicture(results));
};

await main(process.argv.slice(3)).catch((error: Error) => {
  console.error(error.message.startsWith('this needs') ? error.message : error);
  process.exitCode = 1;
});
