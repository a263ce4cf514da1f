// One connected resource of an account, as the server sees it. Three different things: a session is connected from resource
// binding on, available from its initial presence on (RFC 6121 §4.2), interested from its first roster request on (§2.2).
// How stanzas get to the client is the outlet's matter: a stream over a socket, or an in-process Link.

import { LateMap } from '../../base/late.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import type { LocalUser } from '../users/local-user.ts';

export type SessionEnd =
  | 'closed' // the client ended it
  | 'lost' // its connection broke, and was not resumed
  | 'replaced' // another session bound the same resource (RFC 6120 §7.7.2.2)
  | 'removed' // the account was removed or disabled, or its password changed
  | 'overrun' // it took its stanzas too slowly
  | 'shutdown';

/** Told once what became of a stanza. */
export interface Receipt {
  /** The client has acknowledged it. */
  received(): void;
  /** The session ended before. */
  missed(): void;
}

export interface Parcel {
  readonly stanza: Stanza;
  readonly receipt?: Receipt;
}

export interface Outlet {
  /** Hands stanzas to the client in order, in one write where there is a wire. Never throws. */
  deliver(parcels: readonly Parcel[]): void;
  /**
   * Ends the session towards the client. Receipts that are still open are told what became of their stanzas as soon as that
   * is known: at once, or when the stream is closed.
   */
  end(reason: SessionEnd): void;
  /** A received stanza is stored by the receiver itself: nothing needs to be kept for it meanwhile. */
  readonly isDurable: boolean;
}

export class Session {
  readonly user: LocalUser;
  readonly jid: Jid;
  readonly #outlet: Outlet;
  /** The last presence it broadcast, with `from` and without `to`; undefined while it is not available. */
  presence: Stanza | undefined = undefined;
  /** -128 to 127, of the last presence. */
  priority = 0;
  /** It has asked for the roster and gets pushes. */
  isInterested = false;
  /** It has asked for the block list and gets pushes (XEP-0191 §3.2). */
  wantsBlockPushes = false;
  /** It sees what the account's other sessions write and are written (XEP-0280). */
  wantsCarbons = false;
  /** Whom it sent available presence to, by address (RFC 6121 §4.6). */
  readonly directed = new LateMap<string, Jid>();
  /** It has left its account: nothing can be delivered any more. */
  isGone = false;

  constructor(user: LocalUser, jid: Jid, outletFor: (session: Session) => Outlet) {
    this.user = user;
    this.jid = jid;
    this.#outlet = outletFor(this);
  }

  get isAvailable(): boolean {
    return this.presence !== undefined;
  }

  /** Available with a priority that lets messages to the bare JID through. */
  get takesMessages(): boolean {
    return this.presence !== undefined && this.priority >= 0;
  }

  get isDurable(): boolean {
    return this.#outlet.isDurable;
  }

  deliver(stanza: Stanza, receipt?: Receipt): void {
    this.deliverAll([receipt ? { stanza, receipt } : { stanza }]);
  }

  /** Several stanzas in one write. */
  deliverAll(parcels: readonly Parcel[]): void {
    if (parcels.length === 0) return;
    if (this.isGone) for (const { receipt } of parcels) receipt?.missed();
    else this.#outlet.deliver(parcels);
  }

  /** Only `leave` calls this, after taking the session off its account's list. */
  endOutlet(end: SessionEnd): void {
    this.isGone = true;
    this.presence = undefined;
    this.#outlet.end(end);
  }
}
