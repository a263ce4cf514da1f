// PPU: a public profile was changed: the user's own by another phone, a contact's as their presence tells (XEP-0153: the hash
// of the picture in their vCard, which clients announce anew with a new vCard).

import { child, textOf } from '../../../xml/element.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { userOfJid } from '../../mapping/address.ts';
import type { Effects } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { roster } from '../common/roster.ts';
import { notify, wants } from './subscribed.ts';

const update = 'vcard-temp:x:update';
/** Of each contact, what its vCard was announced as last. */
const hashes = slot<Map<string, string>>('notifications-vcards', () => new Map());

export const profileNews = (stanza: Stanza, session: SessionView): Effects => {
  if (stanza.kind !== 'presence' || stanza.type !== undefined || !stanza.from || !wants(session, 'PPU')) return [];
  const x = stanza.child('x', update);
  const photo = x && child(x, 'photo');
  const who = stanza.from.bare;
  const user = who.toString();
  // Without a photo element the client is not ready to say (XEP-0153 §4.3).
  if (!photo || !session.slot(roster).items.has(user)) return [];
  const known = session.slot(hashes);
  const before = known.get(user);
  const now = textOf(photo).slice(0, 64);
  known.set(user, now);
  const UserID = userOfJid(who);
  if (before === undefined || before === now || UserID === undefined) return [];
  return notify(session, 'PPU', { UserList: { User: [{ UserID }] } });
};

export const ownProfileNews = (session: SessionView): Effects =>
  notify(session, 'PPU', { UserList: { User: [{ UserID: userOfJid(session.user) ?? '' }] } });
