// What we sent and the peer is not known to have: in order, bounded, and counted the way XEP-0198 counts, modulo 2^32.
//
// Stanzas from before stream management was enabled are not in its count; they leave the queue when they have gone to the
// socket (`flushed`), the later ones when the peer says so (`acknowledged`).

import { bad, good, type Outcome } from '../../base/outcome.ts';

const wrap = 2 ** 32;

export interface SentItem {
  /** Characters it takes on the wire, for the bound. */
  readonly chars: number;
}

export class SentQueue<Item extends SentItem> {
  /** Items from #head on are waiting; the array is shortened now and then. */
  #items: (Item | undefined)[] = [];
  #head = 0;
  #chars = 0;
  /** How many items were ever put in; the sequence number of the next. */
  #next = 0;
  /** Sequence number at which XEP-0198 starts to count; undefined: not enabled. */
  #managedFrom: number | undefined;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get chars(): number {
    return this.#chars;
  }

  get isManaged(): boolean {
    return this.#managedFrom !== undefined;
  }

  /** Is something waiting that leaves the queue by `flushed`? */
  get hasUncounted(): boolean {
    return this.length > 0 && this.#next - this.length < (this.#managedFrom ?? Number.POSITIVE_INFINITY);
  }

  /** Sequence number of the next item. */
  get next(): number {
    return this.#next;
  }

  /** Stanzas sent since management was enabled, as the wire counts them. */
  get sentCount(): number {
    return this.#managedFrom === undefined ? 0 : (this.#next - this.#managedFrom) % wrap;
  }

  /** `startCount`: what is counted already, after a restart (XEP-0198 counts are kept across resumption). */
  manage(startCount = 0): void {
    this.#managedFrom = this.#next - startCount;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#chars += item.chars;
    this.#next++;
  }

  /** Everything before `sequence` has left for the peer: takes what only waited for that. */
  flushed(sequence: number): readonly Item[] {
    const first = this.#next - this.length;
    return this.#take(Math.min(sequence, this.#managedFrom ?? sequence) - first);
  }

  /** The peer has handled `h` stanzas. Faults when it was not sent so many. */
  acknowledged(h: number): Outcome<readonly Item[], 'handled-count-too-high'> {
    if (this.#managedFrom === undefined) return bad('handled-count-too-high');
    const first = this.#next - this.length;
    const known = Math.max(first, this.#managedFrom) - this.#managedFrom;
    const more = (h - (known % wrap) + wrap) % wrap;
    if (known + more > this.#next - this.#managedFrom) return bad('handled-count-too-high');
    // Stanzas from before stand in front: on the same connection they have arrived too.
    return good(more === 0 ? [] : this.#take(this.#managedFrom + known + more - first));
  }

  /** What waits, oldest first. */
  *[Symbol.iterator](): Iterator<Item> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as Item;
  }

  #take(count: number): readonly Item[] {
    if (count <= 0) return [];
    const taken = this.#items.slice(this.#head, this.#head + count) as Item[];
    for (const item of taken) this.#chars -= item.chars;
    this.#items.fill(undefined, this.#head, this.#head + count);
    this.#head += count;
    if (this.#head === this.#items.length || this.#head > 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}
