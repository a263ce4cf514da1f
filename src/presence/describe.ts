// What the view has on a user's contacts, for an operator who is told "he looks online but is not".

import type { MonoMs } from '../base/clock.ts';
import type { PairId } from './memory/pairs.ts';
import { none } from './memory/rows.ts';
import { lastOutcome } from './probes.ts';
import { contactOf, domainOf, isConfirmed, isLocal, never, type PresenceState } from './state.ts';
import type { ContactDescription, LastProbe } from './view.ts';
import { dueOf } from './wheel.ts';

/** Everything the view has on the user's contacts. `now`: as for `step`. Changes nothing. */
export const describe = (state: PresenceState, user: string, now: MonoMs): ContactDescription[] => {
  const described: ContactDescription[] = [];
  const { pairs } = state;
  let pair = state.users.get(user)?.contacts.first ?? none;
  for (; pair !== none; pair = pairs.ofUser.next.get(pair)) {
    const { downSince } = domainOf(state, pair);
    const checkedAt = pairs.checkedAt.get(pair);
    described.push({
      contact: contactOf(state, pair),
      isLocal: isLocal(state, pair),
      resources: resourcesOf(state, pair, now),
      checkedAgoMs: checkedAt === never ? undefined : agoMs(state, checkedAt * 100, now),
      probe: probeOf(state, pair, now),
      domainDownMs: downSince === undefined ? undefined : agoMs(state, downSince, now),
      nextLookInMs: isLocal(state, pair) ? undefined : Math.max(0, dueOf(state, pair) + state.sleptMs - now),
    });
  }
  return described;
};

const resourcesOf = (state: PresenceState, pair: PairId, now: MonoMs): ContactDescription['resources'] => {
  const { pairs, entries, texts } = state;
  const resources = [];
  for (let entry = pairs.first.get(pair); entry !== none; entry = entries.next.get(entry))
    resources.push({
      resource: texts.textOf(entries.resource.get(entry)),
      payload: texts.textOf(entries.payload.get(entry)),
      ageMs: agoMs(state, entries.seenAt.get(entry) * 100, now),
      isConfirmed: isConfirmed(state, pair, entry),
    });
  return resources;
};

const probeOf = (state: PresenceState, pair: PairId, now: MonoMs): LastProbe | undefined => {
  const probedAt = state.pairs.probedAt.get(pair);
  if (probedAt === never) return undefined;
  return { sentAgoMs: agoMs(state, probedAt * 100, now), ...lastOutcome(state, pair) };
};

/** From the view's time to how long ago that was, with what was slept through since. */
const agoMs = (state: PresenceState, at: MonoMs, now: MonoMs): number => {
  let ago = now - state.sleptMs - at;
  for (const sleep of state.sleeps) if (sleep.at >= at) ago += sleep.ms;
  return Math.max(0, ago);
};
