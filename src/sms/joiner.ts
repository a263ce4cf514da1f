// Puts the parts of long messages together, in whatever order they come, however often. Bounded: a stranger with a telephone
// can send parts that never become a message.
//
// The part that completes a message is acknowledged by the caller when the message was taken. When it was not, `refused` is
// called, and the same part coming again completes the message again.

import type { Clock } from '../base/clock.ts';
import type { ShortMessage } from './carrier.ts';
import { type ArrivedPart, messageOf } from './parts.ts';

export interface JoinerLimits {
  /** Incomplete messages of one sender, and of all. */
  readonly perSenderMax: number;
  readonly messagesMax: number;
  /** Parts of one message. */
  readonly partsMax: number;
  /** Milliseconds since its last part after which an incomplete message is given up. */
  readonly patienceMs: number;
}

/** 64 parts are 8 kB. */
export const defaultJoinerLimits: JoinerLimits = {
  perSenderMax: 8,
  messagesMax: 1000,
  partsMax: 64,
  patienceMs: 10 * 60_000,
};

export type Joined =
  | { readonly kind: 'whole'; readonly message: ShortMessage; readonly refused: () => void }
  /** One of several; acknowledge it. */
  | { readonly kind: 'part' }
  /** Came before, or belongs to a message that was taken already; acknowledge it. */
  | { readonly kind: 'again' }
  /** Beyond the limits; acknowledge it, it is of no use to have it come again. */
  | { readonly kind: 'refused'; readonly why: 'too-many-parts' };

interface Growing {
  readonly from: string;
  readonly bodies: (Uint8Array | undefined)[];
  missing: number;
  /** Monotonic ms. */
  lastAt: number;
  isTaken: boolean;
}

export class Joiner {
  readonly #clock: Clock;
  readonly #limits: JoinerLimits;
  /** In the order of their last part. */
  readonly #growing = new Map<string, Growing>();
  /** Told of messages given up, by their sender. */
  readonly #lost: (from: string) => void;

  constructor(clock: Clock, lost: (from: string) => void = () => {}, limits: Partial<JoinerLimits> = {}) {
    this.#clock = clock;
    this.#lost = lost;
    this.#limits = { ...defaultJoinerLimits, ...limits };
  }

  /** Messages under way; those taken lately are counted, as long as their parts may come again. */
  get size(): number {
    return this.#growing.size;
  }

  add(arrived: ArrivedPart): Joined {
    const { part, ports } = arrived.header;
    if (!part || part.total === 1)
      return { kind: 'whole', message: messageOf(arrived, ports, [arrived.body]), refused };
    if (part.total > this.#limits.partsMax) return { kind: 'refused', why: 'too-many-parts' };
    this.#forgetOld();
    const { from, to, coding, body } = arrived;
    const key = [from, to, part.isWide, part.reference, part.total, coding, ports?.destination].join(' ');
    let message = this.#growing.get(key);
    const before = message?.bodies[part.number - 1];
    // The reference came round, or was never changed: another message, which takes the place of the first.
    const isOther = before !== undefined && !isEqual(before, body);
    if (message && !isOther && before && (message.isTaken || message.missing > 0)) return { kind: 'again' };
    if (!message || isOther) {
      if (message && !message.isTaken) this.#lost(from);
      message = { from, bodies: Array(part.total).fill(undefined), missing: part.total, lastAt: 0, isTaken: false };
    }
    if (message.bodies[part.number - 1] === undefined) message.missing--;
    message.bodies[part.number - 1] = body;
    message.lastAt = this.#clock.mono();
    this.#growing.delete(key);
    this.#growing.set(key, message);
    this.#keepWithin(from);
    if (message.missing > 0) return { kind: 'part' };
    const whole = message;
    whole.isTaken = true;
    return {
      kind: 'whole',
      message: messageOf(arrived, ports, whole.bodies as Uint8Array[]),
      refused: () => {
        whole.isTaken = false;
      },
    };
  }

  #forgetOld(): void {
    const oldest = this.#clock.mono() - this.#limits.patienceMs;
    for (const [key, message] of this.#growing) {
      if (message.lastAt > oldest) break;
      this.#drop(key, message);
    }
  }

  /** The oldest goes. */
  #keepWithin(from: string): void {
    const own = [...this.#growing].filter(([, message]) => message.from === from);
    const [first] = own;
    if (first && own.length > this.#limits.perSenderMax) this.#drop(...first);
    const [oldest] = this.#growing;
    if (oldest && this.#growing.size > this.#limits.messagesMax) this.#drop(...oldest);
  }

  #drop(key: string, message: Growing): void {
    this.#growing.delete(key);
    if (!message.isTaken) this.#lost(message.from);
  }
}

const refused = (): void => {};

const isEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((octet, at) => octet === other[at]);
