// Invitations to see each other's presence (CSP InviteType PR), which are suggestions of contacts (XEP-0144) elsewhere: what
// taking one up means for the contact list and the subscriptions (RFC 6121 §3).

import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { type Effect, type Effects, send } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { isWatched, type RosterItem, roster } from '../common/roster.ts';
import { type ShownInvitation, sent } from './kept.ts';

export const subscription = (session: SessionView, to: Jid, type: 'subscribe' | 'subscribed'): Effect =>
  send(Stanza.make({ kind: 'presence', type, id: session.random.id(12), to }));

/** The user has taken it up: the contacts are in the list, and asked; the inviter may see the user. */
export const takeUp = async (session: SessionView, { from, contacts = [] }: ShownInvitation): Promise<Effects> => {
  const effects: Effect[] = [];
  for (const { jid: text, name } of contacts) {
    const jid = Jid.from(text);
    if (text === from) effects.push(subscription(session, jid, 'subscribed'));
    effects.push(...(await add(session, jid, name)));
  }
  return effects;
};

const watching = slot('invitations-guests', () => ({ has: false }));

/** Whom the user has invited sees the user now: the other way round is asked for too. */
export const watchForGuests = (session: SessionView): void => {
  const state = session.slot(watching);
  if (state.has) return;
  state.has = true;
  session.slot(roster).watch((jid, item) => {
    if (item?.subscription !== 'from' || item.ask) return;
    session.run(async () => {
      const open = [...(await sent.open(session)).values()];
      const isGuest = open.some(({ type, to }) => type === 'PR' && to.includes(jid.toString()));
      return isGuest ? add(session, jid, undefined) : [];
    });
  });
};

/** Into the contact list, and a subscription request where the contact does not show us its presence yet. */
export const add = async (session: SessionView, jid: Jid, name: string | undefined): Promise<Effects> => {
  const items = await session.slot(roster).ready();
  const item: RosterItem | undefined = items.get(jid.toString());
  if (!item) {
    const done = await session.slot(roster).set(jid, name, []);
    if (!done.ok) {
      session.log.info({ contact: jid.toString(), reason: done.fault.reason }, 'a suggested contact was not added');
      return [];
    }
  }
  return isWatched(item) || item?.ask ? [] : [subscription(session, jid, 'subscribe')];
};
