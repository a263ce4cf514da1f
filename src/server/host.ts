// One domain of the server, as features see it.

import type { Clock } from '../base/clock.ts';
import type { Hooks } from '../base/hooks.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Throttle } from '../base/throttle.ts';
import type { PresenceOptions } from '../presence/view.ts';
import type { Store } from '../store/store.ts';
import type { Jid } from '../xmpp/jid.ts';
import type { Stanza } from '../xmpp/stanza.ts';
import type { Accounts } from './accounts.ts';
import type { Service } from './elsewhere.ts';
import type { ServerEvents } from './events.ts';
import type { ServerLimits } from './limits.ts';
import type { LocalUser } from './users/local-user.ts';
import type { Users } from './users/users.ts';

export interface Host {
  readonly domain: Jid;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly hooks: Hooks;
  readonly events: ServerEvents;
  readonly limits: ServerLimits;
  /** How the presence view behaves, where not as usual. */
  readonly presence: Partial<PresenceOptions>;
  readonly users: Users;
  readonly accounts: Accounts;
  /** Slows down whoever guesses passwords, on all listeners of the domain together. */
  readonly signIns: Throttle;
  /** 'closed': nobody registers an account over XMPP or the web. */
  readonly registration: 'open' | 'closed';
  /** Name and version as XEP-0092 tells them. */
  readonly software: { readonly name: string; readonly version: string };
  /** Told of an account's new password before the change is answered. */
  readonly passwordChanged?: ((account: Jid, password: string) => Promise<void>) | undefined;
  /** Monotonic ms at which the server started (XEP-0012). */
  readonly startedAt: number;
  /** Does the domain have its accounts on this server? */
  isLocal(domain: string): boolean;
  /** Domains of this server that have no accounts: rooms, components. */
  services(): readonly Service[];
  /** The account, of any domain of this server, if it is in memory: one that is not has no sessions. */
  inUse(account: string): LocalUser | undefined;
  /**
   * Takes a stanza that has `from` and `to` to whoever owns its address. Resolves when it was stored, delivered to the next
   * acknowledged hop, refused to its sender or dropped by rule; rejects when our own surroundings fail.
   */
  route(stanza: Stanza): Promise<void>;
  /** The same for presence that the server broadcasts: nobody is told when it cannot be delivered. */
  broadcast(stanza: Stanza): Promise<void>;
}
