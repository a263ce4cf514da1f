// RFC 6121 §4.2 to §4.6: our users' presence on its way out.

import { textOf } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { presenceNews, seenFromNow } from '../../points.ts';
import type { Session } from '../../sessions/session.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { Turn } from '../../users/turns.ts';

/** Contacts who may see the user's presence and are not blocked (XEP-0191 §3.2). */
const watchers = (user: LocalUser): Jid[] => {
  const jids: Jid[] = [];
  for (const { contact, subscription } of user.roster.records) {
    if (subscription !== 'from' && subscription !== 'both') continue;
    const jid = Jid.from(contact);
    if (!user.blocks.has(jid)) jids.push(jid);
  }
  return jids;
};

/** To the user's own available resources, the one that says it included. */
export const echo = (user: LocalUser, stanza: Stanza): void => user.deliverTo(user.available, stanza);

/** To every contact who may see it. */
export const broadcast = (user: LocalUser, stanza: Stanza, turn: Turn): void => {
  for (const to of watchers(user)) turn.also(user.host.broadcast(stanza.with({ to })));
  user.host.hooks.tell(presenceNews, stanza.with({ to: user.jid }));
};

/** §3.1.5: somebody may see the user from now on. */
export const sendPresenceTo = (user: LocalUser, contact: Jid, turn: Turn): void => {
  for (const { presence } of user.available)
    if (presence) turn.also(user.host.broadcast(presence.with({ to: contact })));
  user.host.hooks.tell(seenFromNow, { user, contact });
};

/** Somebody may not see the user any more. */
export const sendUnavailableTo = (user: LocalUser, contact: Jid, turn: Turn): void => {
  for (const { jid } of user.available)
    turn.also(user.host.broadcast(Stanza.make({ kind: 'presence', type: 'unavailable', from: jid, to: contact })));
};

/** §4.5.2, §4.6.3: a session stops being available; whoever knew it available hears so, once. */
export const goUnavailable = async (session: Session, stanza: Stanza, turn: Turn): Promise<void> => {
  const { user } = session;
  const wasAvailable = session.isAvailable;
  session.presence = undefined;
  session.priority = 0;
  const directed = [...session.directed.values()];
  session.directed.clear();
  if (wasAvailable) {
    echo(user, stanza);
    broadcast(user, stanza, turn);
  }
  for (const to of directed) {
    const isTold = wasAvailable && (user.roster.letsSee(to) || to.bare.equals(user.jid));
    if (!isTold) turn.also(user.host.broadcast(stanza.with({ to })));
  }
  if (wasAvailable && user.available.length === 0) {
    const status = stanza.child('status');
    await user.host.store.accounts.setLastActivity(
      user.jid.toString(),
      user.host.clock.wall(),
      (status ? textOf(status) : '').slice(0, 1_023),
    );
  }
};

/** In the name of a session that can't say it itself any more. */
export const goodbye = (session: Session): Stanza =>
  Stanza.make({ kind: 'presence', type: 'unavailable', from: session.jid });

/** The presences of the user's available resources, as one contact gets to see them. */
export const presencesFor = (user: LocalUser, contact: Jid): Stanza[] =>
  user.blocks.has(contact)
    ? []
    : user.available.flatMap(({ presence }) => (presence ? presence.with({ to: contact }) : []));
