// Stanzas a phone sent, from the commit of its request until the next hop has them. When the Link goes away in between,
// they go out again on the next one, in order and with the same ids.

import type { Log } from '../../base/log.ts';
import type { CspStore } from '../../store/store.ts';
import type { Link } from '../../xmpp/link.ts';
import type { Stanza } from '../../xmpp/stanza.ts';

export interface Unsent {
  /** The store's number. */
  readonly seq: number;
  readonly stanza: Stanza;
}

export class Outbox {
  readonly #csp: CspStore;
  readonly #owner: { readonly log: Log };
  readonly #unsent: Unsent[] = [];
  #link: Link | undefined;
  #idle: (() => void)[] = [];

  constructor(csp: CspStore, owner: { readonly log: Log }) {
    this.#csp = csp;
    this.#owner = owner;
  }

  get size(): number {
    return this.#unsent.length;
  }

  /** The store's numbers of what is unsent. */
  get seqs(): readonly number[] {
    return this.#unsent.map(({ seq }) => seq);
  }

  add(item: Unsent): void {
    this.#unsent.push(item);
    if (this.#link) this.#send(item, this.#link);
  }

  /** A new Link: everything unsent goes out again. */
  attach(link: Link): void {
    this.#link = link;
    for (const item of this.#unsent) this.#send(item, link);
  }

  detach(): void {
    this.#link = undefined;
  }

  /** Resolves when nothing is under way any more: all is sent, or there is no Link to send it by. */
  async drained(): Promise<void> {
    if (this.#unsent.length && this.#link) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #send(item: Unsent, link: Link): void {
    link.send(item.stanza).then(
      () => this.#sent(item),
      (cause: unknown) =>
        this.#owner.log.info({ err: cause, id: item.stanza.id }, 'a stanza goes again by the next Link'),
    );
  }

  #sent(item: Unsent): void {
    const at = this.#unsent.indexOf(item);
    if (at < 0) return; // The Link before this one had it after all.
    this.#unsent.splice(at, 1);
    this.#csp.removeOutgoing([item.seq]).catch((cause: unknown) => {
      this.#owner.log.error(
        { err: cause, id: item.stanza.id },
        'a sent stanza stays in the outbox and will be sent again',
      );
    });
    if (this.#unsent.length === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
