// A client's stream as one of our sessions: stanzas and receipts go one way, stanzas and the end the other.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza, StanzaCondition } from '../../xmpp/stanza.ts';
import type { C2sEnd, C2sSession, C2sStream, Sent } from '../../xmpp/stream/c2s.ts';
import type { StreamError } from '../../xmpp/stream/conditions.ts';
import type { Host } from '../host.ts';
import { handleSent } from '../sent.ts';
import { type BindFault, bind, leave } from '../sessions/bind.ts';
import type { Outlet, Parcel, Receipt, Session, SessionEnd } from '../sessions/session.ts';

/** RFC 6120 §4.9.3, by our reason for ending the session; undefined where the stream has ended already. */
export const streamErrors: Readonly<Record<SessionEnd, StreamError | undefined>> = {
  closed: undefined,
  lost: undefined,
  replaced: { condition: 'conflict', text: 'another session bound the same resource' },
  removed: { condition: 'not-authorized', text: 'the account was removed or disabled' },
  overrun: { condition: 'policy-violation', text: 'too many stanzas waited to be taken' },
  shutdown: { condition: 'system-shutdown' },
};

const ends: Readonly<Record<C2sEnd['reason'], SessionEnd>> = {
  'closed-by-client': 'closed',
  'closed-by-server': 'lost',
  lost: 'lost',
  overrun: 'overrun',
};

export const bindFaults: Readonly<Record<BindFault['reason'], StanzaCondition>> = {
  'resource-constraint': 'resource-constraint',
  'bad-resource': 'bad-request',
};

/** Binds a resource for a stream that has signed in (RFC 6120 §7). */
export const bindStream = async (
  host: Host,
  stream: C2sStream,
  account: Jid,
  resource: string | undefined,
): Promise<Outcome<C2sSession, { readonly condition: StanzaCondition; readonly text?: string }>> => {
  let outcome: Awaited<ReturnType<typeof bindStream>> = bad({ condition: 'not-authorized' });
  await host.users.turn(account, async (user, turn) => {
    if (!user) return;
    const wire = new StreamSession(stream);
    const bound = await bind(user, resource, (session) => wire.for(session), turn);
    if (bound.ok) outcome = good(wire);
    else outcome = bad({ condition: bindFaults[bound.fault.reason] });
  });
  return outcome;
};

class StreamSession implements C2sSession, Outlet {
  // What a stream's client has not acknowledged is lost with the connection: the Store keeps it meanwhile.
  readonly isDurable = false;
  readonly #stream: C2sStream;
  #session: Session | undefined;
  readonly #receipts = new Map<number, Receipt>();
  #nextTag = 0;

  constructor(stream: C2sStream) {
    this.#stream = stream;
  }

  for(session: Session): this {
    this.#session = session;
    return this;
  }

  get #bound(): Session {
    if (!this.#session) throw new TypeError('used before it was bound');
    return this.#session;
  }

  // ---- towards the client

  deliver(parcels: readonly Parcel[]): void {
    for (const { stanza, receipt } of parcels) {
      if (!receipt) {
        this.#stream.send(stanza);
        continue;
      }
      const tag = this.#nextTag++;
      this.#receipts.set(tag, receipt);
      if (!this.#stream.send(stanza, tag)) this.#settle(tag, 'missed');
    }
  }

  end(reason: SessionEnd): void {
    // What is still on its way may yet be acknowledged; the rest comes back in `ended`.
    void this.#stream.close(streamErrors[reason]);
  }

  // ---- from the client

  get jid(): Jid {
    return this.#bound.jid;
  }

  stanza(stanza: Stanza): void | Promise<void> {
    const session = this.#bound;
    const { from } = stanza;
    // RFC 6120 §8.1.2.1: a client speaks in its own name only.
    if (from && !from.equals(session.jid) && !from.equals(session.user.jid)) {
      void this.#stream.close({ condition: 'invalid-from' });
      return;
    }
    return handleSent(session, stanza);
  }

  acked(tags: readonly number[]): void {
    for (const tag of tags) this.#settle(tag, 'received');
  }

  ended({ reason }: C2sEnd, unacked: readonly Sent[]): void {
    const session = this.#bound;
    const { user } = session;
    // The session leaves first: what comes back to the account goes to those that are still there.
    user.turns
      .runAhead((turn) => leave(session, ends[reason], turn))
      .catch((cause: unknown) => user.host.events.failed(undefined, cause));
    for (const { tag } of unacked) if (tag !== undefined) this.#settle(tag, 'missed');
    for (const tag of [...this.#receipts.keys()]) this.#settle(tag, 'missed');
  }

  #settle(tag: number, how: keyof Receipt): void {
    const receipt = this.#receipts.get(tag);
    this.#receipts.delete(tag);
    receipt?.[how]();
  }
}
