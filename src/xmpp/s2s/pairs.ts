import type { Pair } from './s2s.ts';

/** Pairs of domains, each once, in the order they came. */
export class Pairs implements Iterable<Pair> {
  readonly #pairs = new Map<string, Pair>();

  get size(): number {
    return this.#pairs.size;
  }
  has(pair: Pair): boolean {
    return this.#pairs.has(pairKey(pair));
  }
  add(pair: Pair): void {
    this.#pairs.set(pairKey(pair), pair);
  }
  delete(pair: Pair): boolean {
    return this.#pairs.delete(pairKey(pair));
  }
  hasRemote(domain: string): boolean {
    for (const { remote } of this) if (remote === domain) return true;
    return false;
  }
  [Symbol.iterator](): Iterator<Pair> {
    return this.#pairs.values();
  }
}

/** Domains have no spaces. */
export const pairKey = ({ local, remote }: Pair): string => `${local} ${remote}`;
