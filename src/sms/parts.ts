// A message as the parts that travel, and the parts as a message again. One part has at most 140 octets of user data, header
// included: 160 characters of the GSM alphabet, 70 of UCS-2. (3GPP TS 23.040 §9.2.3.24.1, TS 23.038 §4)

import { bad, good, type Outcome } from '../base/outcome.ts';
import type { ShortMessage, SmsContent, SmsFault } from './carrier.ts';
import { fromSeptets, septetsPerCharacter } from './gsm7.ts';
import { type Header, type Ports, writeHeader } from './header.ts';

/** `gsm7`: septets, one to an octet. */
export type Coding = 'gsm7' | 'octets' | 'ucs2';

export interface Part {
  readonly header: Header;
  readonly coding: Coding;
  /** Without the header. */
  readonly body: Uint8Array;
}

/** A part as it came, and between whom. */
export interface ArrivedPart extends Part {
  readonly from: string;
  readonly to: string;
}

const userDataMax = 140;
const septetsMax = 160;
export const partsMax = 255;

/** Cuts a message; `reference` (16 bits) is used when it needs several parts. Nothing is cut through a character. */
export const cut = (
  { content, ports }: Pick<ShortMessage, 'content' | 'ports'>,
  reference: number,
): Outcome<readonly Part[], SmsFault> => {
  const { coding, units } = unitsOf(content);
  const whole = fill(units, room(coding, { ports }));
  if (whole.length <= 1) return good([{ header: { ports }, coding, body: whole[0] ?? new Uint8Array() }]);
  // An 8-bit reference is what every phone reads.
  const part = (number: number, total: number) => ({ reference: reference & 0xff, isWide: false, total, number });
  const bodies = fill(units, room(coding, { ports, part: part(1, 1) }));
  const total = bodies.length;
  if (total > partsMax) return bad({ reason: 'too-long', text: `${total} parts` });
  return good(bodies.map((body, at) => ({ header: { ports, part: part(at + 1, total) }, coding, body })));
};

/** What must stay together: a character's septets, a surrogate pair's octets. */
const unitsOf = (content: SmsContent): { readonly coding: Coding; readonly units: Units } => {
  if (content.coding === 'octets') return { coding: 'octets', units: { octets: content.octets, sizes: undefined } };
  const septets = septetsPerCharacter(content.text);
  if (septets)
    return {
      coding: 'gsm7',
      units: { octets: Uint8Array.from(septets.flat()), sizes: septets.map(({ length }) => length) },
    };
  const characters = [...content.text.toWellFormed()];
  return {
    coding: 'ucs2',
    units: { octets: utf16(characters.join('')), sizes: characters.map(({ length }) => 2 * length) },
  };
};

interface Units {
  readonly octets: Uint8Array;
  /** undefined: every octet by itself. */
  readonly sizes: readonly number[] | undefined;
}

/** Octets of a body (septets count one octet each) that fit beside the header. */
const room = (coding: Coding, header: Header): number => {
  const headed = writeHeader(header).length;
  return coding === 'gsm7' ? septetsMax - Math.ceil((headed * 8) / 7) : userDataMax - headed;
};

const fill = ({ octets, sizes }: Units, most: number): Uint8Array[] => {
  const bodies: Uint8Array[] = [];
  if (!sizes) {
    for (let at = 0; at < octets.length; at += most) bodies.push(octets.subarray(at, at + most));
    return bodies;
  }
  let start = 0;
  let end = 0;
  for (const size of sizes) {
    if (end + size - start > most) {
      bodies.push(octets.subarray(start, end));
      start = end;
    }
    end += size;
  }
  if (end > start) bodies.push(octets.subarray(start, end));
  return bodies;
};

/** What the bodies say, put together in order. */
export const contentOf = (coding: Coding, bodies: readonly Uint8Array[]): SmsContent => {
  const octets = new Uint8Array(bodies.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const body of bodies) {
    octets.set(body, at);
    at += body.length;
  }
  if (coding === 'octets') return { coding: 'octets', octets };
  return { coding: 'text', text: coding === 'gsm7' ? fromSeptets(octets) : fromUtf16(octets) };
};

export const messageOf = (
  { from, to, coding }: Pick<ArrivedPart, 'from' | 'to' | 'coding'>,
  ports: Ports | undefined,
  bodies: readonly Uint8Array[],
): ShortMessage => ({ from, to, ...(ports && { ports }), content: contentOf(coding, bodies) });

const utf16 = (text: string): Uint8Array => {
  const octets = new Uint8Array(2 * text.length);
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    octets[2 * at] = unit >> 8;
    octets[2 * at + 1] = unit & 0xff;
  }
  return octets;
};

const decoder = new TextDecoder('utf-16be');
const fromUtf16 = (octets: Uint8Array): string => decoder.decode(octets.subarray(0, octets.length & ~1));
