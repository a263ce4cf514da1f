// What the gateway promises about wake-ups: no news wake a phone twice within its ServerPollMin.

import { type Log, silentLog } from '../../base/log.ts';

export interface Waking {
  /** Of the session. */
  readonly user: string;
  readonly channel: string;
  /** Grows with all that arrives for the phone and is worth a wake-up. */
  readonly news: number;
  readonly atMostEveryS: number;
}

/** Watches one process. `now`: monotonic ms. `twice` is told of each wake-up that came too soon, `woken` of each. */
export const wakingsOf = (now: () => number, woken: (of: Waking) => void, twice: (what: string) => void) => {
  const last = new Map<string, { readonly at: number; readonly news: number }>();
  return (bindings: object, fields: object): void => {
    const waking = { ...bindings, ...fields } as Waking & { readonly session: string };
    const { session, user, channel, news, atMostEveryS } = waking;
    const before = last.get(session);
    const at = now();
    // Sums of times are a little off.
    if (before && before.news === news && at - before.at < atMostEveryS * 1000 - 1)
      twice(`${user} is woken over ${channel} ${at - before.at} ms after it was woken, of nothing new`);
    last.set(session, { at, news });
    woken(waking);
  };
};

/** The log, and a look at what it is told of wake-ups. */
export const seeingWakings = (log: Log, see: (bindings: object, fields: object) => void): Log => {
  const bound = (bindings: object): Log => ({
    ...silentLog,
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    debug(fields, message) {
      if (message === 'woken') see(bindings, fields);
    },
    child: (more) => bound({ ...bindings, ...more }),
  });
  return bound({});
};
