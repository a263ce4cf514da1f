// RFC 6121 §2.1.6: roster pushes to every interested resource.

import { type Element, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { rosterChanged } from '../../points.ts';
import type { Session } from '../../sessions/session.ts';
import type { LocalUser } from '../../users/local-user.ts';
import { itemElement, removedElement, rosterNamespace } from './item.ts';

/** One push to one session: the item's present state, or its removal when there is nothing that clients may see. */
export const pushTo = (session: Session, contact: string, version?: number): Stanza =>
  Stanza.make(
    { kind: 'iq', type: 'set', id: session.user.host.random.id(10), to: session.jid },
    pushQuery(session.user, contact, version),
  );

export const pushQuery = (user: LocalUser, contact: string, version?: number): Element => {
  const item = user.roster.get(Jid.from(contact));
  return el(
    'query',
    { xmlns: rosterNamespace, ver: user.roster.versionText(version) },
    item?.listed ? itemElement(item) : removedElement(contact),
  );
};

export const pushItem = (user: LocalUser, contact: string): void => {
  for (const session of user.interested) session.deliver(pushTo(session, contact));
  user.host.hooks.tell(rosterChanged, { user, contact });
};
