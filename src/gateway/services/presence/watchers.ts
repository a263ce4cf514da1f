// CSP 1.1, 1.2, 1.3 "Get watcher list". Who watches is who was let subscribe (RFC 6121 §3). Who did so earlier XMPP does not
// tell: it is kept here, for as long as anybody may ask. Reading a value once (PRESENCE_ACCESS) XMPP has not: who may read it
// has subscribed.

import type { StructureOf } from '../../../imps/primitives.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { userOfJid } from '../../mapping/address.ts';
import type { Effects, Handler } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { type Kept, kept } from '../common/kept.ts';
import { isWatcher, roster } from '../common/roster.ts';

interface Known {
  /** Bare JIDs. */
  readonly current: readonly string[];
  /** When they ceased to be (wall-clock ms), by bare JID. */
  readonly former: Readonly<Record<string, number>>;
}
const known: Kept<Known> = kept('presence.watchers', { current: [], former: {} });

const formerMax = 200;
/** A month, in seconds: nobody is remembered for longer. */
const historyMax = 30 * 24 * 3600;

/** The roster says who watches now. */
export const noteWatchers = async (session: SessionView): Promise<Effects> => {
  const now = session.clock.wall();
  const current = currentWatchers(session);
  const before = await known.read(session);
  const still = new Set(current);
  const former = [
    ...Object.entries(before.former).filter(([user, at]) => !still.has(user) && at > now - historyMax * 1000),
    ...before.current.filter((user) => !still.has(user)).map((user) => [user, now] as const),
  ]
    .sort(([, a], [, b]) => b - a)
    .slice(0, formerMax);
  const next: Known = { current, former: Object.fromEntries(former) };
  return JSON.stringify(next) === JSON.stringify(before) ? [] : [known.write(next)];
};

const currentWatchers = (session: SessionView): string[] =>
  [...session.slot(roster).items.values()]
    .filter(isWatcher)
    .map(({ jid }) => jid.toString())
    .sort();

/** Current watchers first, then, as far back as the phone asks (HistoryPeriod, seconds), those who were. */
export const getWatcherList: Handler<'GetWatcherList-Request'> = async (request, session) => {
  const items = await session.slot(roster).ready();
  const watchers = named(currentWatchers(session));
  const period = request.HistoryPeriod === undefined ? 0 : Math.min(request.HistoryPeriod, historyMax);
  const since = session.clock.wall() - period * 1000;
  const { former } = await known.read(session);
  const gone = Object.entries(former)
    .filter(([user, at]) => at >= since && !isWatcher(items.get(user)))
    .sort(([, a], [, b]) => b - a);
  const all = [
    ...watchers.map((one) => ({ ...one, WatcherStatus: 'CURRENT_SUBSCRIBER' as const })),
    ...named(period > 0 ? gone.map(([user]) => user) : []).map((one) => ({
      ...one,
      WatcherStatus: 'FORMER_SUBSCRIBER' as const,
    })),
  ];
  const shown = all.slice(0, request.MaxWatcherList ?? all.length);
  if (session.version === '1.1')
    return { name: 'GetWatcherList-Response', User: shown.map(({ UserID }) => ({ UserID })) };
  const HistoryPeriod = request.HistoryPeriod === undefined ? undefined : period;
  if (session.version === '1.2')
    return {
      name: 'GetWatcherList-Response',
      HistoryPeriod,
      Watcher: shown.map(({ UserID, WatcherStatus }) => ({ User: { UserID }, WatcherStatus })),
    };
  const Watcher = shown.map(({ jid, UserID, WatcherStatus }): StructureOf<'Watcher'> => {
    const FriendlyName = items.get(jid)?.name;
    return { UserID, ...(FriendlyName !== undefined && { FriendlyName }), WatcherStatus };
  });
  return { name: 'GetWatcherList-Response', HistoryPeriod, WatcherCount: all.length, Watcher };
};

const named = (users: readonly string[]): { readonly jid: string; readonly UserID: string }[] =>
  users.flatMap((jid) => {
    const UserID = userOfJid(Jid.from(jid));
    return UserID === undefined ? [] : [{ jid, UserID }];
  });
