// Time and chance for the simulation: things happen in the order of their times, and everything random comes from one seed.

export class World {
  now = 0;
  #seed: number;
  #count = 0;
  /** A heap by time, and by turn where times are equal. */
  readonly #heap: { readonly at: number; readonly turn: number; readonly run: () => void }[] = [];

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** In [0, 1). */
  fraction(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), this.#seed | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  chance(of: number): boolean {
    return this.fraction() < of;
  }

  /** Between the two, short ones as likely as long ones: each doubling has its share. */
  span(fromMs: number, toMs: number): number {
    return Math.round(fromMs * (toMs / fromMs) ** this.fraction());
  }

  below(count: number): number {
    return Math.floor(this.fraction() * count);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  after(ms: number, run: () => void): void {
    const heap = this.#heap;
    const entry = { at: this.now + Math.max(0, ms), turn: this.#count++, run };
    let i = heap.length;
    heap.push(entry);
    for (let parent = (i - 1) >> 1; i > 0 && isBefore(entry, heap[parent]); parent = (i - 1) >> 1) {
      heap[i] = heap[parent] as typeof entry;
      i = parent;
    }
    heap[i] = entry;
  }

  runUntil(end: number): void {
    for (let first = this.#heap[0]; first && first.at <= end; first = this.#heap[0]) {
      this.#removeFirst();
      this.now = first.at;
      first.run();
    }
    this.now = end;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (isBefore(heap[child + 1], heap[child])) child++;
      const one = heap[child];
      if (!one || !isBefore(one, last)) break;
      heap[i] = one;
      i = child;
    }
    heap[i] = last;
  }
}

interface Due {
  readonly at: number;
  readonly turn: number;
}
const isBefore = (a: Due | undefined, b: Due | undefined): boolean =>
  a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.turn < b.turn));
