// Bob's app: our XMPP client over TCP and TLS, its certificate checked, every message and presence of it seen.

import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { systemRandom } from '../src/base/random.ts';
import { el, textOf } from '../src/xml/element.ts';
import { XmppClient } from '../src/xmpp/client/client.ts';
import { Jid } from '../src/xmpp/jid.ts';
import { Stanza } from '../src/xmpp/stanza.ts';
import type { DemoServer } from './onesoup.ts';
import type { Screen, Way } from './screen.ts';

const receipts = 'urn:xmpp:receipts';

export class Friend {
  readonly #client: XmppClient;
  readonly #screen: Screen;
  readonly #inbox: Inbox;

  private constructor(client: XmppClient, screen: Screen, inbox: Inbox) {
    this.#client = client;
    this.#screen = screen;
    this.#inbox = inbox;
  }

  /** Signs in, reads the roster and becomes available. Throws when refused. */
  static async signIn(server: DemoServer, name: string, password: string, screen: Screen): Promise<Friend> {
    const inbox = new Inbox();
    const queue: Stanza[] = [];
    let friend: Friend | undefined;
    const opened = await XmppClient.open(
      {
        server: { domain: server.domain, ...server.c2s, tls: 'required', ca: server.certificate },
        account: Jid.from(`${name}@${server.domain}`),
        password,
        resource: 'app',
        clock: systemClock,
        random: systemRandom,
        log: silentLog,
      },
      {
        stanza: (stanza) => (friend ? friend.#arrive(stanza) : void queue.push(stanza)),
        closed: ({ reason, text }) => inbox.end(new Error(`Bob's session is over: ${text ?? reason}`)),
      },
    );
    if (!opened.ok) throw new Error(`Bob cannot sign in: ${opened.fault.reason} ${opened.fault.text}`);
    friend = new Friend(opened.value, screen, inbox);
    for (const stanza of queue) friend.#arrive(stanza);
    friend.#send(
      Stanza.make({ kind: 'iq', type: 'get', id: 'roster' }, el('query', { xmlns: 'jabber:iq:roster' })),
      'asks for the contact list',
    );
    friend.presence();
    return friend;
  }

  presence(show?: 'away' | 'dnd', status?: string): void {
    this.#send(
      Stanza.make(
        { kind: 'presence' },
        show && el('show', null, show),
        status === undefined ? undefined : el('status', null, status),
      ),
    );
  }

  /** Asks to see their presence, or answers who asks. */
  subscription(type: 'subscribe' | 'subscribed', to: string): void {
    this.#send(Stanza.make({ kind: 'presence', type, to: Jid.from(to) }));
  }

  /** Wants a delivery receipt (XEP-0184); resolves when the server has the message. */
  async message(to: string, text: string): Promise<void> {
    const id = systemRandom.id(8);
    await this.#send(
      Stanza.make(
        { kind: 'message', type: 'chat', id, to: Jid.from(to) },
        el('body', null, text),
        el('request', { xmlns: receipts }),
      ),
    );
  }

  /** The next stanza that matches, now or later. */
  next(what: string, matches: (stanza: Stanza) => boolean): Promise<Stanza> {
    return this.#inbox.next(what, matches);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #arrive(stanza: Stanza): void {
    if (stanza.kind === 'iq') {
      // Roster pushes are acknowledged (RFC 6121 §2.1.6); what this app does not know it says so (RFC 6120 §8.4).
      if (stanza.type === 'set' && stanza.has('query', 'jabber:iq:roster')) void this.#client.send(stanza.result());
      else if (stanza.type === 'set' || stanza.type === 'get')
        void this.#client.send(stanza.error('service-unavailable'));
    } else this.#show('right', stanza);
    const isWanted = stanza.kind === 'message' && stanza.has('request', receipts) && stanza.id !== undefined;
    if (isWanted && stanza.from)
      this.#send(
        Stanza.make(
          { kind: 'message', type: 'chat', id: systemRandom.id(8), to: stanza.from },
          el('received', { xmlns: receipts, id: stanza.id }),
        ),
      );
    this.#inbox.add(stanza);
  }

  #send(stanza: Stanza, words?: string): Promise<void> {
    this.#show('left', stanza, words);
    const sent = this.#client.send(stanza);
    sent.catch((cause: unknown) => this.#inbox.end(new Error('a stanza of Bob was lost', { cause })));
    return sent;
  }

  #show(way: Way, stanza: Stanza, words = stanzaWords(stanza)): void {
    const name = stanza.type === undefined || stanza.type === 'chat' ? stanza.kind : `${stanza.kind} ${stanza.type}`;
    this.#screen.wire({ wire: 'XMPP', way, name, fields: words });
  }
}

export const bodyOf = (stanza: Stanza): string | undefined => childText(stanza, 'body');
export const isReceipt = (stanza: Stanza): boolean => stanza.has('received', receipts);

const childText = (stanza: Stanza, name: string): string | undefined => {
  const found = stanza.child(name);
  return found && textOf(found);
};

const stanzaWords = (stanza: Stanza): string => {
  const { from, to } = stanza;
  const body = bodyOf(stanza);
  const status = childText(stanza, 'status');
  const told = [
    from ? `from ${from.bare}` : to && `to ${to.bare}`,
    childText(stanza, 'show') ?? (stanza.kind === 'presence' && stanza.type === undefined && 'available'),
    status !== undefined && `“${status}”`,
    stanza.has('request', receipts) && 'wants a receipt',
    isReceipt(stanza) && 'receipt: delivered',
  ].filter(Boolean);
  return `${told.join(', ')}${body === undefined ? '' : `: “${body}”`}`;
};

/** Stanzas that arrived, until somebody takes them. */
class Inbox {
  readonly #stanzas: Stanza[] = [];
  readonly #waiting = new Set<{
    matches(stanza: Stanza): boolean;
    take(stanza: Stanza): void;
    fail(why: Error): void;
  }>();
  #ended: Error | undefined;

  add(stanza: Stanza): void {
    for (const one of this.#waiting)
      if (one.matches(stanza)) {
        one.take(stanza);
        return;
      }
    this.#stanzas.push(stanza);
  }

  end(why: Error): void {
    this.#ended ??= why;
    for (const one of this.#waiting) one.fail(why);
  }

  next(what: string, matches: (stanza: Stanza) => boolean): Promise<Stanza> {
    const at = this.#stanzas.findIndex(matches);
    if (at >= 0) return Promise.resolve(this.#stanzas.splice(at, 1)[0] as Stanza);
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const over = (): void => {
        timer[Symbol.dispose]();
        this.#waiting.delete(entry);
      };
      const entry = {
        matches,
        take(stanza: Stanza) {
          over();
          resolve(stanza);
        },
        fail(why: Error) {
          over();
          reject(why);
        },
      };
      const timer = systemClock.after(10_000, () => entry.fail(new Error(`Bob waited 10 s for ${what}`)));
      this.#waiting.add(entry);
    });
  }
}
