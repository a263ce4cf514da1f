// How long the contacts of servers that died stay online in the picture of somebody who is signed in.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Presence } from '../clients/presences.ts';
import { onlineAfter } from '../report/arrivals.ts';
import type { Progress } from '../report/progress.ts';
import type { DeadRow } from '../report/results.ts';
import { duration } from '../report/units.ts';
import { userOf } from '../world/people.ts';
import { measureSignIn } from './sign-in.ts';
import type { Stage } from './stage.ts';

export interface DeadOptions {
  readonly rttMs: number;
  readonly contacts: number;
  /** How long to wait for the last of them to go. */
  readonly waitMs: number;
}

/** Ends the remote servers: nothing can be measured on this stage afterwards. */
export const measureDead = async (stage: Stage, options: DeadOptions, progress: Progress): Promise<DeadRow[]> => {
  const { home, links, remotes, watcher } = stage;
  const { rttMs, contacts, waitMs } = options;
  links.conditions = { ...links.conditions, rttMs };
  await home.forget(userOf(contacts));
  await home.start();
  const rows: DeadRow[] = [];
  for (const how of ['lost', 'killed'] as const) {
    progress.begins(`${home.name}, remote servers ${how}`);
    const { figures, presences } = await measureSignIn(stage, userOf(contacts), 30_000 + 40 * rttMs);
    if (figures.shown < contacts)
      throw new Error(`only ${figures.shown} of ${contacts} contacts were shown to begin with`);
    await (how === 'lost' ? links.become('cut') : remotes.prosody.stop('SIGKILL'));
    const start = performance.now();
    let firstGoneMs: number | undefined;
    let stillOnline = contacts;
    const shown: Presence[] = [...presences];
    while (stillOnline > 0 && performance.now() - start < waitMs) {
      await sleep(100);
      shown.push(...(await watcher.received()).presences);
      stillOnline = onlineAfter(shown).size;
      if (stillOnline < contacts) firstGoneMs ??= performance.now() - start;
    }
    const waitedMs = performance.now() - start;
    const allGoneMs = stillOnline === 0 ? waitedMs : undefined;
    rows.push({ home: home.name, how, rttMs, contacts, firstGoneMs, allGoneMs, stillOnline, waitedMs });
    const gone = allGoneMs === undefined ? `${stillOnline} of ${contacts} still shown after` : 'all gone after';
    progress.done(`${home.name}, remote servers ${how}: ${gone} ${duration(waitedMs)}`);
    await watcher.signOff();
    if (how === 'killed') continue;
    await links.become('up');
    await stage.quiet();
  }
  await home.stop();
  return rows;
};
