// What lies beyond the accounts of this server: services on domains of their own beside them, and other servers.

import type { Stanza } from '../xmpp/stanza.ts';

/** Whoever owns a domain of this server that has no accounts: rooms (XEP-0045), an external component (XEP-0114). */
export interface Service {
  readonly domain: string;
  /** As disco#items of the server shows it. */
  readonly name?: string | undefined;
  /**
   * A stanza with both addresses, for any address of the domain, whoever sent it: answering requests, refusals included, is
   * the service's matter. Resolves when it is stored, handed to the next acknowledged hop, answered or dropped by rule.
   * `isBroadcast`: nobody is told when it cannot be delivered.
   */
  deliver(stanza: Stanza, isBroadcast: boolean): void | Promise<void>;
}

/** Takes stanzas to the domains that are not ours: federation. */
export interface Carrier {
  /**
   * Takes a stanza with both addresses, after all those given before for the same pair of them. Resolves when it is stored or
   * in the hands of the other server, or was answered with an error; for what is only news (presence, answers) when it is on
   * its way. `isBroadcast`: nobody is told when it cannot be delivered.
   */
  carry(stanza: Stanza, isBroadcast: boolean): Promise<void>;
}
