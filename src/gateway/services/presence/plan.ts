// CSP "Subscribe presence": whom this session wants to see, and the notifications that follow. A CSP subscription belongs to
// the session and ends with it; the XMPP subscription behind it (RFC 6121 §3) is lasting and is asked for where it is missing.

import { hash } from 'node:crypto';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { userOfJid } from '../../mapping/address.ts';
import { writeNick } from '../../mapping/contact-presence.ts';
import {
  type AttributeName,
  attributesByDevice,
  attributesOf,
  type OwnAttributes,
} from '../../mapping/presence-table.ts';
import { joinWishes, type SubList, withValues } from '../../mapping/sub-list.ts';
import { type Effect, type Effects, enqueue, send } from '../../service.ts';
import { keptSlot, type SessionView, slot } from '../../session-view.ts';
import { type Kept, kept } from '../common/kept.ts';
import { isWatched, roster } from '../common/roster.ts';
import { sessionLists } from '../contact-lists/session-lists.ts';
import { contacts } from './contacts.ts';
import { outward, ownAttributes, ownSeen } from './own.ts';
import { needsPortrait, type Portraits, portraits } from './portraits.ts';

/** null: all attributes. */
type Wish = readonly AttributeName[] | null;

export interface Subscriptions {
  /** By bare JID; `list`: the contact list by which the contact came in. */
  readonly users: { readonly [user: string]: { readonly wish: Wish; readonly list?: string } };
  /** Lists subscribed with AutoSubscribe, by name: whoever is in them. */
  readonly lists: { readonly [name: string]: { readonly wish: Wish } };
}
export const subscriptions = keptSlot<Subscriptions>('presence-subscriptions', { users: {}, lists: {} });

interface Plan {
  /** Subscriptions as last changed by a request: known here before they are kept. */
  latest: Subscriptions | undefined;
  /** Bare JIDs and what is wanted of them. */
  wishes: Map<string, Wish>;
  /** What the phone was told last of each, as text: nothing equal is told twice. */
  readonly said: Map<string, string>;
  settling: Disposable | undefined;
}
export const plan = slot<Plan>('presence-plan', () => ({
  latest: undefined,
  wishes: new Map(),
  said: new Map(),
  settling: undefined,
}));

/** When contacts were asked, by bare JID: nobody is asked again and again. */
const asked: Kept<Readonly<Record<string, number>>> = kept('presence.asked', {});
const askedMax = 2000;
const askAgainMs = 24 * 3600 * 1000;
/** How long contacts' presence may take after ours went out, before silence means offline. */
const settleMs = 3000;

/**
 * Works out anew whom the session watches. `change`: subscriptions about to be kept. Returns what follows: presence of those
 * that are new, a last "offline" for those who left the roster, and subscription requests.
 */
export const replan = async (session: SessionView, change?: Subscriptions): Promise<Effects> => {
  const state = session.slot(plan);
  if (change) state.latest = change;
  const { lists } = await sessionLists(session);
  // What a request has changed meanwhile counts, kept or about to be: else this would undo it, and nobody be told of anybody.
  const subs = state.latest ?? session.slot(subscriptions);
  const next = new Map<string, Wish>();
  const add = (user: string, wish: Wish): void => {
    const before = next.get(user);
    next.set(user, before === undefined ? wish : (joinWishes(before ?? undefined, wish ?? undefined) ?? null));
  };
  for (const [user, { wish }] of Object.entries(subs.users)) add(user, wish);
  for (const [name, { wish }] of Object.entries(subs.lists))
    for (const { jid } of lists.find((list) => list.name === name)?.members ?? []) add(jid.toString(), wish);

  const before = state.wishes;
  state.wishes = next;
  const effects: Effect[] = [];
  for (const user of before.keys()) if (!next.has(user)) state.said.delete(user);
  const fresh = [...next.keys()].filter((user) => JSON.stringify(before.get(user)) !== JSON.stringify(next.get(user)));
  for (const user of fresh) state.said.delete(user);
  effects.push(...(await ask(session, fresh, subs)));
  effects.push(...(await news(session, fresh)));
  return effects;
};

/** Presence of these users as notifications, where the phone does not know it yet. Who may still answer is waited for. */
export const news = async (session: SessionView, users: Iterable<string>): Promise<Effects> => {
  const state = session.slot(plan);
  const { since } = session.slot(outward);
  const restMs = since === undefined ? settleMs : since + settleMs - session.clock.mono();
  const all = [...users].filter((user) => state.wishes.has(user));
  const own = all.includes(session.user.toString()) ? await ownAttributes.read(session) : {};
  // From here on nothing is waited for: what is worked out first is told first.
  const effects: Effect[] = [];
  let isSilent = false;
  for (const user of all) {
    const wish = state.wishes.get(user);
    if (wish === undefined) continue;
    const jid = Jid.from(user);
    const isSelf = jid.equals(session.user);
    if (!isSelf && restMs > 0 && !session.slot(contacts).has(jid)) {
      isSilent = true;
      continue;
    }
    const UserID = userOfJid(jid);
    if (UserID === undefined) continue;
    const PresenceSubList = [shownOf(session, jid, wish ?? undefined, own)];
    const text = digestOf(PresenceSubList);
    if (state.said.get(user) === text) continue;
    state.said.set(user, text);
    effects.push(
      enqueue({
        kind: 'presence',
        primitive: { name: 'PresenceNotification-Request', Presence: [{ UserID, PresenceSubList }] },
        durable: false,
        replaces: user,
      }),
    );
  }
  if (isSilent) settle(session, restMs);
  return effects;
};

/** What the phone is shown of somebody. Of one who did not let us subscribe nothing is known. */
export const shownOf = (
  session: SessionView,
  user: Jid,
  wish: readonly AttributeName[] | undefined,
  own: OwnAttributes,
): SubList => {
  if (user.equals(session.user)) return withValues(ownSeen(own, session), wish, session.version, true);
  const isSeen = isWatched(session.slot(roster).items.get(user.toString())) || session.slot(contacts).has(user);
  if (!isSeen) return withValues({}, wish, session.version);
  const known = session.slot(contacts).of(user);
  const contact = needsPortrait(wish) ? portraitsOf(session).of(user, known, wish) : known;
  const seen = attributesOf(contact, session.personality);
  return withValues(seen, wish, session.version, false, attributesByDevice(contact));
};

/** Made for the sessions that need them. */
const portraitsOf = (session: SessionView): Portraits => {
  const all = session.slot(portraits);
  // Not while a request is worked on: what it is about to tell knows nothing of it yet.
  all.onKnown = (user) => session.between(() => news(session, [user.toString()]));
  return all;
};

/** Enough to tell whether the same was said before: each phone has one for each of its contacts. */
const digestOf = (list: readonly SubList[]): string => {
  const text = JSON.stringify(list);
  return text.length <= digestLength ? text : hash('sha1', text, 'base64');
};
const digestLength = 28;

/** Once contacts had their time to answer, the silent ones are told as what they are. */
export const settle = (session: SessionView, delayMs = settleMs): void => {
  const state = session.slot(plan);
  state.settling?.[Symbol.dispose]();
  state.settling = session.after(delayMs, () => news(session, [...state.wishes.keys()]));
};

/** The contact is gone from the roster: the phone is told once that nothing is seen of them any more. */
export const farewell = async (session: SessionView, user: Jid): Promise<Effects> => {
  session.slot(contacts).forget(user);
  return session.slot(plan).wishes.has(user.toString()) && session.slot(plan).said.has(user.toString())
    ? news(session, [user.toString()])
    : [];
};

/**
 * Subscription requests (RFC 6121 §3.1.1) to those who do not show us their presence. Phones subscribe whole lists at every
 * sign-in: who is merely in one is asked once ever, who is named is asked again after a day.
 */
const ask = async (session: SessionView, users: readonly string[], subs: Subscriptions): Promise<Effects> => {
  const items = session.slot(roster).items;
  const now = session.clock.wall();
  const before = await asked.read(session);
  const { Alias } = await ownAttributes.read(session);
  const effects: Effect[] = [];
  const next: Record<string, number> = { ...before };
  for (const user of users) {
    const item = items.get(user);
    const to = Jid.from(user);
    if (to.equals(session.user) || isWatched(item) || item?.ask) continue;
    const isNamed = subs.users[user] !== undefined && subs.users[user].list === undefined;
    const askedAt = before[user];
    if (askedAt !== undefined && (!isNamed || askedAt > now - askAgainMs)) continue;
    next[user] = now;
    const nick = typeof Alias?.PresenceValue === 'string' ? writeNick(Alias.PresenceValue) : undefined;
    effects.push(send(Stanza.make({ kind: 'presence', type: 'subscribe', id: session.random.id(12), to }, nick)));
  }
  if (effects.length === 0) return [];
  const kept = Object.entries(next)
    .sort(([, a], [, b]) => b - a)
    .slice(0, askedMax);
  return [...effects, asked.write(Object.fromEntries(kept))];
};
