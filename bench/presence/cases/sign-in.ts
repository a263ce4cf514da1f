// One sign-in, measured: from the initial presence until every online contact is shown and the links have fallen silent.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Presence } from '../clients/presences.ts';
import { type Arrivals, arrivalsOf } from '../report/arrivals.ts';
import { difference, type LinkCounts } from '../world/links.ts';
import { addressOf, contactsOf } from '../world/people.ts';
import type { Stage } from './stage.ts';

export interface SignIn extends Arrivals {
  /** Octets the client was sent, and in how many pieces its socket had them. */
  readonly octets: number;
  readonly reads: number;
  readonly links: LinkCounts;
  /** Round trips one after the other until all were shown: the time in units of the links' round trip. */
  readonly roundTrips: number | undefined;
}

/** The session stays; `presences` go on to whoever measures what happens to it next. */
export const measureSignIn = async (
  stage: Stage,
  user: string,
  withinMs: number,
): Promise<{ readonly figures: SignIn; readonly presences: Presence[] }> => {
  const { watcher, links, contacts } = stage;
  const expected = new Set(contactsOf(user, contacts).map(addressOf));
  const { rttMs } = links.conditions;
  await stage.signIn(user);
  const before = links.counts();
  const start = performance.now();
  await watcher.appear();
  const presences: Presence[] = [];
  for (;;) {
    await sleep(100);
    const { presences: more, octets, reads } = await watcher.received();
    presences.push(...more);
    const arrivals = arrivalsOf(presences, expected);
    const isLate = performance.now() - start > withinMs;
    const isQuiet = links.quietMs >= 500 + 2 * rttMs && performance.now() - start >= 500 + 2 * rttMs;
    if (!isLate && (arrivals.shown < expected.size || !isQuiet)) continue;
    const { allMs } = arrivals;
    const figures = {
      ...arrivals,
      octets,
      reads,
      links: difference(links.counts(), before),
      roundTrips: allMs === undefined || rttMs === 0 ? undefined : allMs / rttMs,
    };
    return { figures, presences };
  }
};
