// Server requests that have arrived, until somebody takes them.

import type { Clock } from '../../base/clock.ts';
import type { PrimitiveName, PrimitiveOf } from '../primitives.ts';
import { CspClientError } from './error.ts';

/** A server's request, as the phone's user would notice it. */
export type Arrival = {
  readonly [Name in PrimitiveName]: { readonly id: string; readonly content: PrimitiveOf<Name> };
}[PrimitiveName];

export class Inbox {
  readonly #clock: Clock;
  readonly #arrivals: Arrival[] = [];
  /** Each returns whether it took what it was offered; undefined is the end. */
  readonly #waiting = new Set<(arrival: Arrival | undefined) => boolean>();
  #ended: CspClientError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  deliver(arrival: Arrival): void {
    for (const offer of this.#waiting) if (offer(arrival)) return;
    this.#arrivals.push(arrival);
  }

  /** What arrived can still be taken; waiting for more is over. */
  end(why: CspClientError): void {
    this.#ended ??= why;
    for (const offer of this.#waiting) offer(undefined);
  }

  /** The first arrival that matches, now or later; the others stay. Rejects after the time given and at the end. */
  take(matches: (arrival: Arrival) => boolean, timeoutMs?: number, what = 'anything'): Promise<Arrival> {
    const at = this.#arrivals.findIndex(matches);
    if (at >= 0) return Promise.resolve(this.#arrivals.splice(at, 1)[0] as Arrival);
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const timer =
        timeoutMs === undefined
          ? undefined
          : this.#clock.after(timeoutMs, () => {
              this.#waiting.delete(offer);
              reject(new CspClientError(`${what} did not arrive within ${timeoutMs} ms`));
            });
      const offer = (arrival: Arrival | undefined): boolean => {
        if (arrival && !matches(arrival)) return false;
        timer?.[Symbol.dispose]();
        this.#waiting.delete(offer);
        if (arrival) resolve(arrival);
        else reject(this.#ended);
        return true;
      };
      this.#waiting.add(offer);
    });
  }

  /** Everything in order, until the end. */
  async *all(): AsyncGenerator<Arrival, void> {
    for (;;) {
      const arrival = await this.take(() => true).catch((cause: unknown) => {
        if (cause === this.#ended) return undefined;
        throw cause;
      });
      if (!arrival) return;
      yield arrival;
    }
  }
}
