// Kills onesoup at random instants, also while it is starting, and starts it again on the same data and ports.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/base/random.ts';
import type { Onesoup } from '../peers/onesoup.ts';

export interface KillPlan {
  readonly kills: number;
  /** Milliseconds that it is up before it dies. */
  readonly upMs: readonly [least: number, most: number];
  /** The share of kills that strike a server that is still starting. */
  readonly whileStarting: number;
}

/** The times it died, for people to read; the server is up when this resolves. `died` gets what it had printed. */
export const killAtRandom = async (
  onesoup: Onesoup,
  plan: KillPlan,
  random: Random,
  died: (output: string) => void,
): Promise<readonly string[]> => {
  const between = (least: number, most: number): number => Math.round(least + random.fraction() * (most - least));
  const told: string[] = [];
  const kill = async (): Promise<void> => {
    await onesoup.stop('SIGKILL');
    died(onesoup.output());
  };
  for (let done = 0; done < plan.kills; done++) {
    const upMs = between(...plan.upMs);
    await sleep(upMs);
    await kill();
    told.push(`${upMs}`);
    while (done + 1 < plan.kills && random.fraction() < plan.whileStarting) {
      done++;
      const startingMs = between(50, 1500);
      // It is killed before it is up, or just after: either way this start is over.
      const starting = onesoup.start().catch(() => {});
      await sleep(startingMs);
      await kill();
      await starting;
      told.push(`${startingMs} after its start`);
    }
    await onesoup.start();
  }
  return told;
};
