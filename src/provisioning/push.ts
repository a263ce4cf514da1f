// The WAP push that carries a provisioning document over SMS: a connectionless WSP Push PDU of the content type
// application/vnd.wap.connectivity-wbxml with the parameters SEC and MAC, to port 2948. A phone installs nothing unless the
// MAC fits: HMAC-SHA1 over the document's octets, keyed by a PIN that its owner types, or by the IMSI of its SIM card.
// (OMA-WAP-ProvBoot 1.1, "Security"; WAP-230-WSP §8.2.4.1, §8.4.2.24; parameters 0x11 and 0x12 of its table 38)

import { createHmac } from 'node:crypto';

export const pushPort = 2948;
export const pushSourcePort = 9200;

/** `userpin`: typed when the phone asks for it. `netwpin`: the phone asks for nothing. `usernetwpin`: both. */
export type Security =
  | { readonly method: 'userpin'; readonly pin: string }
  | { readonly method: 'netwpin'; readonly imsi: string }
  | { readonly method: 'usernetwpin'; readonly imsi: string; readonly pin: string };

const pduPush = 0x06;
const contentType = 0xb6;
const [paramSec, paramMac] = [0x91, 0x92];
const methods = { netwpin: 0x80, userpin: 0x81, usernetwpin: 0x82 } as const;
const lengthQuote = 0x1f;

/** 40 hexadecimal digits. Throws RangeError for a PIN or an IMSI that is not all digits. */
export const macOf = (document: Uint8Array, security: Security): string =>
  createHmac('sha1', keyOf(security)).update(document).digest('hex').toUpperCase();

/** The octets of the short message, ports aside. `transactionId`: any octet. */
export const writePush = (document: Uint8Array, security: Security, transactionId: number): Uint8Array => {
  const mac = new TextEncoder().encode(macOf(document, security));
  const type = [contentType, paramSec, methods[security.method], paramMac, ...mac, 0];
  const headers = [lengthQuote, type.length, ...type];
  return Uint8Array.from([transactionId & 0xff, pduPush, headers.length, ...headers, ...document]);
};

const digits = /^\d{1,15}$/;

const keyOf = (security: Security): Uint8Array => {
  const pin = 'pin' in security ? security.pin : '';
  const imsi = 'imsi' in security ? security.imsi : '';
  if (('pin' in security && !digits.test(pin)) || ('imsi' in security && !digits.test(imsi)))
    throw new RangeError('a PIN and an IMSI are digits');
  return Uint8Array.from([...('imsi' in security ? semiOctets(imsi) : []), ...new TextEncoder().encode(pin)]);
};

/** An IMSI as the SIM card keeps it: the first digit beside its parity, then two digits an octet, the first one low
 *  (3GPP TS 24.008 §10.5.1.4). */
const semiOctets = (imsi: string): readonly number[] => {
  const nibbles = [...imsi].map(Number);
  const octets = [((nibbles[0] ?? 0) << 4) | (nibbles.length % 2 ? 9 : 1)];
  for (let at = 1; at < nibbles.length; at += 2) octets.push(((nibbles[at + 1] ?? 0xf) << 4) | (nibbles[at] ?? 0xf));
  return octets;
};
