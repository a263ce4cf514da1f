// A domain on the network that a script speaks for, stanza by stanza: a server of another kind, or one that misbehaves.

import assert from 'node:assert/strict';
import type { Stanza } from '../../xmpp/stanza.ts';
import { stanzaFromElement } from '../../xmpp/stanza-text.ts';
import { expectStanzas, xml } from './client.ts';
import type { End, Wires } from './wires.ts';

export class ScriptedDomain implements End {
  readonly name: string;
  readonly received: Stanza[] = [];
  #request: Stanza | undefined;
  readonly #wires: Wires;
  readonly #settle: () => Promise<void>;

  constructor(name: string, wires: Wires, settle: () => Promise<void>) {
    this.name = name;
    this.#wires = wires;
    this.#settle = settle;
  }

  receive(stanza: Stanza): void {
    this.received.push(stanza);
    if (stanza.kind === 'iq' && (stanza.type === 'get' || stanza.type === 'set')) this.#request = stanza;
  }

  reach(): void {}

  async sends(text: string): Promise<void> {
    const carrier = this.#wires.carrier(this.name);
    for (const element of xml(text)) {
      const stanza = stanzaFromElement(element);
      assert(stanza.from && stanza.to, 'what a server sends has both addresses');
      await carrier.carry(stanza, true);
    }
    await this.#settle();
  }

  /** Answers the request received last; the text leaves id and addresses open. */
  async answers(text: string): Promise<void> {
    const { id, from, to } = this.#request ?? {};
    assert(id !== undefined && from && to, `${this.name} was asked something`);
    for (const element of xml(text))
      await this.#wires.carrier(this.name).carry(stanzaFromElement(element).with({ id, from: to, to: from }), true);
    await this.#settle();
  }

  async receives(text: string, options: { anyOrder?: boolean } = {}): Promise<void> {
    await this.#settle();
    expectStanzas(this.name, this.received, text, options);
  }
}
