// Roster items on the wire (RFC 6121 §2.1) and in the Store.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { RosterItem } from '../../../store/store.ts';
import { childrenNamed, type Element, el, textOf } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { StanzaCondition } from '../../../xmpp/stanza.ts';
import type { ServerLimits } from '../../limits.ts';

export const rosterNamespace = 'jabber:iq:roster';

export const itemElement = (item: RosterItem): Element =>
  el(
    'item',
    {
      jid: item.contact,
      name: item.name,
      subscription: item.subscription,
      ask: item.ask ? 'subscribe' : undefined,
      approved: item.approved ? 'true' : undefined,
    },
    item.groups.map((group) => el('group', null, group)),
  );

export const removedElement = (contact: string): Element => el('item', { jid: contact, subscription: 'remove' });

/** What a client may say about an item: everything else in it is the server's. */
export interface ItemWish {
  readonly contact: Jid;
  readonly name: string | undefined;
  readonly groups: readonly string[];
  readonly isRemoval: boolean;
}

/** Reads the one item of a roster set (§2.3.3 says which condition answers which mistake). */
export const readItem = (query: Element, limits: ServerLimits): Outcome<ItemWish, StanzaCondition> => {
  const items = childrenNamed(query, 'item');
  const [item] = items;
  if (!item || items.length !== 1) return bad('bad-request');
  const jid = item.attrs.jid === undefined ? undefined : Jid.parse(item.attrs.jid);
  if (!jid) return bad('bad-request');
  if (!jid.ok) return bad('jid-malformed');
  const groups = childrenNamed(item, 'group').map(textOf);
  if (new Set(groups).size !== groups.length) return bad('bad-request');
  // An empty name says no more than none.
  const name = item.attrs.name === '' ? undefined : item.attrs.name;
  if (groups.some((group) => group === '' || group.length > limits.rosterTextMax)) return bad('not-acceptable');
  if ((name?.length ?? 0) > limits.rosterTextMax || groups.length > limits.rosterGroupsMax)
    return bad('not-acceptable');
  return good({ contact: jid.value.bare, name, groups, isRemoval: item.attrs.subscription === 'remove' });
};
