// Messages that come in, over any carrier: parts are joined, and the carrier is told that the last one was taken when whoever
// listens has taken the message.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ShortMessage } from './carrier.ts';
import { Joiner } from './joiner.ts';
import type { SmsMeters } from './meters.ts';
import type { ArrivedPart } from './parts.ts';

export class Incoming {
  readonly #joiner: Joiner;
  readonly #log: Log;
  readonly #meters: SmsMeters;
  #receive: ((message: ShortMessage) => Promise<void>) | undefined;

  constructor(clock: Clock, log: Log, meters: SmsMeters) {
    this.#joiner = new Joiner(clock, () => meters.received('lost'));
    this.#log = log;
    this.#meters = meters;
  }

  onMessage(receive: (message: ShortMessage) => Promise<void>): void {
    this.#receive = receive;
  }

  /** True: the carrier need not bring it again. */
  async arrived(part: ArrivedPart): Promise<boolean> {
    const joined = this.#joiner.add(part);
    if (joined.kind !== 'whole') {
      this.#meters.received(joined.kind);
      return true;
    }
    // Nobody listens yet, or any more.
    if (!this.#receive) {
      joined.refused();
      return false;
    }
    try {
      await this.#receive(joined.message);
      this.#meters.received('taken');
      return true;
    } catch (cause) {
      joined.refused();
      this.#meters.received('put-off');
      this.#log.warn({ err: cause }, 'a short message could not be taken; the carrier is to bring it again');
      return false;
    }
  }
}

/** Telephone numbers as we write them: an international one without its plus sign. */
export const digitsOf = (number: string): string => number.trim().replace(/^\+/, '');
