// Somebody on an ordinary XMPP client: sends XML, keeps what comes.

import { type Element, el, textOf } from '../../xml/element.ts';
import { parseChildren } from '../../xml/reader.ts';
import type { Link, LinkReceiver } from '../../xmpp/link.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { stanzaFromElement } from '../../xmpp/stanza-text.ts';
import { capsHash, discoInfo } from '../services/client/caps.ts';
import type { World } from './world.ts';

export class Friend implements LinkReceiver {
  readonly received: Stanza[] = [];
  #link: Link | undefined;
  readonly #world: World;
  #info: Element = el('query', { xmlns: discoInfo }, el('identity', { category: 'client', type: 'pc' }));

  constructor(world: World) {
    this.#world = world;
  }

  get link(): Link {
    if (!this.#link) throw new Error('not signed in');
    return this.#link;
  }
  set link(link: Link) {
    this.#link = link;
  }

  stanza(stanza: Stanza): void {
    this.received.push(stanza);
    // A client answers requests (RFC 6120 §8.2.3).
    if (stanza.kind !== 'iq' || (stanza.type !== 'get' && stanza.type !== 'set')) return;
    const isAsked = stanza.type === 'get' && stanza.has('query', discoInfo);
    const answer =
      stanza.type === 'set' || isAsked
        ? stanza.result(isAsked ? this.#info : undefined)
        : stanza.error('service-unavailable');
    void this.link.send(answer.with({ from: undefined }));
  }

  closed(): void {}

  /** Available, as a client that wants the events of these nodes (XEP-0163 §4.3.2). */
  async wants(...nodes: readonly string[]): Promise<void> {
    this.#info = el(
      'query',
      { xmlns: discoInfo },
      el('identity', { category: 'client', type: 'pc' }),
      nodes.map((node) => el('feature', { var: `${node}+notify` })),
    );
    const ver = capsHash(this.#info);
    await this.sends(
      `<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:friend' ver='${ver}'/></presence>`,
    );
  }

  async sends(xml: string): Promise<void> {
    const read = parseChildren(xml, 'jabber:client');
    if (!read.ok) throw new SyntaxError(`${read.fault.reason} in ${xml}`);
    for (const one of read.value) if (typeof one !== 'string') await this.link.send(stanzaFromElement(one));
    await this.#world.ground.pass(20);
  }

  /** The next stanza that fits; others stay for later. */
  receives(what: string, fits: (stanza: Stanza) => boolean): Promise<Stanza> {
    const list = (): string => this.received.map((one) => one.toXml()).join('\n');
    return this.#world
      .until(`${what} at ${this.link.jid}`, () => {
        const at = this.received.findIndex(fits);
        return at < 0 ? undefined : this.received.splice(at, 1)[0];
      })
      .catch((cause: unknown) => {
        throw new Error(`${(cause as Error).message}; it has\n${list()}`);
      });
  }

  receivesPresence(type: string | undefined, fits: (stanza: Stanza) => boolean = () => true): Promise<Stanza> {
    return this.receives(
      `presence ${type ?? 'available'}`,
      (one) => one.kind === 'presence' && one.type === type && fits(one),
    );
  }

  receivesText(text: string): Promise<Stanza> {
    return this.receives(`'${text}'`, (one) => one.kind === 'message' && bodyOf(one) === text);
  }
}

export const bodyOf = (stanza: Stanza): string | undefined => {
  const body = stanza.child('body');
  return body && textOf(body);
};
