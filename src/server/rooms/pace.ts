// How fast one account may be in one room. What is too fast is refused and costs no further patience, so that whoever keeps to
// the pace from now on is heard again at once.

import type { MonoMs } from '../../base/clock.ts';

interface Tally {
  left: number;
  at: MonoMs;
}

const talliesMax = 20_000;

export class Pace {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #tallies = new Map<string, Tally>();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  admits(key: string, now: MonoMs): boolean {
    const tally = this.#tallies.get(key) ?? { left: this.#burst, at: now };
    tally.left = Math.min(this.#burst, tally.left + ((now - tally.at) * this.#perSecond) / 1000);
    tally.at = now;
    this.#tallies.delete(key);
    this.#tallies.set(key, tally);
    this.#trim();
    if (tally.left < 1) return false;
    tally.left--;
    return true;
  }

  /** Those heard of least lately go first. */
  #trim(): void {
    if (this.#tallies.size <= talliesMax) return;
    for (const oldest of this.#tallies.keys()) {
      this.#tallies.delete(oldest);
      return;
    }
  }
}
