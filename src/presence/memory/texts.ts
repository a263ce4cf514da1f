// Every text of the view (addresses, resources, payloads), each kept once however many say it, as UTF-8 in large blocks
// outside the garbage collector's reach. A text is a number from then on, and goes when nobody uses it any more.
//
// A small text has a place of one of twenty sizes. A place given back waits in its size's chain, linked through its own first
// octets, and is never merged with others: with so few sizes, texts that keep changing their length can waste little. The
// few long texts are strings of their own.

import { HashTable, stir } from './hash.ts';
import { none, Rows } from './rows.ts';

export type TextId = number;

/** Places are counted in octets times eight: 16 GB of texts in 31 bits. */
const granule = 8;
const blockBytes = 1 << 20;
const granulesPerBlock = blockBytes / granule;
const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64];
const smallBytesMax = 64 * granule;
/** Which of `sizes` holds so many granules. */
const sizeFor = Array.from({ length: 65 }, (_, granules) => sizes.findIndex((size) => size >= granules));

export class Texts {
  readonly #rows = new Rows();
  /** Where it is: a place, or `none` for a long text. */
  readonly #at = this.#rows.column();
  readonly #bytes = this.#rows.column();
  readonly #uses = this.#rows.column();
  readonly #hash = this.#rows.column();
  readonly #table = new HashTable(this.#rows.column(), (id) => this.#hash.get(id));
  readonly #blocks: Buffer[] = [];
  /** The first granule of the last block that was never in use. */
  #fresh = granulesPerBlock;
  readonly #free = sizes.map(() => none);
  readonly #long = new Map<TextId, string>();
  readonly #seed: number;

  /** `seed`: so that nobody can choose texts that end up in one bucket. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** How many different texts there are. */
  get count(): number {
    return this.#rows.count;
  }

  /** Memory reserved, but for long texts. */
  get bytes(): number {
    return this.#rows.bytes + this.#table.bytes + this.#blocks.length * blockBytes;
  }

  /** The text's number, and one more use of it. */
  use(text: string): TextId {
    const hash = this.#hashOf(text);
    let id = this.#look(text, hash);
    if (id === none) id = this.#add(text, hash);
    this.#uses.set(id, this.#uses.get(id) + 1);
    return id;
  }

  /** The text's number if it is in use, else `none`. */
  find(text: string): TextId {
    return this.#look(text, this.#hashOf(text));
  }

  /** One use less. */
  release(id: TextId): void {
    const uses = this.#uses.get(id) - 1;
    this.#uses.set(id, uses);
    if (uses === 0) this.#remove(id);
  }

  usesOf(id: TextId): number {
    return this.#uses.get(id);
  }

  textOf(id: TextId): string {
    const place = this.#at.get(id);
    if (place === none) return this.#long.get(id) as string;
    const start = (place % granulesPerBlock) * granule;
    return this.#blockOf(place).toString('utf8', start, start + this.#bytes.get(id));
  }

  #look(text: string, hash: number): TextId {
    let id = this.#table.candidate(hash);
    while (id !== none && (this.#hash.get(id) !== hash || this.textOf(id) !== text)) id = this.#table.after(id);
    return id;
  }

  #add(text: string, hash: number): TextId {
    const id = this.#rows.take();
    const bytes = Buffer.byteLength(text);
    this.#uses.set(id, 0);
    this.#hash.set(id, hash);
    this.#bytes.set(id, bytes);
    if (bytes <= smallBytesMax) {
      const place = this.#place(bytes);
      this.#at.set(id, place);
      this.#blockOf(place).write(text, (place % granulesPerBlock) * granule);
    } else {
      this.#at.set(id, none);
      // A copy: a part of a received text would keep all of that in memory.
      this.#long.set(id, Buffer.from(text).toString());
    }
    this.#table.add(id);
    return id;
  }

  #remove(id: TextId): void {
    this.#table.remove(id);
    const place = this.#at.get(id);
    if (place === none) this.#long.delete(id);
    else {
      const size = sizeOf(this.#bytes.get(id));
      this.#blockOf(place).writeInt32LE(this.#free[size] as number, (place % granulesPerBlock) * granule);
      this.#free[size] = place;
    }
    this.#rows.giveBack(id);
  }

  /** A place for so many octets: one given back, or a fresh one. */
  #place(bytes: number): number {
    const size = sizeOf(bytes);
    const given = this.#free[size] as number;
    if (given !== none) {
      this.#free[size] = this.#blockOf(given).readInt32LE((given % granulesPerBlock) * granule);
      return given;
    }
    const granules = sizes[size] as number;
    if (this.#fresh + granules > granulesPerBlock) {
      this.#blocks.push(Buffer.from(new ArrayBuffer(blockBytes)));
      this.#fresh = 0;
    }
    const place = (this.#blocks.length - 1) * granulesPerBlock + this.#fresh;
    this.#fresh += granules;
    return place;
  }

  #blockOf(place: number): Buffer {
    return this.#blocks[Math.floor(place / granulesPerBlock)] as Buffer;
  }

  /** FNV-1a over UTF-16 units, stirred. */
  #hashOf(text: string): number {
    let hash = this.#seed ^ 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return stir(hash);
  }
}

const sizeOf = (bytes: number): number => sizeFor[Math.ceil(bytes / granule)] as number;
