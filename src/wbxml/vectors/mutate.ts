// Test support: spoils samples at random, from a seed, in the ways that hurt a binary reader.

/** Numbers in [0, below), the same for the same seed (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Octets that mean something at most places: global tokens, ends of ranges, long numbers. */
const telling = [0x00, 0x01, 0x02, 0x03, 0x04, 0x40, 0x43, 0x44, 0x7f, 0x80, 0x81, 0x83, 0x84, 0xc0, 0xc3, 0xc4, 0xff];

/** A sample with one to six changes: flipped bits, other octets, pieces cut, doubled, moved in from another sample. */
export function mutated(samples: readonly Uint8Array[], random: (below: number) => number): Uint8Array {
  const pick = (): Uint8Array => samples[random(samples.length)] as Uint8Array;
  let octets = [...pick()];
  for (let changes = 1 + random(6); changes > 0; changes--) {
    const at = random(octets.length + 1);
    const length = random(12);
    switch (random(7)) {
      case 0:
        octets[at] = (octets[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        octets[at] = telling[random(telling.length)] as number;
        break;
      case 2:
        octets.splice(at, 0, telling[random(telling.length)] as number);
        break;
      case 3:
        octets.splice(at, length);
        break;
      case 4:
        octets.splice(at, 0, ...octets.slice(at, at + length));
        break;
      case 5: {
        const other = pick();
        const from = random(other.length);
        octets.splice(at, 0, ...other.subarray(from, from + length));
        break;
      }
      default:
        octets = octets.slice(0, at);
    }
  }
  return Uint8Array.from(octets);
}
