// What happens by chance: everything a simulation leaves to luck comes from its seed through here.

import { seededRandom } from '../../base/random.ts';

export class Chance {
  readonly #random: ReturnType<typeof seededRandom>;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Of its own: what others leave to chance does not change it. */
  fork(): Chance {
    return new Chance(this.below(2 ** 31));
  }

  /** True with this probability. */
  is(probability: number): boolean {
    return this.#random.fraction() < probability;
  }

  between(low: number, high: number): number {
    return low + this.#random.fraction() * (high - low);
  }

  /** Whole numbers from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.#random.fraction() * count);
  }

  /** Waits between events that come by themselves, so long on average. */
  wait(averageMs: number): number {
    return -Math.log(1 - this.#random.fraction()) * averageMs;
  }

  pick<Value>(of: readonly Value[]): Value {
    if (of.length === 0) throw new RangeError('nothing to pick from');
    return of[this.below(of.length)] as Value;
  }

  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let at = this.between(
      0,
      entries.reduce((sum, [, weight]) => sum + weight, 0),
    );
    for (const [name, weight] of entries) {
      at -= weight;
      if (at < 0) return name;
    }
    return (entries.at(-1) as [Name, number])[0];
  }
}
