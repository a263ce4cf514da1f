// Rows of whole numbers: what would be an object each, a million times, is one row number and a few typed arrays. A row
// given back is used again. Columns grow a chunk at a time, so that nothing is ever copied and nobody waits.

/** No row, no text, no time: in every column. */
export const none = -1;

const chunkBits = 14;
const chunkRows = 1 << chunkBits;

export class Column {
  readonly #chunks: Int32Array[] = [];

  get(row: number): number {
    return (this.#chunks[row >> chunkBits] as Int32Array)[row & (chunkRows - 1)] as number;
  }

  set(row: number, value: number): void {
    (this.#chunks[row >> chunkBits] as Int32Array)[row & (chunkRows - 1)] = value;
  }

  /** Makes the row's cell exist. */
  reach(row: number): void {
    while (row >> chunkBits >= this.#chunks.length) this.#chunks.push(new Int32Array(chunkRows));
  }

  get bytes(): number {
    return this.#chunks.length * chunkRows * Int32Array.BYTES_PER_ELEMENT;
  }
}

export class Rows {
  readonly #columns: Column[] = [];
  /** Rows from here on were never in use. */
  #fresh = 0;
  /** The first of the rows given back, which are chained through their first column. */
  #free = none;
  #count = 0;

  /** Rows in use. */
  get count(): number {
    return this.#count;
  }

  /** Memory reserved. */
  get bytes(): number {
    return this.#columns.reduce((sum, column) => sum + column.bytes, 0);
  }

  /** Before the first `take`. */
  column(): Column {
    const column = new Column();
    this.#columns.push(column);
    return column;
  }

  /** A row to use; its cells hold anything. */
  take(): number {
    this.#count++;
    if (this.#free !== none) {
      const row = this.#free;
      this.#free = this.#chain.get(row);
      return row;
    }
    const row = this.#fresh++;
    if ((row & (chunkRows - 1)) === 0) for (const column of this.#columns) column.reach(row);
    return row;
  }

  giveBack(row: number): void {
    this.#count--;
    this.#chain.set(row, this.#free);
    this.#free = row;
  }

  get #chain(): Column {
    return this.#columns[0] as Column;
  }
}

/** A list of rows that is kept in two of their own columns: in and out in no time, wherever the row stands. */
export interface List {
  first: number;
  last: number;
  count: number;
}
export const makeList = (): List => ({ first: none, last: none, count: 0 });

export class Links {
  readonly next: Column;
  readonly #previous: Column;

  constructor(next: Column, previous: Column) {
    this.next = next;
    this.#previous = previous;
  }

  append(list: List, row: number): void {
    this.next.set(row, none);
    this.#previous.set(row, list.last);
    if (list.last === none) list.first = row;
    else this.next.set(list.last, row);
    list.last = row;
    list.count++;
  }

  remove(list: List, row: number): void {
    const next = this.next.get(row);
    const previous = this.#previous.get(row);
    if (previous === none) list.first = next;
    else this.next.set(previous, next);
    if (next === none) list.last = previous;
    else this.#previous.set(next, previous);
    list.count--;
  }
}
