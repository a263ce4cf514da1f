// Messages on their way out, over any carrier: cut into parts, no faster than agreed, so many without an answer at a time. A
// part that the carrier has no room for just now waits and goes again.

import type { Clock } from '../base/clock.ts';
import { bad, good, type Outcome } from '../base/outcome.ts';
import type { Random } from '../base/random.ts';
import type { ShortMessage, SmsFault } from './carrier.ts';
import { cut, type Part } from './parts.ts';

/** 'throttled': not now, but soon. */
export type PartFault = SmsFault | { readonly reason: 'throttled'; readonly text: string };

export interface OutgoingParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly perSecond: number;
  readonly window: number;
  readonly sendPart: (part: Part, from: string, to: string) => Promise<Outcome<void, PartFault>>;
}

/** Parts that wait for the window. */
const waitingMax = 1000;
const throttledWaitsMs = [1000, 2000, 4000, 8000, 16_000];

export class Outgoing {
  readonly #parts: OutgoingParts;
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  /** Monotonic ms at which the next part may go. */
  #nextAt = Number.NEGATIVE_INFINITY;
  #reference: number;
  #isClosing = false;
  #idle = (): void => {};

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
    this.#reference = Math.floor(parts.random.fraction() * 0x10000);
  }

  /** Parts in the carrier's hands, and those that wait. */
  get underWay(): number {
    return this.#open + this.#waiting.length;
  }

  /** Nothing new is taken from now on; resolves when nothing is under way, or after so many ms. */
  async settled(withinMs: number): Promise<void> {
    this.#isClosing = true;
    if (this.underWay === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.#parts.clock.after(withinMs, resolve);
      this.#idle = () => {
        timer[Symbol.dispose]();
        resolve();
      };
    });
  }

  /** Parts go one after another, in order; what follows a part that failed is not sent. */
  async send(message: ShortMessage): Promise<Outcome<void, SmsFault>> {
    if (this.#isClosing) return bad({ reason: 'down', text: 'shutting down' });
    this.#reference = (this.#reference + 1) & 0xffff;
    const parts = cut(message, this.#reference);
    if (!parts.ok) return parts;
    if (this.#waiting.length + parts.value.length > waitingMax)
      return bad({ reason: 'busy', text: `${this.#waiting.length} messages wait already` });
    for (const part of parts.value) {
      const sent = await this.#inWindow(() => this.#patiently(part, message.from, message.to));
      if (!sent.ok) return sent;
    }
    return good(undefined);
  }

  async #patiently(part: Part, from: string, to: string): Promise<Outcome<void, SmsFault>> {
    const { clock, perSecond, sendPart } = this.#parts;
    for (let tries = 0; ; tries++) {
      await this.#until(this.#nextAt);
      this.#nextAt = Math.max(clock.mono(), this.#nextAt) + 1000 / perSecond;
      const sent = await sendPart(part, from, to);
      if (sent.ok) return sent;
      const { reason, text } = sent.fault;
      if (reason !== 'throttled') return bad({ reason, text });
      const waitMs = throttledWaitsMs[tries];
      if (waitMs === undefined) return bad({ reason: 'busy', text });
      // The others wait too: asking more is what throttling answers.
      this.#nextAt = Math.max(this.#nextAt, clock.mono() + waitMs);
    }
  }

  async #inWindow<Value>(task: () => Promise<Value>): Promise<Value> {
    if (this.#open >= this.#parts.window) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#open++;
    try {
      return await task();
    } finally {
      // The place goes to who waits longest.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#open--;
      if (this.underWay === 0) this.#idle();
    }
  }

  async #until(at: number): Promise<void> {
    const { clock } = this.#parts;
    const waitMs = at - clock.mono();
    if (waitMs > 0) await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
  }
}
