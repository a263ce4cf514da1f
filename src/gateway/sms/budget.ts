// How many short messages a number may cost in an hour. Bounded in memory.

import type { Clock } from '../../base/clock.ts';

const numbersMax = 10_000;
const hourMs = 60 * 60_000;

export class Budget {
  readonly #clock: Clock;
  readonly #perHour: number;
  readonly #times = new Map<string, number[]>();

  constructor(clock: Clock, perHour: number) {
    this.#clock = clock;
    this.#perHour = perHour;
  }

  /** Takes `count` messages, unless fewer than `reserve` more would be left. */
  take(number: string, count: number, reserve = 0): boolean {
    const now = this.#clock.mono();
    const recent = (this.#times.get(number) ?? []).filter((at) => at > now - hourMs);
    const isAllowed = recent.length + count + reserve <= this.#perHour;
    if (isAllowed) for (let n = 0; n < count; n++) recent.push(now);
    this.#times.delete(number);
    this.#times.set(number, recent);
    if (this.#times.size > numbersMax) {
      const [oldest] = this.#times.keys();
      if (oldest !== undefined) this.#times.delete(oldest);
    }
    return isAllowed;
  }
}
