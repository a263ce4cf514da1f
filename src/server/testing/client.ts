// A person's client in a test: sends XML, and checks all it receives, stanza by stanza.

import assert from 'node:assert/strict';
import type { Element } from '../../xml/element.ts';
import { parseChildren } from '../../xml/reader.ts';
import type { Link, LinkEnd, LinkReceiver } from '../../xmpp/link.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { stanzaFromElement } from '../../xmpp/stanza-text.ts';
import { difference } from './match.ts';

/** The elements of a piece of XML in jabber:client. */
export const xml = (text: string): Element[] => {
  const read = parseChildren(text, 'jabber:client');
  if (!read.ok) throw new SyntaxError(`${read.fault.reason} in ${text}`);
  return read.value.filter((one): one is Element => typeof one !== 'string');
};

/** Takes the stanzas that `text` names off the front of what was received; fails when something else is there. */
export const expectStanzas = (
  who: string,
  received: Stanza[],
  text: string,
  options: { readonly anyOrder?: boolean } = {},
): void => {
  const waiting = xml(text);
  while (waiting.length > 0) {
    const [actual] = received;
    const wanted = waiting[0] as Element;
    assert(actual, `${who} should receive ${JSON.stringify(text.trim())} and has nothing left`);
    const found = xml(actual.toXml())[0] as Element;
    const index = options.anyOrder ? waiting.findIndex((one) => difference(one, found) === undefined) : 0;
    const fault = difference(waiting[Math.max(index, 0)] ?? wanted, found);
    assert(fault === undefined, `${who} received ${actual.toXml()}\n  expected ${text.trim()}\n  ${fault}`);
    waiting.splice(Math.max(index, 0), 1);
    received.shift();
  }
};

export class Client implements LinkReceiver {
  readonly received: Stanza[] = [];
  ended: LinkEnd | undefined;
  /** Set to hold back acknowledgement: each stanza waits for it. */
  hold: ((stanza: Stanza) => Promise<void>) | undefined;
  #link: Link | undefined;
  /** What it was asked, and has not answered. */
  #requests: Stanza[] = [];
  readonly #settle: () => Promise<void>;

  constructor(settle: () => Promise<void>) {
    this.#settle = settle;
  }

  get link(): Link {
    assert(this.#link, 'signed in');
    return this.#link;
  }

  set link(link: Link) {
    this.#link = link;
  }

  get jid(): string {
    return this.link.jid.toString();
  }

  stanza(stanza: Stanza): void | Promise<void> {
    this.received.push(stanza);
    if (stanza.kind === 'iq' && (stanza.type === 'get' || stanza.type === 'set')) this.#requests.push(stanza);
    return this.hold?.(stanza);
  }

  closed(end: LinkEnd): void {
    assert.equal(this.ended, undefined, 'closed is told once');
    this.ended = end;
  }

  /** Sends stanzas and waits until all that they caused has happened. */
  async sends(text: string): Promise<void> {
    for (const element of xml(text)) await this.link.send(stanzaFromElement(element));
    await this.#settle();
  }

  /** Answers the request received last, or all of them; the text leaves id and address open. */
  async answers(text: string, who: 'last' | 'everybody' = 'last'): Promise<void> {
    const requests = who === 'last' ? this.#requests.slice(-1) : this.#requests;
    assert(requests.length > 0, `${this.jid} was asked something`);
    this.#requests = [];
    for (const { id, from } of requests)
      for (const element of xml(text)) await this.link.send(stanzaFromElement(element).with({ id, to: from }));
    await this.#settle();
  }

  /** The next stanzas received, in this order; '*' stands for any text. */
  async receives(text: string, options: { anyOrder?: boolean } = {}): Promise<void> {
    await this.#settle();
    expectStanzas(this.jid, this.received, text, options);
  }

  async receivesNothing(): Promise<void> {
    await this.#settle();
    assert.deepEqual(
      this.received.map((one) => one.toXml()),
      [],
      `${this.jid} receives nothing`,
    );
  }
}
