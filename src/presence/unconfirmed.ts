// How many entries nothing has confirmed since they were put in doubt, for metrics.

import type { PresenceState } from './state.ts';

/** Over all users; takes no longer for many pairs than for few. */
export const unconfirmedOf = (state: PresenceState): number => {
  let count = 0;
  for (const { unconfirmed } of state.domains.values()) count += unconfirmed;
  return count;
};
