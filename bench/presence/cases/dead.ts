// How long the contacts of servers that died stay online in the picture of somebody who is signed in. Mostly this waits, so
// every home server and both ways to die wait at the same time.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Presence } from '../clients/presences.ts';
import { onlineAfter } from '../report/arrivals.ts';
import type { Progress } from '../report/progress.ts';
import type { DeadRow } from '../report/results.ts';
import { duration } from '../report/units.ts';
import type { HomeName } from '../world/homes/home.ts';
import { homes } from '../world/homes/index.ts';
import { userOf } from '../world/people.ts';
import { measureSignIn } from './sign-in.ts';
import { type Stage, type StageOptions, setStage } from './stage.ts';

export interface DeadOptions extends Pick<StageOptions, 'domains' | 'proof' | 'isBidi' | 'seed'> {
  readonly homes: readonly HomeName[];
  readonly rttMs: number;
  readonly contacts: number;
  /** How long to wait for the last of them to go. */
  readonly waitMs: number;
}

/**
 * The least onesoup allows. A link that broke is noticed at once, and its contacts are shown for the grace time; one that fell
 * silent is noticed when the next question, after at most five minutes here, is not answered.
 */
const shortest = {
  presence: { grace_seconds: 20, aged_minutes: 5, probe_timeout_seconds: 5, unconfirmed_max_minutes: 1 },
};

export const waysToDie = ['killed', 'lost'] as const;

export const measureDead = async (options: DeadOptions, progress: Progress): Promise<DeadRow[]> => {
  const { contacts, rttMs } = options;
  await using stack = new AsyncDisposableStack();
  const waiting: Promise<DeadRow>[] = [];
  for (const name of options.homes)
    for (const how of waysToDie) {
      progress.begins(`${name}, remote servers ${how}`);
      const stage = stack.use(
        await setStage({
          ...options,
          prepareHome: homes[name],
          sizes: [contacts],
          reach: 'starttls',
          onesoup: shortest,
        }),
      );
      stage.links.conditions = { ...stage.links.conditions, rttMs };
      await stage.home.forget(userOf(contacts));
      await stage.home.start();
      const { figures, presences } = await measureSignIn(stage, userOf(contacts), 30_000 + 40 * rttMs);
      if (figures.shown < contacts) throw new Error(`${name} showed only ${figures.shown} of ${contacts} contacts`);
      await (how === 'lost' ? stage.links.become('cut') : stage.remotes.prosody.stop('SIGKILL'));
      const watched = watch(stage, presences, how, options, progress);
      // Until all are awaited: one may fail while others are still being prepared.
      watched.catch(() => {});
      waiting.push(watched);
    }
  // Awaited here: the stages stand until then.
  return await Promise.all(waiting);
};

const watch = async (
  { home, watcher }: Stage,
  shown: Presence[],
  how: DeadRow['how'],
  { rttMs, contacts, waitMs }: DeadOptions,
  progress: Progress,
): Promise<DeadRow> => {
  const start = performance.now();
  let firstGoneMs: number | undefined;
  let stillOnline = contacts;
  while (stillOnline > 0 && performance.now() - start < waitMs) {
    await sleep(200);
    const { presences } = await watcher.received();
    if (presences.length === 0) continue;
    shown.push(...presences);
    stillOnline = onlineAfter(shown).size;
    if (stillOnline < contacts) firstGoneMs ??= performance.now() - start;
  }
  const waitedMs = performance.now() - start;
  const allGoneMs = stillOnline === 0 ? waitedMs : undefined;
  const gone = allGoneMs === undefined ? `${stillOnline} of ${contacts} still shown after` : 'all gone after';
  progress.done(`${home.name}, remote servers ${how}: ${gone} ${duration(waitedMs)}`);
  return { home: home.name, how, rttMs, contacts, firstGoneMs, allGoneMs, stillOnline, waitedMs };
};
