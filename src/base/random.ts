import { randomBytes, randomFillSync } from 'node:crypto';

/** Randomness as a collaborator, so that tests can own it. */
export interface Random {
  /** `count` unguessable octets. */
  bytes(count: number): Uint8Array;
  /** An unguessable id of `length` characters out of [A-Za-z0-9], about 5.95 bits each. */
  id(length: number): string;
  /** A number in [0, 1), for jitter. */
  fraction(): number;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export const randomFrom = (bytes: (count: number) => Uint8Array): Random => ({
  bytes,
  id(length) {
    let text = '';
    while (text.length < length) {
      // 248 = 4 * 62: larger octets are thrown away so that every character is equally likely.
      for (const octet of bytes(length * 2)) {
        if (octet < 248 && text.length < length) text += alphabet[octet % 62];
      }
    }
    return text;
  },
  fraction() {
    const [a = 0, b = 0, c = 0, d = 0] = bytes(4);
    return (a * 0x1000000 + b * 0x10000 + c * 0x100 + d) / 0x100000000;
  },
});

/** Asking the system costs more than an id is long, so octets are drawn ahead; each is given out once. */
const drawn = new Uint8Array(4096);
let taken = drawn.length;

export const systemRandom: Random = randomFrom((count) => {
  if (count > drawn.length / 8) return new Uint8Array(randomBytes(count));
  if (taken + count > drawn.length) {
    randomFillSync(drawn);
    taken = 0;
  }
  const octets = drawn.slice(taken, taken + count);
  drawn.fill(0, taken, taken + count);
  taken += count;
  return octets;
});

/** Repeatable randomness for tests and simulations: mulberry32 from `seed`. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const octet = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 24) & 0xff;
  };
  return randomFrom((count) => Uint8Array.from({ length: count }, octet));
};
