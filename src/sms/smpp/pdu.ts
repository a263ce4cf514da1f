// One part of a message in SMPP's terms: submit_sm and deliver_sm. (SMPP 3.4 §4.4, §4.6, §5.2.12 esm_class, §5.2.19
// data_coding, §5.3.2 TLVs)

import { type PartOf, readHeader, writeHeader } from '../header.ts';
import { digitsOf } from '../incoming.ts';
import type { ArrivedPart, Coding, Part } from '../parts.ts';
import type { Pdu } from './library.ts';

const userDataHeader = 0x40;
/** Message types of esm_class; 0 is a message. */
const typeMask = 0x3c;

const dataCodings: Readonly<Record<Coding, number>> = { gsm7: 0, octets: 4, ucs2: 8 };

/** The parameters of submit_sm. */
export const submission = (part: Part, from: string, to: string): Record<string, unknown> => {
  const header = writeHeader(part.header);
  return {
    ...addressed('source_addr', 'source_addr', from),
    ...addressed('dest_addr', 'destination_addr', to),
    esm_class: header.length ? userDataHeader : 0,
    data_coding: dataCodings[part.coding],
    short_message: Buffer.concat([header, part.body]),
  };
};

/** Type of number and numbering plan: an international number, a short code, or a name. (§5.2.5, §5.2.6) */
const addressed = (prefix: string, name: string, number: string): Record<string, unknown> => {
  const [ton, npi] = /[^\d+]/.test(number) ? [5, 0] : digitsOf(number).length >= 7 ? [1, 1] : [3, 0];
  return { [`${prefix}_ton`]: ton, [`${prefix}_npi`]: npi, [name]: digitsOf(number) };
};

export type Delivery =
  | { readonly kind: 'message'; readonly part: ArrivedPart }
  /** A delivery receipt or notification: about a message, not one. */
  | { readonly kind: 'receipt' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** What a deliver_sm or data_sm is. */
export const readDelivery = (pdu: Pdu): Delivery => {
  const esmClass = numberOf(pdu.esm_class) ?? 0;
  if (esmClass & typeMask) return { kind: 'receipt' };
  const short = octetsOf(pdu.short_message);
  const octets = short?.length ? short : (octetsOf(pdu.message_payload) ?? new Uint8Array());
  const from = digitsOf(textOf(pdu.source_addr));
  const to = digitsOf(textOf(pdu.destination_addr));
  if (from === '') return { kind: 'unreadable', why: 'no sender' };
  const header = esmClass & userDataHeader ? readHeader(octets) : { length: 0 };
  if (!header) return { kind: 'unreadable', why: 'its user data header is longer than itself' };
  const coding = codingOf(numberOf(pdu.data_coding) ?? 0);
  if (!coding) return { kind: 'unreadable', why: `data coding ${String(pdu.data_coding)}` };
  const { body, as } = coding(octets.subarray(header.length));
  const told = { part: sarOf(pdu), ports: portsOf(pdu) };
  return {
    kind: 'message',
    part: {
      from,
      to,
      coding: as,
      body,
      header: {
        part: ('part' in header && header.part) || told.part,
        ports: ('ports' in header && header.ports) || told.ports,
      },
    },
  };
};

type Recode = (octets: Uint8Array) => { readonly body: Uint8Array; readonly as: Coding };
const as =
  (coding: Coding): Recode =>
  (body) => ({ body, as: coding });
/** ISO 8859-1 as UCS-2. */
const latin1: Recode = (octets) => ({
  body: Uint8Array.from([...octets].flatMap((octet) => [0, octet])),
  as: 'ucs2',
});

/** Data codings of SMPP; above 0x0f those of GSM (TS 23.038 §4), general groups and message classes. */
const codingOf = (dataCoding: number): Recode | undefined => {
  if (dataCoding === 3) return latin1;
  const known: Readonly<Record<number, Coding>> = { 0: 'gsm7', 1: 'gsm7', 2: 'octets', 4: 'octets', 8: 'ucs2' };
  const plain = known[dataCoding];
  if (plain) return as(plain);
  if ((dataCoding & 0xf0) === 0xf0) return as(dataCoding & 0x04 ? 'octets' : 'gsm7');
  if ((dataCoding & 0xe0) === 0) {
    const alphabet = (dataCoding >> 2) & 3;
    return alphabet === 3 ? undefined : as((['gsm7', 'octets', 'ucs2'] as const)[alphabet] ?? 'gsm7');
  }
  return undefined;
};

/** Concatenation told beside the message. (§5.3.2.22 to 24) */
const sarOf = (pdu: Pdu): PartOf | undefined => {
  const reference = numberOf(pdu.sar_msg_ref_num);
  const total = numberOf(pdu.sar_total_segments);
  const number = numberOf(pdu.sar_segment_seqnum);
  if (reference === undefined || !total || !number || number > total) return undefined;
  return { reference, isWide: true, total, number };
};

const portsOf = (pdu: Pdu) => {
  const destination = numberOf(pdu.dest_port);
  return destination === undefined ? undefined : { destination, source: numberOf(pdu.source_port) ?? 0 };
};

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const octetsOf = (value: unknown): Uint8Array | undefined => (value instanceof Uint8Array ? value : undefined);
