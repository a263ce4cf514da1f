// Finds rows by what they hold: a hash table whose chains are a column of the rows themselves. It grows with each row that
// comes, by parting one bucket in two (linear hashing), so that there is never a moment at which everything is moved.

import { Column, none } from './rows.ts';

const bucketsMin = 64;

export class HashTable {
  readonly #next: Column;
  readonly #hashOf: (row: number) => number;
  readonly #first = new Column();
  /** A power of two; the buckets before `#parted` have been parted in two, and their other halves stand behind it. */
  #round = bucketsMin;
  #parted = 0;
  #count = 0;

  /** `next`: a column of the rows, for the table's use. `hashOf`: a row's hash, the same as long as it is in. */
  constructor(next: Column, hashOf: (row: number) => number) {
    this.#next = next;
    this.#hashOf = hashOf;
    for (let bucket = 0; bucket < bucketsMin; bucket++) this.#makeBucket(bucket);
  }

  get bytes(): number {
    return this.#first.bytes;
  }

  /** The first row whose hash may be this one, or `none`; `after` gives the others. */
  candidate(hash: number): number {
    return this.#first.get(this.#bucketOf(hash));
  }

  after(row: number): number {
    return this.#next.get(row);
  }

  add(row: number): void {
    this.#link(this.#bucketOf(this.#hashOf(row)), row);
    if (++this.#count > this.#round + this.#parted) this.#part();
  }

  remove(row: number): void {
    const bucket = this.#bucketOf(this.#hashOf(row));
    const next = this.#next.get(row);
    let before = this.#first.get(bucket);
    if (before === row) this.#first.set(bucket, next);
    else {
      while (this.#next.get(before) !== row) before = this.#next.get(before);
      this.#next.set(before, next);
    }
    this.#count--;
  }

  #bucketOf(hash: number): number {
    const bucket = hash & (this.#round - 1);
    return bucket < this.#parted ? hash & (2 * this.#round - 1) : bucket;
  }

  #part(): void {
    const bucket = this.#parted;
    let row = this.#first.get(bucket);
    this.#first.set(bucket, none);
    this.#makeBucket(this.#round + bucket);
    this.#parted++;
    while (row !== none) {
      const next = this.#next.get(row);
      this.#link(this.#hashOf(row) & (2 * this.#round - 1), row);
      row = next;
    }
    if (this.#parted < this.#round) return;
    this.#round *= 2;
    this.#parted = 0;
  }

  #makeBucket(bucket: number): void {
    this.#first.reach(bucket);
    this.#first.set(bucket, none);
  }

  #link(bucket: number, row: number): void {
    this.#next.set(row, this.#first.get(bucket));
    this.#first.set(bucket, row);
  }
}

/** Every bit of a hash in every other. */
export const stir = (hash: number): number => {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
};
