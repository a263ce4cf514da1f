// A message that is too long for one short message goes as segments: its preamble with two letters behind, which of how many
// ("ab" is the first of two), then a part of the rest. Up to 26. (CSP reference §6.3)

import type { Clock } from '../../base/clock.ts';
import { bad, good, type Outcome } from '../../base/outcome.ts';

export const segmentsMax = 26;
const letters = 'abcdefghijklmnopqrstuvwxyz';

const head = /^(WV(?:\d\d|XX)[A-Z]{2}(?:0|[1-9]\d{0,2}))(?:([A-Z])([A-Z]))?(?: |$)/i;

/** Octets as they are, one character each: a segment may end inside a character. */
const latin1 = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');

/**
 * The segments of a message in octets, each at most `octetsMax` long; a message that fits is itself. 'too-long': it needs more
 * than 26.
 */
export const segmentsOf = (message: Uint8Array, octetsMax: number): Outcome<readonly Uint8Array[], 'too-long'> => {
  if (message.length <= octetsMax) return good([message]);
  const space = message.indexOf(0x20);
  const preamble = message.subarray(0, space < 0 ? message.length : space);
  const rest = message.subarray(preamble.length + 1);
  const room = octetsMax - preamble.length - 3;
  const count = Math.ceil(rest.length / room);
  if (room < 1 || count > segmentsMax) return bad('too-long');
  return good(
    Array.from({ length: count }, (_, n) =>
      Buffer.concat([
        preamble,
        Buffer.from(`${letters[n]}${letters[count - 1]} `),
        rest.subarray(n * room, (n + 1) * room),
      ]),
    ),
  );
};

/** The same for text, cut between characters; undefined: it needs more than 26. Lengths are those of JavaScript. */
export const textSegmentsOf = (message: string, most: number): readonly string[] | undefined => {
  if (message.length <= most) return [message];
  const [preamble = ''] = message.split(' ', 1);
  const room = most - preamble.length - 3;
  const pieces: string[] = [];
  let piece = '';
  for (const character of message.slice(preamble.length + 1)) {
    if (piece.length + character.length > room) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  pieces.push(piece);
  if (room < 2 || pieces.length > segmentsMax) return undefined;
  return pieces.map((one, n) => `${preamble}${letters[n]}${letters[pieces.length - 1]} ${one}`);
};

/** The most octets of a message in that many per short message, whatever its TransactionID. */
export const messageMax = (octetsMax: number): number => segmentsMax * (octetsMax - 'WV12NM999ab '.length);

export interface AssemblerLimits {
  /** Messages under way of one sender, and of all. */
  readonly perSenderMax: number;
  readonly messagesMax: number;
  /** Milliseconds since its last segment. */
  readonly patienceMs: number;
}
export const defaultAssemblerLimits: AssemblerLimits = { perSenderMax: 4, messagesMax: 1000, patienceMs: 5 * 60_000 };

export type Assembled =
  | { readonly kind: 'whole'; readonly message: Uint8Array }
  | { readonly kind: 'part' }
  /** Not a message in this syntax. */
  | { readonly kind: 'foreign' };

interface Growing {
  readonly sender: string;
  readonly segments: (Uint8Array | undefined)[];
  missing: number;
  /** Monotonic ms. */
  lastAt: number;
}

/** Puts segments together, in any order, however often they come. */
export class SegmentAssembler {
  readonly #clock: Clock;
  readonly #limits: AssemblerLimits;
  /** In the order of their last segment. */
  readonly #growing = new Map<string, Growing>();
  readonly #lost: (sender: string) => void;

  constructor(clock: Clock, lost: (sender: string) => void = () => {}, limits: Partial<AssemblerLimits> = {}) {
    this.#clock = clock;
    this.#lost = lost;
    this.#limits = { ...defaultAssemblerLimits, ...limits };
  }

  get size(): number {
    return this.#growing.size;
  }

  add(sender: string, segment: Uint8Array): Assembled {
    const found = head.exec(latin1(segment.subarray(0, 16)));
    if (!found) return { kind: 'foreign' };
    const [whole, preamble = '', which, last] = found;
    if (which === undefined || last === undefined) return { kind: 'whole', message: segment };
    const total = letters.indexOf(last.toLowerCase()) + 1;
    const index = letters.indexOf(which.toLowerCase());
    if (index >= total) return { kind: 'foreign' };
    this.#forgetOld();
    const key = `${sender} ${preamble.toUpperCase()} ${total}`;
    const body = segment.subarray(whole.length);
    const before = this.#growing.get(key);
    const same = before?.segments[index];
    // The same id again, saying something else: the first will not be whole any more.
    const isOther = same !== undefined && Buffer.compare(same, body) !== 0;
    if (before && isOther) this.#lost(sender);
    const growing =
      before && !isOther
        ? before
        : { sender, segments: Array<Uint8Array | undefined>(total).fill(undefined), missing: total, lastAt: 0 };
    if (growing.segments[index] === undefined) growing.missing--;
    growing.segments[index] = body;
    growing.lastAt = this.#clock.mono();
    this.#growing.delete(key);
    if (growing.missing === 0) {
      const parts = growing.segments as Uint8Array[];
      return { kind: 'whole', message: Buffer.concat([Buffer.from(`${preamble} `), ...parts]) };
    }
    this.#growing.set(key, growing);
    this.#keepWithin(sender);
    return { kind: 'part' };
  }

  #forgetOld(): void {
    const oldest = this.#clock.mono() - this.#limits.patienceMs;
    for (const [key, growing] of this.#growing) {
      if (growing.lastAt > oldest) break;
      this.#drop(key, growing);
    }
  }

  #keepWithin(sender: string): void {
    const own = [...this.#growing].filter(([, growing]) => growing.sender === sender);
    const [first] = own;
    if (first && own.length > this.#limits.perSenderMax) this.#drop(...first);
    const [oldest] = this.#growing;
    if (oldest && this.#growing.size > this.#limits.messagesMax) this.#drop(...oldest);
  }

  #drop(key: string, { sender }: Growing): void {
    this.#growing.delete(key);
    this.#lost(sender);
  }
}
