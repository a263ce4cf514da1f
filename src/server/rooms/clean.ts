// What an occupant sends, without what only the room may say (XEP-0045 §17.2, XEP-0421 §3, XEP-0359 §6).

import type { Element } from '../../xml/element.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { ns } from './names.ts';
import type { Room } from './state.ts';

/** Only the room says these. */
const reserved = new Set<string>([ns.muc, ns.user, ns.occupantId]);

const isOurs = (room: Room, { xmlns, attrs }: Element): boolean => {
  if (reserved.has(xmlns)) return true;
  const room_ = room.jid.toString();
  if (xmlns === ns.stanzaId) return attrs.by === room_;
  return xmlns === ns.delay && attrs.from === room_;
};

/** The same text is sent on where there is nothing to take away. */
export const cleaned = (room: Room, stanza: Stanza): Stanza => {
  const suspicious = stanza.children.some(
    ({ xmlns }) => reserved.has(xmlns) || xmlns === ns.stanzaId || xmlns === ns.delay,
  );
  if (!suspicious) return stanza;
  return Stanza.make(stanza, ...stanza.elements.filter((one) => !isOurs(room, one)));
};
