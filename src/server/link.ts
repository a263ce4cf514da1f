// The in-process Link: a client session of our own server without a socket. Stanzas are handed over as objects; order,
// acknowledgement and the end of a session are the same as on a stream.

import { interned } from '../base/interned.ts';
import { bad, good, type Outcome } from '../base/outcome.ts';
import {
  type Link,
  type LinkEnd,
  type LinkFault,
  LinkLostError,
  type LinkProvider,
  type LinkReceiver,
  type LinkRequest,
} from '../xmpp/link.ts';
import type { Stanza } from '../xmpp/stanza.ts';
import type { Host } from './host.ts';
import { sessionQueueMax } from './limits.ts';
import { streamFeatures } from './points.ts';
import { handleSent } from './sent.ts';
import { bind, leave } from './sessions/bind.ts';
import type { Outlet, Parcel, Session, SessionEnd } from './sessions/session.ts';

const ends: Readonly<Record<SessionEnd, LinkEnd>> = {
  closed: { reason: 'closed' },
  lost: { reason: 'lost' },
  replaced: { reason: 'replaced', text: 'another session bound the same resource' },
  removed: { reason: 'signed-out', text: 'the account was removed or disabled' },
  overrun: { reason: 'lost', text: 'too many stanzas waited to be taken' },
  shutdown: { reason: 'lost', text: 'the server shuts down' },
};

/** Namespaces of what a stream offers after authentication. */
const featuresOf = (host: Host): ReadonlySet<string> =>
  sharedFeatures(
    new Set([
      'urn:ietf:params:xml:ns:xmpp-bind',
      ...host.hooks.gather(streamFeatures, [], { isAuthenticated: true }).map(({ xmlns }) => xmlns),
    ]),
  );

const sharedFeatures = interned<ReadonlySet<string>>(100, (features) => [...features].join(' '));

export const linkProvider = (host: Host): LinkProvider => ({
  domain: host.domain.toString(),
  async open(request, receiver): Promise<Outcome<Link, LinkFault>> {
    try {
      return await open(host, request, receiver);
    } catch (cause) {
      host.events.failed(undefined, cause);
      return bad({ reason: 'unreachable', text: 'the server cannot read its accounts' });
    }
  },
});

const open = async (host: Host, request: LinkRequest, receiver: LinkReceiver): Promise<Outcome<Link, LinkFault>> => {
  const fault = await checkCredentials(host, request);
  if (fault) {
    host.events.refused(request.account.bare.toString(), 'link', fault.reason);
    return bad(fault);
  }
  let opened: Outcome<Link, LinkFault> = bad({ reason: 'not-authorized', text: 'no such account' });
  await host.users.turn(request.account, async (user, turn) => {
    if (!user) return;
    let outlet: Inbox | undefined;
    const bound = await bind(
      user,
      request.resource,
      (session) => {
        outlet = new Inbox(session, receiver);
        return outlet;
      },
      turn,
    );
    if (!bound.ok || !outlet) opened = bad({ reason: 'refused', text: bound.ok ? '' : bound.fault.reason });
    else {
      host.events.signedIn(user.jid, 'link');
      opened = good(linkOver(bound.value));
    }
  });
  return opened;
};

const checkCredentials = async (host: Host, { account, credentials }: LinkRequest): Promise<LinkFault | undefined> => {
  if (account.domain !== host.domain.domain || account.local === undefined)
    return { reason: 'not-authorized', text: 'not an account of this server' };
  if (credentials.kind === 'password') {
    const verified = await host.accounts.verify(account, credentials.password);
    return verified.ok ? undefined : { reason: verified.fault.reason, text: 'sign-in refused' };
  }
  const record = await host.accounts.get(account);
  if (!record) return { reason: 'not-authorized', text: 'no such account' };
  return record.disabled ? { reason: 'account-disabled', text: 'the account is disabled' } : undefined;
};

const linkOver = (session: Session): Link => ({
  jid: session.jid,
  features: featuresOf(session.user.host),
  async send(stanza: Stanza): Promise<void> {
    if (session.isGone) throw new LinkLostError('the session has ended');
    await handleSent(session, stanza);
  },
  async close(): Promise<void> {
    const { user } = session;
    await user.turns
      .run((turn) => leave(session, 'closed', turn))
      .catch((cause: unknown) => user.host.events.failed(undefined, cause));
  },
  // The session lives in this process and ends with it; what it had not received waits in the Store.
  resumption: () => undefined,
});

/** Stanzas on their way to the receiver: one at a time, in order, each counted as received when its promise resolves. */
class Inbox implements Outlet {
  // The receiver stores what matters before its promise resolves.
  readonly isDurable = true;
  readonly #session: Session;
  readonly #receiver: LinkReceiver;
  #waiting: Parcel[] = [];
  #isPumping = false;
  #hasEnded = false;

  constructor(session: Session, receiver: LinkReceiver) {
    this.#session = session;
    this.#receiver = receiver;
  }

  deliver(parcels: readonly Parcel[]): void {
    this.#waiting.push(...parcels);
    const { host } = this.#session.user;
    if (this.#waiting.length > sessionQueueMax(host.limits).stanzas) this.#overrun();
    else if (!this.#isPumping) void this.#pump();
  }

  end(reason: SessionEnd): void {
    this.#hasEnded = true;
    const missed = this.#waiting;
    this.#waiting = [];
    for (const { receipt } of missed) receipt?.missed();
    try {
      this.#receiver.closed(ends[reason]);
    } catch (cause) {
      this.#session.user.host.events.failed(undefined, cause);
    }
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    // The first stanza, too, is handed over only after what is going on now: a receiver is never called from within send().
    await Promise.resolve();
    for (let parcel = this.#waiting.shift(); parcel; parcel = this.#waiting.shift()) {
      try {
        await this.#receiver.stanza(parcel.stanza);
      } catch (cause) {
        // Not received: another session gets it, or it waits in the Store.
        this.#session.user.host.events.failed(parcel.stanza, cause);
        parcel.receipt?.missed();
        continue;
      }
      parcel.receipt?.received();
    }
    this.#isPumping = false;
  }

  #overrun(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { user } = this.#session;
    user.turns
      .run((turn) => leave(this.#session, 'overrun', turn))
      .catch((cause: unknown) => user.host.events.failed(undefined, cause));
  }
}
