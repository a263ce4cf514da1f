// What a user's clients have been shown of the contacts' presence: repeated news is not delivered again, and what was shown
// is taken back when a contact goes, or may not be seen any more.

import type { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import type { Received } from '../../points.ts';
import type { Session } from '../../sessions/session.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { Turn } from '../../users/turns.ts';
import { presencesFor } from './broadcast.ts';

/** Per user: contact's full JID to the content last shown. */
const shown = new WeakMap<LocalUser, Map<string, string>>();
const shownTo = (user: LocalUser): Map<string, string> => {
  let map = shown.get(user);
  if (!map) {
    map = new Map();
    shown.set(user, map);
  }
  return map;
};

/** Presence addressed to the user's bare JID: news goes to all available sessions, repetition to none. */
export const receive = ({ user, stanza }: Received): void => {
  const { from } = stanza;
  if (!from) return;
  const known = shownTo(user);
  const key = from.toString();
  if (from.bare.equals(user.jid)) user.deliverTo(user.available, stanza);
  else if (stanza.type === undefined) {
    // Directed presence of strangers is shown too; nobody can make us remember more of them than this.
    if (!user.roster.sees(from) && known.size >= user.host.limits.directedPresenceMax && !known.has(key)) return;
    if (known.get(key) === stanza.inner) return;
    known.set(key, stanza.inner);
    user.deliverTo(user.available, stanza);
  } else if (from.isBare) takeBack(user, from);
  else if (known.delete(key)) user.deliverTo(user.available, stanza);
};

/** The contact may not be seen any more: whatever was shown of it is taken back. */
export const forgetContact = (user: LocalUser, contact: Jid): void => takeBack(user, contact);

/** The contact may be seen again: what a probe would tell is shown. */
export const seeAgain = (user: LocalUser, contact: Jid, turn: Turn): void => {
  const { host, jid } = user;
  const other = host.inUse(contact.bare.toString());
  if (other?.roster.letsSee(jid)) for (const stanza of presencesFor(other, jid)) receive({ user, stanza, turn });
  else if (!host.isLocal(contact.domain))
    turn.also(host.broadcast(Stanza.make({ kind: 'presence', type: 'probe', from: jid, to: contact.bare })));
};

const takeBack = (user: LocalUser, contact: Jid): void => {
  const known = shownTo(user);
  const start = `${contact.bare}/`;
  for (const key of [...known.keys()])
    if (key.startsWith(start)) {
      known.delete(key);
      user.deliverTo(
        user.available,
        Stanza.make({
          kind: 'presence',
          type: 'unavailable',
          from: contact.bare.withResource(key.slice(start.length)),
          to: user.jid,
        }),
      );
    }
};

/** The whole view for a session that has just become available, in one write: contacts and the user's other resources. */
export const showAll = (user: LocalUser, session: Session): void => {
  const known = shownTo(user);
  const stanzas: Stanza[] = [];
  for (const { jid, presence } of user.available)
    if (presence && jid !== session.jid) stanzas.push(presence.with({ to: session.jid }));
  for (const { contact, subscription } of user.roster.records) {
    if (subscription !== 'to' && subscription !== 'both') continue;
    const other = user.host.inUse(contact);
    if (!other || user.blocks.has(other.jid) || !other.roster.letsSee(user.jid)) continue;
    for (const presence of presencesFor(other, user.jid)) {
      known.set(String(presence.from), presence.inner);
      stanzas.push(presence.with({ to: session.jid }));
    }
  }
  session.deliverAll(stanzas.map((stanza) => ({ stanza })));
};
