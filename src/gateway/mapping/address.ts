// Who a phone means by an address, in XMPP's terms, and back. The addresses themselves: src/imps/address.ts.
//
// Phones leave out `wv:` and their own domain as they please; we always write both, and always the same spelling, since
// phones use the text as a key.

import { addressOfJid, formatAddress, jidOfAddress, parseAddress } from '../../imps/address.ts';
import { Jid } from '../../xmpp/jid.ts';

/** The user a phone means, as a bare JID; undefined when it can be no user's address. `home`: the domain left out. */
export const jidOfUser = (text: string, home: string): Jid | undefined => {
  const address = parseAddress(text, home);
  const found = address && jidOfAddress(address);
  if (found?.kind !== 'user') return undefined;
  const jid = Jid.parse(found.jid);
  return jid.ok && jid.value.isBare ? jid.value : undefined;
};

/** The room a phone means by a group's address, `wv:/room@service`; undefined when it is none. */
export const roomOfText = (text: string, home: string): Jid | undefined => {
  const address = parseAddress(text, home);
  const found = address && jidOfAddress(address);
  if (found?.kind !== 'room') return undefined;
  const jid = Jid.parse(found.jid);
  return jid.ok && jid.value.isBare ? jid.value : undefined;
};

/** How phones write that user. Undefined for a domain alone: CSP has no such users. */
export const userOfJid = (jid: Jid): string | undefined => {
  const address = addressOfJid(jid.bare.toString());
  return address && formatAddress(address);
};

/** The user's name as people read it: without domain and escapes. */
export const nameOfUser = (jid: Jid): string | undefined => addressOfJid(jid.bare.toString())?.user;

export interface ListAddress {
  readonly owner: Jid;
  /** Lower-case, unescaped: the list's name within its owner's lists. */
  readonly name: string;
}

/** The contact list a phone means. `user`: whose phone it is; a bare name without a slash is a list of theirs. */
export const listOfText = (text: string, user: Jid): ListAddress | undefined => {
  const address = parseAddress(text, user.domain);
  const name = (address?.resource ?? address?.user)?.toLowerCase();
  if (!address || !name || /[\0-\x1f\x7f]/.test(name)) return undefined;
  if (address.resource === undefined || address.user === '') return { owner: user, name };
  const owner = jidOfUser(formatAddress({ user: address.user, domain: address.domain }), user.domain);
  return owner && { owner, name };
};

/** The address of a user's contact list. */
export const textOfList = (user: Jid, name: string): string =>
  formatAddress({ user: addressOfJid(user.bare.toString())?.user ?? '', resource: name, domain: user.domain });
