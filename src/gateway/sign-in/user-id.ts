// The UserID of a sign-in as people type it: anna, wv:anna, WV:Anna@Home.test, with blanks before and behind. (CSP all
// versions, "The wv: address")

import { jidOfAddress, parseAddress } from '../../imps/address.ts';
import { Jid } from '../../xmpp/jid.ts';

/** The account it means; undefined when it can be none. defaultDomain: of a UserID without one. */
export const accountOf = (userId: string, defaultDomain: string): Jid | undefined => {
  // A phone's keypad puts a blank behind a completed word; some people type the address they know from e-mail.
  const address = parseAddress(userId.trim().replace(/\.$/, ''), defaultDomain);
  const found = address && jidOfAddress(address);
  if (found?.kind !== 'user') return undefined;
  const jid = Jid.parse(found.jid);
  return jid.ok && jid.value.local !== undefined && jid.value.isBare ? jid.value : undefined;
};
