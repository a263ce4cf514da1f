// GMG, GMR, GMAU, GMU: who is what in a group the phone is in, read from the room's presence (XEP-0045 §8, §9) before the
// groups themselves take it: the user became a member, is one no more, may do more or less; somebody else did.

import type { Stanza } from '../../../xmpp/stanza.ts';
import type { Effects } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { type Occupant, readRoomPresence } from '../groups/muc.ts';
import { rooms } from '../groups/rooms.ts';
import { notify, wants } from './subscribed.ts';

const isMember = ({ affiliation }: Occupant): boolean =>
  affiliation === 'member' || affiliation === 'admin' || affiliation === 'owner';

export const membershipNews = (stanza: Stanza, session: SessionView): Effects => {
  if (stanza.kind !== 'presence' || !stanza.from || !wants(session, 'GMG', 'GMR', 'GMAU', 'GMU')) return [];
  const room = session.slot(rooms).get(stanza.from);
  const presence = room && readRoomPresence(stanza, room.nick);
  const before = presence && room?.occupants.get(presence.occupant.nick);
  if (!room || !presence || !before) return [];
  const { occupant: now, isOwn, isAvailable, codes } = presence;
  const GroupID = room.id;
  // Who leaves goes with the affiliation they have (§7.14); 321 and 301 say that it was taken from them.
  if (!isAvailable && !codes.has(321) && !codes.has(301)) return [];
  if (isMember(before) !== isMember(now))
    return isOwn ? notify(session, isMember(now) ? 'GMG' : 'GMR', { GroupID }) : notify(session, 'GMU', { GroupID });
  if (!isOwn) return before.affiliation === now.affiliation ? [] : notify(session, 'GMU', { GroupID });
  return before.affiliation === now.affiliation && before.role === now.role ? [] : notify(session, 'GMAU', { GroupID });
};
