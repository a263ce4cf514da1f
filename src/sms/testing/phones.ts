// Phones with nothing but short messages, and the air between them and their SMSC, which can lose, repeat and reorder.

import { systemClock } from '../../base/clock.ts';
import type { ShortMessage } from '../carrier.ts';
import { Joiner } from '../joiner.ts';
import { type ArrivedPart, cut } from '../parts.ts';

/** What becomes of the parts of one message on their way; the default lets them pass. */
export type Air = (parts: readonly ArrivedPart[]) => readonly ArrivedPart[];

export class Phone {
  readonly number: string;
  /** Whole messages, in the order in which they became whole. */
  readonly inbox: ShortMessage[] = [];
  /** Parts that came. */
  parts = 0;
  readonly #network: PhoneNetwork;
  readonly #joiner = new Joiner(systemClock);
  #heard: (message: ShortMessage) => void = () => {};
  #reference = 0;

  constructor(number: string, network: PhoneNetwork) {
    this.number = number;
    this.#network = network;
  }

  onMessage(heard: (message: ShortMessage) => void): void {
    this.#heard = heard;
  }

  /** Resolves when the SMSC has handed every part on. */
  async send(message: Omit<ShortMessage, 'from'>): Promise<void> {
    const parts = cut(message, ++this.#reference);
    if (!parts.ok) throw new Error(parts.fault.text);
    const { number: from } = this;
    await this.#network.fromPhone(parts.value.map((part) => ({ ...part, from, to: message.to })));
  }

  arrived(part: ArrivedPart): void {
    this.parts++;
    const joined = this.#joiner.add(part);
    if (joined.kind !== 'whole') return;
    this.inbox.push(joined.message);
    this.#heard(joined.message);
  }
}

export class PhoneNetwork {
  readonly #phones = new Map<string, Phone>();
  /** From phones to the server, and the other way. */
  up: Air = (parts) => parts;
  down: Air = (parts) => parts;
  /** How the SMSC brings a part to the server; resolves when the server has taken it. */
  toServer: (part: ArrivedPart) => Promise<void> = async () => {
    throw new Error('no SMSC');
  };

  phone(number: string): Phone {
    const known = this.#phones.get(number) ?? new Phone(number, this);
    this.#phones.set(number, known);
    return known;
  }

  async fromPhone(parts: readonly ArrivedPart[]): Promise<void> {
    for (const part of this.up(parts)) await this.toServer(part);
  }

  /** A part that the server has submitted. */
  fromServer(part: ArrivedPart): void {
    for (const one of this.down([part])) this.#phones.get(one.to)?.arrived(one);
  }
}
