// The user data header (3GPP TS 23.040 §9.2.3.24): the parts of a long message, and the ports of applications.

export interface PartOf {
  /** Tells long messages of one sender apart; 8 bits, or 16. */
  readonly reference: number;
  readonly isWide: boolean;
  /** Parts in all, 1 to 255; this one's number counts from 1. */
  readonly total: number;
  readonly number: number;
}

export interface Ports {
  readonly destination: number;
  readonly source: number;
}

export interface Header {
  readonly part?: PartOf | undefined;
  readonly ports?: Ports | undefined;
}

const part8 = 0x00;
const ports8 = 0x04;
const ports16 = 0x05;
const part16 = 0x08;

/** The header with its length octet; empty when there is nothing to say. */
export const writeHeader = ({ part, ports }: Header): Uint8Array => {
  const elements: number[] = [];
  if (ports)
    elements.push(ports16, 4, ports.destination >> 8, ports.destination & 0xff, ports.source >> 8, ports.source & 0xff);
  if (part?.isWide) elements.push(part16, 4, part.reference >> 8, part.reference & 0xff, part.total, part.number);
  else if (part) elements.push(part8, 3, part.reference & 0xff, part.total, part.number);
  return elements.length ? Uint8Array.of(elements.length, ...elements) : new Uint8Array();
};

/**
 * The header that stands at the start of user data, and how many octets it takes; undefined when it reaches beyond them.
 * Elements that are not known, or not well formed, are passed over (§9.2.3.24 asks for that); a part numbered 0 or beyond
 * the total makes no part of it.
 */
export const readHeader = (octets: Uint8Array): (Header & { readonly length: number }) | undefined => {
  const length = 1 + (octets[0] ?? 0);
  if (octets.length < length) return undefined;
  let part: PartOf | undefined;
  let ports: Ports | undefined;
  for (let at = 1; at + 2 <= length; ) {
    const id = octets[at] as number;
    const size = octets[at + 1] as number;
    const value = octets.subarray(at + 2, at + 2 + size);
    at += 2 + size;
    if (at > length) break;
    if (id === ports16 && size === 4) ports = { destination: word(value, 0), source: word(value, 2) };
    else if (id === ports8 && size === 2) ports = { destination: value[0] as number, source: value[1] as number };
    else if (id === part8 && size === 3) part = { isWide: false, reference: value[0] as number, ...counts(value, 1) };
    else if (id === part16 && size === 4) part = { isWide: true, reference: word(value, 0), ...counts(value, 2) };
  }
  return { length, ports, part: part && part.number >= 1 && part.number <= part.total ? part : undefined };
};

const word = (octets: Uint8Array, at: number): number => ((octets[at] as number) << 8) | (octets[at + 1] as number);
const counts = (octets: Uint8Array, at: number) => ({
  total: octets[at] as number,
  number: octets[at + 1] as number,
});
