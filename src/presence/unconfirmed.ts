// How many entries nothing has confirmed since they were put in doubt, for metrics.

import type { MonoMs } from '../base/clock.ts';
import { none } from './memory/rows.ts';
import { isConfirmed, isLocal, type PresenceState, tenthOf } from './state.ts';
import { keptMs } from './view.ts';

/** Looks at the contacts of domains that are in doubt; no doubt outlives the time for which an unconfirmed entry is kept. */
export const unconfirmedOf = (state: PresenceState, now: MonoMs): number => {
  const { pairs, entries } = state;
  const oldest = tenthOf(now - state.sleptMs - keptMs(state.options));
  let count = 0;
  for (const { contacts, doubtedBefore } of state.domains.values()) {
    if (doubtedBefore < oldest) continue;
    for (let pair = contacts.first; pair !== none; pair = pairs.ofDomain.next.get(pair)) {
      if (isLocal(state, pair)) continue;
      for (let entry = pairs.first.get(pair); entry !== none; entry = entries.next.get(entry))
        if (!isConfirmed(state, pair, entry)) count++;
    }
  }
  return count;
};
