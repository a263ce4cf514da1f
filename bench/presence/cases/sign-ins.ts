// The sign-ins of one home server: every case under every condition of the matrix.

import type { CaseName } from '../options.ts';
import type { Progress } from '../report/progress.ts';
import type { SignInRow } from '../report/results.ts';
import { duration } from '../report/units.ts';
import type { HomeName } from '../world/homes/home.ts';
import { userOf } from '../world/people.ts';
import { measureSignIn } from './sign-in.ts';
import type { Stage } from './stage.ts';

export interface SignInOptions {
  readonly matrix: readonly (readonly [rttMs: number, contacts: number])[];
  readonly cases: readonly CaseName[];
  readonly rate: number;
  readonly loss: number;
}

/** Nobody waits longer than this for a contact to be shown. */
const patienceMs = (rttMs: number): number => 20_000 + 40 * rttMs;
/** With every link cut there is nothing to wait for: whoever shows contacts, shows those it remembers. */
const cutPatienceMs = 5000;

/** How many sign-ins there will be. */
export const stepsOf = (name: HomeName, { matrix, cases }: SignInOptions): number => {
  const first = name === 'onesoup' ? 'first' : 'cold';
  const others = cases.filter((one) => one !== first && (one !== 'first' || name === 'onesoup'));
  return matrix.length * (1 + others.length);
};

export const measureSignIns = async (
  stage: Stage,
  options: SignInOptions,
  progress: Progress,
): Promise<SignInRow[]> => {
  const { home, links } = stage;
  const { cases, rate, loss } = options;
  const rows: SignInRow[] = [];
  for (const [rttMs, contacts] of options.matrix) {
    links.conditions = { rttMs, rate, loss };
    const user = userOf(contacts);
    const run = async (name: CaseName, withinMs = patienceMs(rttMs)): Promise<void> => {
      const what = `${home.name}, ${rttMs} ms, ${contacts} contacts, ${name}`;
      progress.begins(what);
      const { figures } = await measureSignIn(stage, user, withinMs);
      if (cases.includes(name)) rows.push({ home: home.name, case: name, rttMs, contacts, ...figures });
      const { shown, expected, allMs } = figures;
      progress.done(
        `${what}: ${allMs === undefined ? `${shown} of ${expected} shown` : `all after ${duration(allMs)}`}`,
      );
      await stage.watcher.signOff();
      if (name !== 'cut') await stage.quiet();
    };
    const restart = async (): Promise<void> => {
      await home.stop();
      await stage.noStreams();
      await home.start();
    };

    await home.stop();
    await stage.noStreams();
    // A server that remembers is asked first while it has nothing to remember. For the others, every cold start is a first.
    await home.forget(user);
    await home.start();
    await run(home.remembers ? 'first' : 'cold');
    if (cases.includes('re-login')) await run('re-login');
    if (cases.includes('idle')) {
      await stage.closeStreams();
      await run('idle');
    }
    if (home.remembers && cases.includes('cold')) {
      await restart();
      await run('cold');
    }
    if (cases.includes('cut')) {
      await links.become('cut');
      await run('cut', cutPatienceMs);
      await links.become('up');
    }
  }
  await home.stop();
  return rows;
};
