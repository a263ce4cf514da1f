// A server that does what a test says, for what no real one does on demand: answers that never come, forged stanzas, missing
// features.

import { SimulatedClock } from '../../base/clock.ts';
import { good } from '../../base/outcome.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import { type Element, el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Link, LinkReceiver } from '../../xmpp/link.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import type { Ground } from './world.ts';

export class ScriptedServer {
  /** What the gateway sent, requests that were answered included. */
  readonly sent: Stanza[] = [];
  /** Contents of <item/>s of the roster. */
  readonly roster: Element[] = [];
  features: readonly string[] = [];
  identities: readonly Element[] = [];
  /** Answers a request before the server's own manners do; null: no answer ever. */
  answer: (request: Stanza) => Stanza | null | undefined = () => undefined;
  readonly clock = new SimulatedClock();
  #receiver: LinkReceiver | undefined;
  #jid = Jid.from('mila@home.test/phone');

  async open(): Promise<Ground> {
    const store = openSqliteStore({ file: ':memory:' });
    const settle = async (): Promise<void> => {
      for (let round = 0; round < 8; round++) await new Promise((resolve) => setImmediate(resolve));
    };
    return {
      home: 'home.test',
      provider: {
        domain: 'home.test',
        open: async (request, receiver) => {
          this.#receiver = receiver;
          this.#jid = request.account.withResource(request.resource);
          return good(this.#link());
        },
      },
      makeAccount: async () => {},
      clock: this.clock,
      store,
      vault: {
        devicePassword: async () => 'secret',
        sealForSession: (_id, password) => Buffer.from(password),
        openForSession: (_id, sealed) => Buffer.from(sealed).toString(),
      },
      pass: async (ms) => {
        await settle();
        this.clock.advance(ms);
        await settle();
      },
      has: { blocking: false, pep: false, rooms: false },
      close: () => store.close(),
    };
  }

  /** Hands the phone's session a stanza; resolves when it was acknowledged. */
  async delivers(stanza: Stanza): Promise<void> {
    await this.#receiver?.stanza(stanza.with({ to: this.#jid }));
  }

  /** The Link is lost; the next is opened when the session asks for it. */
  loses(): void {
    this.#receiver?.closed({ reason: 'lost' });
  }

  /** What was sent that fits, taken out of the record. */
  take(fits: (stanza: Stanza) => boolean): Stanza[] {
    const found = this.sent.filter(fits);
    for (const one of found) this.sent.splice(this.sent.indexOf(one), 1);
    return found;
  }

  #link(): Link {
    return {
      jid: this.#jid,
      features: new Set(),
      send: async (stanza) => {
        this.sent.push(stanza);
        if (stanza.kind !== 'iq' || (stanza.type !== 'get' && stanza.type !== 'set')) return;
        const answer = this.answer(stanza);
        if (answer === null) return;
        const given = (answer ?? this.#manners(stanza)).with({ from: stanza.to, to: this.#jid });
        queueMicrotask(() => void this.#receiver?.stanza(given));
      },
      close: async () => {},
      resumption: () => undefined,
    };
  }

  #manners(request: Stanza): Stanza {
    if (request.has('query', 'http://jabber.org/protocol/disco#info') && (!request.to || request.to.isBare))
      return request.result(
        el(
          'query',
          { xmlns: 'http://jabber.org/protocol/disco#info' },
          ...this.identities,
          ...this.features.map((feature) => el('feature', { var: feature })),
        ),
      );
    if (request.has('query', 'jabber:iq:roster'))
      return request.type === 'get'
        ? request.result(el('query', { xmlns: 'jabber:iq:roster' }, ...this.roster))
        : request.result();
    if (request.has('pubsub', 'http://jabber.org/protocol/pubsub')) return request.result();
    return request.error('service-unavailable');
  }
}
