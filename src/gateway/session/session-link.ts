// A session's Link: opened by the sign-in, opened again when it was lost or after a restart of the gateway.

import type { Outcome } from '../../base/outcome.ts';
import type { Link, LinkCredentials, LinkEnd, LinkFault } from '../../xmpp/link.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { stanzaFromText } from '../../xmpp/stanza-text.ts';
import { within } from '../within.ts';
import { arrived } from './arrived.ts';
import { Inbox } from './inbox.ts';
import type { Session } from './session.ts';

/** Waits between attempts to open a lost Link again: 1 s, doubled up to this. */
const pauseMaxMs = 60_000;
const eagerTries = 3;
const ensureMs = 10_000;
const drainMs = 5000;

export class SessionLink {
  readonly #session: Session;
  #link: Link | undefined;
  #inbox: Inbox | undefined;
  #credentials: LinkCredentials | undefined;
  #opening: Promise<void> | undefined;
  #retry: Disposable | undefined;
  #failures = 0;
  /** Lost while it was being opened. */
  #isLost = false;
  #isClosed = false;

  constructor(session: Session) {
    this.#session = session;
  }

  get current(): Link | undefined {
    return this.#link;
  }

  /** Can it be opened without the phone's help? */
  get hasCredentials(): boolean {
    return this.#credentials !== undefined;
  }

  /** What opens it; a backend's password comes with the phone's SessionID. */
  trust(credentials: LinkCredentials): void {
    this.#credentials = credentials;
  }

  /** Takes over a Link that is open. */
  attach(link: Link, inbox: Inbox): void {
    this.#take(link, inbox);
    this.#session.outbox.attach(link);
  }

  #take(link: Link, inbox: Inbox): void {
    const session = this.#session;
    this.#link = link;
    this.#inbox = inbox;
    this.#failures = 0;
    inbox.own({ arrived: (stanza) => arrived(session, stanza), closed: (end, from) => this.#closed(end, from) });
  }

  /**
   * Opens the Link if it is away and can be opened. Resolves when it is up and the services are back where they were, when it
   * is known not to come up now, or after ten seconds: phones do not wait much longer than that.
   */
  async ensure(): Promise<void> {
    if ((this.#link && !this.#opening) || this.#isClosed || !this.#credentials) return;
    // A server that has been away for long is not tried again for every request.
    if (this.#retry && this.#failures >= eagerTries) return;
    this.#retry?.[Symbol.dispose]();
    this.#retry = undefined;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
      // It was lost again while the services came back.
      if (this.#isLost) this.#again();
    });
    await within(this.#session.host.clock, ensureMs, this.#opening);
  }

  /** Sends what need not be kept; without a Link it is gone. */
  tell(stanza: Stanza): void {
    this.#link?.send(stanza).catch((cause: unknown) => {
      this.#session.log.debug({ err: cause, kind: stanza.kind }, 'a stanza that was not kept did not get through');
    });
  }

  /** The session is over. What is on its way still gets a few seconds. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#credentials = undefined;
    this.#retry?.[Symbol.dispose]();
    await this.#opening;
    const link = this.#link;
    if (!link) return;
    await within(this.#session.host.clock, drainMs, this.#session.outbox.drained());
    this.#link = undefined;
    this.#session.outbox.detach();
    await link.close();
  }

  /** Leaves the Link to its end without signing out: this process is going down and the session is not. */
  abandon(): void {
    this.#isClosed = true;
    this.#retry?.[Symbol.dispose]();
  }

  async #open(): Promise<void> {
    const session = this.#session;
    const inbox = new Inbox();
    const opened = await this.#ask(inbox);
    if (this.#isClosed) {
      if (opened.ok) await opened.value.close();
      return;
    }
    if (!opened.ok) return this.#failed(opened.fault);
    const link = opened.value;
    this.#take(link, inbox);
    if (session.state.presence !== undefined) this.tell(stanzaFromText(session.state.presence));
    await session.resumed();
    // What is for a room has to come from somebody who is in it.
    if (this.#link === link) session.outbox.attach(link);
  }

  async #ask(inbox: Inbox): Promise<Outcome<Link, LinkFault>> {
    const { host, user, state } = this.#session;
    const provider = host.providers.get(user.domain);
    const refused = (text: string): Outcome<Link, LinkFault> => ({ ok: false, fault: { reason: 'refused', text } });
    if (!provider || !this.#credentials) return refused(`no way to ${user.domain}`);
    try {
      return await provider.open(
        {
          account: user,
          resource: state.resource,
          credentials: this.#credentials,
          ...(state.resumption && { resume: state.resumption }),
        },
        inbox,
      );
    } catch (cause) {
      this.#session.host.events.failed(this.#session.log, 'link', cause, 'opening a Link failed');
      return refused('internal error');
    }
  }

  #failed(fault: LinkFault): void {
    const session = this.#session;
    session.log.info({ reason: fault.reason, text: fault.text }, 'the Link could not be opened again');
    if (fault.reason === 'not-authorized' || fault.reason === 'account-disabled')
      return session.end({ how: 'disconnected', text: 'The account has changed. Please sign in again.' });
    this.#again();
  }

  #again(): void {
    this.#isLost = false;
    if (this.#isClosed || !this.#credentials) return;
    const { clock, random } = this.#session.host;
    const pause = Math.min(1000 * 2 ** this.#failures++, pauseMaxMs) * (0.75 + random.fraction() / 2);
    this.#retry = clock.after(pause, () => {
      this.#retry = undefined;
      void this.ensure();
    });
  }

  #closed(end: LinkEnd, inbox: Inbox): void {
    if (inbox !== this.#inbox || this.#isClosed) return;
    const session = this.#session;
    this.#link = undefined;
    session.outbox.detach();
    session.iqs.fail();
    session.host.events.linkLost(session.user.domain, end.reason);
    // A conflict from our own next sign-in of the same phone is that sign-in's business: it ends this session.
    if (end.reason === 'replaced' && session.isBeingReplaced) return;
    if (end.reason === 'replaced' || end.reason === 'signed-out') {
      session.log.info({ reason: end.reason, text: end.text }, 'the server ended the session');
      session.end({ how: 'disconnected', text: wordsFor(end) });
    } else if (this.#opening) this.#isLost = true;
    else this.#again();
  }
}

/** For the phone's user: the server's own words, if it has any beside a stream condition (`policy-violation: …`). */
const wordsFor = ({ reason, text = '' }: LinkEnd): string => {
  const bare = /^[a-z]+(?:-[a-z]+)*(?:: (.*))?$/s.exec(text);
  const words = bare ? (bare[1] ?? '') : text;
  if (words !== '') return words.slice(0, 200);
  return reason === 'replaced'
    ? 'Another program took the place of this phone.'
    : 'Your server ended the session. Please sign in again.';
};
