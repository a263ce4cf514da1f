// The GSM 7-bit default alphabet with its extension table (3GPP TS 23.038 §6.2.1), as septets: one to an octet as SMPP
// carries them, or packed as they lie in a message's user data.

/** The characters of 0 to 127; 27 is the escape into the extension table. */
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const escapeSeptet = 0x1b;
const extension: ReadonlyMap<number, string> = new Map([
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
]);

const septetsOf = new Map<string, readonly number[]>();
for (const [at, character] of [...basic].entries()) if (at !== escapeSeptet) septetsOf.set(character, [at]);
for (const [at, character] of extension) septetsOf.set(character, [escapeSeptet, at]);

/** The septets of each character, or undefined when the alphabet lacks one of them. */
export const septetsPerCharacter = (text: string): readonly (readonly number[])[] | undefined => {
  const all: (readonly number[])[] = [];
  for (const character of text) {
    const septets = septetsOf.get(character);
    if (!septets) return undefined;
    all.push(septets);
  }
  return all;
};

/** The text as septets, one to an octet; undefined when the alphabet lacks one of its characters. */
export const toSeptets = (text: string): Uint8Array | undefined => {
  const all = septetsPerCharacter(text);
  return all && Uint8Array.from(all.flat());
};

/** The text of septets, one to an octet. An unknown escape shows the character below it, as the specification asks. */
export const fromSeptets = (septets: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < septets.length; at++) {
    const septet = (septets[at] as number) & 0x7f;
    if (septet !== escapeSeptet) text += basic[septet];
    else if (at + 1 < septets.length) {
      const next = (septets[++at] as number) & 0x7f;
      // A second escape is reserved, and shown as a blank.
      text += extension.get(next) ?? (next === escapeSeptet ? ' ' : basic[next]);
    }
  }
  return text;
};

/** Septets (one to an octet) packed, eight to seven octets; `fillBits` bits of nothing before the first. */
export const packSeptets = (septets: Uint8Array, fillBits = 0): Uint8Array => {
  const packed = new Uint8Array(Math.ceil((septets.length * 7 + fillBits) / 8));
  let bit = fillBits;
  for (const septet of septets) {
    const at = bit >> 3;
    const value = (septet & 0x7f) << (bit & 7);
    packed[at] = (packed[at] as number) | (value & 0xff);
    if (value > 0xff) packed[at + 1] = value >> 8;
    bit += 7;
  }
  return packed;
};

/** `count` septets (one to an octet) out of packed ones. */
export const unpackSeptets = (packed: Uint8Array, count: number, fillBits = 0): Uint8Array => {
  const septets = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const bit = fillBits + n * 7;
    const at = bit >> 3;
    septets[n] = ((((packed[at + 1] ?? 0) << 8) | (packed[at] ?? 0)) >> (bit & 7)) & 0x7f;
  }
  return septets;
};
