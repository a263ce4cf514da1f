// RFC 6121 §3: subscription requests, approvals, cancellations and pre-approvals, from our users and for them.

import type { RosterItem } from '../../../store/store.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import type { Received, Sent } from '../../points.ts';
import type { LocalUser } from '../../users/local-user.ts';
import { emptyItem } from '../../users/roster.ts';
import type { Turn } from '../../users/turns.ts';
import { sendPresenceTo, sendUnavailableTo } from '../presence/broadcast.ts';
import { viewOf } from '../presence/view.ts';
import { pushItem } from '../roster/push.ts';
import { inState, letsSee, receivedSteps, type SubscriptionType, sees, sentSteps, stateOf } from './tables.ts';

const recordOf = (user: LocalUser, contact: Jid): RosterItem =>
  user.roster.get(contact) ?? emptyItem(contact.bare.toString());

/** Said once and for good, so it is kept on its way to another server. */
const say = (user: LocalUser, to: Jid, type: SubscriptionType): Promise<void> =>
  user.host.route(Stanza.make({ kind: 'presence', type, from: user.jid, to: to.bare }));

const isFull = (user: LocalUser, contact: Jid): boolean =>
  !user.roster.get(contact) && user.roster.size >= user.host.limits.rosterItemsMax;

/** Requests of people who are not in the roster fill a tenth of it: strangers must not keep out those whom the user wants. */
const hasManyRequests = ({ roster, host: { limits } }: LocalUser, contact: Jid): boolean => {
  if (roster.get(contact)?.listed) return false;
  let count = 0;
  for (const { listed, request } of roster.records) if (!listed && request !== undefined) count++;
  return count >= limits.rosterItemsMax / 10;
};

// ---- from our user (§3.1.2, §3.1.5, §3.2.2, §3.3.2, §3.4)

export const handleSubscriptionSent = async (type: SubscriptionType, sent: Sent): Promise<void> => {
  const { user, session, turn } = sent;
  const contact = sent.stanza.to?.bare;
  if (!contact) return session.deliver(sent.stanza.error('bad-request', { text: 'a subscription needs an address' }));
  if (contact.equals(user.jid)) return;
  if (type !== 'unsubscribed' && type !== 'unsubscribe' && isFull(user, contact))
    return session.deliver(sent.stanza.error('resource-constraint', { text: 'the roster is full' }));
  // RFC 6121 §3.1.2: stamped with the bare JID, addressed to the bare JID.
  const stanza = sent.stanza.with({ from: user.jid, to: contact });
  const before = recordOf(user, contact);
  const state = stateOf(before);
  const { pass, next } = sentSteps[type][state];
  if (!pass) return preApproval(type, user, before);

  const after = inState({ ...before, listed: before.listed || type === 'subscribe' || type === 'subscribed' }, next);
  await store(user, before, type === 'unsubscribed' ? { ...after, approved: false } : after);
  turn.also(user.host.route(stanza));
  if (type === 'subscribed') sendPresenceTo(user, contact, turn);
  if (type === 'unsubscribed' && letsSee(state)) sendUnavailableTo(user, contact, turn);
  if (sees(state) && !sees(next)) viewOf(user.host).remove(user, contact);
};

/** §3.4: nobody waits for this approval; it is noted for the day when somebody asks, and can be taken back. */
const preApproval = async (type: SubscriptionType, user: LocalUser, before: RosterItem): Promise<void> => {
  if (letsSee(stateOf(before))) return;
  if (type === 'subscribed') await store(user, before, { ...before, approved: true, listed: true });
  if (type === 'unsubscribed' && before.approved) await store(user, before, { ...before, approved: false });
};

// ---- for our user (§3.1.3, §3.1.6, §3.2.3, §3.3.3)

export const handleSubscriptionReceived = async (type: SubscriptionType, received: Received): Promise<void> => {
  const { user, turn } = received;
  const contact = received.stanza.from?.bare;
  if (!contact || contact.equals(user.jid)) return;
  // A request waits here and is shown at every sign-in: what goes with it may be no larger than our own users' (they are told).
  const { stanza: given } = received;
  const isLarge = given.inner.length > user.host.limits.presenceMax;
  const stanza = isLarge
    ? Stanza.make({ kind: 'presence', type, id: given.id, from: contact, to: user.jid })
    : given.with({ from: contact, to: user.jid });
  const before = recordOf(user, contact);
  const state = stateOf(before);
  const { pass, next } = receivedSteps[type][state];

  if (type === 'subscribe') {
    if (letsSee(state)) turn.also(say(user, contact, 'subscribed'));
    else if (pass && before.approved) {
      const granted = sentSteps.subscribed[next].next;
      await store(user, before, { ...inState(before, granted), approved: false });
      turn.also(say(user, contact, 'subscribed'));
      sendPresenceTo(user, contact, turn);
    } else if (pass && !isFull(user, contact) && !hasManyRequests(user, contact)) {
      // The request stays until it is answered, and is shown again at every sign-in.
      await store(user, before, inState(before, next, stanza.toXml()));
      user.deliverTo(user.available, stanza);
    }
    return;
  }
  if (!pass) return;
  await user.roster.put(inState(before, next));
  // The stanza goes before the push, so that a client knows why its roster changes.
  if (before.listed || type === 'unsubscribe') user.deliverTo(user.interested, stanza);
  if (isVisible(before, inState(before, next))) pushItem(user, before.contact);
  if (type === 'unsubscribe' && letsSee(state)) sendUnavailableTo(user, contact, turn);
  if (type === 'subscribed') viewOf(user.host).add(user, contact);
  if (type === 'unsubscribed' && sees(state)) viewOf(user.host).remove(user, contact);
};

// ---- the roster item goes (§2.5)

/** Ends what subscriptions there are with a contact whose item is being removed; the caller removes it. */
export const endSubscriptions = (user: LocalUser, item: RosterItem, contact: Jid, turn: Turn): void => {
  const state = stateOf(item);
  if (sees(state) || item.ask) turn.also(say(user, contact, 'unsubscribe'));
  if (letsSee(state) || item.request !== undefined) turn.also(say(user, contact, 'unsubscribed'));
  if (letsSee(state)) sendUnavailableTo(user, contact, turn);
  if (sees(state)) viewOf(user.host).remove(user, contact);
};

/** Stores a changed record and tells the clients what they can see of it. */
const store = async (user: LocalUser, before: RosterItem, after: RosterItem): Promise<void> => {
  if (isSame(before, after)) return;
  await user.roster.put(after);
  if (isVisible(before, after)) pushItem(user, after.contact);
};

const isSame = (a: RosterItem, b: RosterItem): boolean =>
  a.subscription === b.subscription &&
  a.ask === b.ask &&
  a.request === b.request &&
  a.approved === b.approved &&
  a.listed === b.listed;

/** Clients see neither unlisted records nor the requests that wait. */
const isVisible = (a: RosterItem, b: RosterItem): boolean =>
  b.listed &&
  (a.subscription !== b.subscription || a.ask !== b.ask || a.approved !== b.approved || a.listed !== b.listed);
