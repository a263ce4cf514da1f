// CSP 1.1, 1.2, 1.3 "Subscribe presence", "Unsubscribe presence", "Presence notification".

import { jidOfUser } from '../../mapping/address.ts';
import { wishOf } from '../../mapping/sub-list.ts';
import { statusOf } from '../../result.ts';
import { type Effects, type Handler, keep, type WaitingKind } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { resultFor } from '../common/details.ts';
import { outward, publish } from './own.ts';
import { plan, replan, type Subscriptions, subscriptions } from './plan.ts';
import { targetsOf } from './targets.ts';

/** Contacts show themselves to those who are there themselves: the first presence must be out. */
export const beSeen = async (session: SessionView): Promise<Effects> =>
  session.slot(outward).since === undefined ? publish(session) : [];

/**
 * 200 also for users who may not exist and for those who have not let us subscribe yet.
 * COMPAT: S60 removes a contact that comes back under 531, and empties the list when 531 is the whole answer. (suite/compat.ts)
 */
export const subscribePresence: Handler<'SubscribePresence-Request'> = async (request, session) => {
  const { users, lists, refused } = await targetsOf(request, session);
  const wish = wishOf(request.PresenceSubList) ?? null;
  const before = session.slot(subscriptions);
  const next = { users: { ...before.users }, lists: { ...before.lists } } as {
    users: Record<string, Subscriptions['users'][string]>;
    lists: Record<string, Subscriptions['lists'][string]>;
  };
  for (const jid of users) next.users[jid.toString()] = { wish };
  for (const { name, members } of lists) {
    if (request.AutoSubscribe) next.lists[name] = { wish };
    // Without AutoSubscribe the list stands for those who are in it now.
    else for (const { jid } of members) next.users[jid.toString()] ??= { wish, list: name };
    for (const { jid } of members) {
      const known = next.users[jid.toString()];
      if (known?.list !== undefined) next.users[jid.toString()] = { ...known, wish };
    }
  }
  const done = users.length + lists.length;
  if (done === 0 && refused.length === 0) return statusOf(402);
  if (Object.keys(next.users).length > session.limits.watchedMax) return statusOf(402, 'too many users');
  const answer = { name: 'Status', Result: resultFor(refused, done, session.version) } as const;
  if (done === 0) return { answer, effects: [] };
  const first = await beSeen(session);
  return { answer, effects: [...first, keep(subscriptions, next), ...(await replan(session, next))] };
};

/** Ends the session's own subscription only: phones do so at every sign-in, and the contact must not be lost by it. */
export const unsubscribePresence: Handler<'UnsubscribePresence-Request'> = async (request, session) => {
  const { users, lists, refused } = await targetsOf(request, session);
  const before = session.slot(subscriptions);
  const names = new Set(lists.map(({ name }) => name));
  const gone = new Set(users.map((jid) => jid.toString()));
  const next: Subscriptions = {
    users: Object.fromEntries(
      Object.entries(before.users).filter(
        ([user, { list }]) => !gone.has(user) && !(list !== undefined && names.has(list)),
      ),
    ),
    lists: Object.fromEntries(Object.entries(before.lists).filter(([name]) => !names.has(name))),
  };
  const answer = { name: 'Status', Result: resultFor(refused, users.length + lists.length, session.version) } as const;
  return { answer, effects: [keep(subscriptions, next), ...(await replan(session, next))] };
};

/** Only the latest of each contact waits; several go out together as far as the phone takes them. */
export const presenceKind: WaitingKind = {
  outlivesSession: false,
  join: (primitives, session) =>
    session.personality.onePresencePerNotification
      ? undefined
      : {
          name: 'PresenceNotification-Request',
          Presence: primitives.flatMap((one) => (one.name === 'PresenceNotification-Request' ? one.Presence : [])),
        },
  // A picture that does not fit is left out: everything else about the contact counts more.
  shrink(primitive) {
    if (primitive.name !== 'PresenceNotification-Request') return undefined;
    let isSmaller = false;
    const Presence = primitive.Presence.map((one) => ({
      ...one,
      PresenceSubList: one.PresenceSubList?.map(({ StatusContent, ContactInfo, ...rest }) => {
        isSmaller ||= StatusContent !== undefined || ContactInfo !== undefined;
        return rest;
      }),
    }));
    return isSmaller ? { ...primitive, Presence } : undefined;
  },
  onSettled(item, end, session) {
    // The phone never took it: what it shows is not what it was told.
    if (end.how !== 'acknowledged' && session && item.primitive.name === 'PresenceNotification-Request')
      for (const { UserID } of item.primitive.Presence) {
        const jid = UserID === undefined ? undefined : jidOfUser(UserID, session.user.domain);
        if (jid) session.slot(plan).said.delete(jid.toString());
      }
    return [];
  },
};
