// At most so many in so long, per key: registrations per address, for instance. Bounded in memory.

import type { Clock } from './clock.ts';

const keysMax = 10_000;

export class Window {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #lengthMs: number;
  readonly #times = new Map<string, number[]>();

  constructor(clock: Clock, max: number, lengthMs: number) {
    this.#clock = clock;
    this.#max = max;
    this.#lengthMs = lengthMs;
  }

  /** Would one more be too many? Counts nothing. */
  isFull(key: string): boolean {
    const since = this.#clock.mono() - this.#lengthMs;
    return (this.#times.get(key) ?? []).filter((at) => at > since).length >= this.#max;
  }

  /** Counts one more, unless that were too many. */
  admits(key: string): boolean {
    const now = this.#clock.mono();
    const recent = (this.#times.get(key) ?? []).filter((at) => at > now - this.#lengthMs);
    this.#times.delete(key);
    if (recent.length < this.#max) recent.push(now);
    else {
      this.#times.set(key, recent);
      return false;
    }
    this.#times.set(key, recent);
    // The key unused for longest is forgotten first: whoever fills the table forgets the others, not himself.
    if (this.#times.size > keysMax)
      for (const oldest of this.#times.keys()) {
        this.#times.delete(oldest);
        break;
      }
    return true;
  }
}
