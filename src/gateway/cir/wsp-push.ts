// The WAP push that carries a wake-up: a connectionless WSP Push PDU (WAP-230-WSP §8.2.4.1) of content type
// application/vnd.wv.csp.cir for the application wv.ua. The same octets go into a datagram or a short message to port 2948.
// CSP all versions, "CIR channel", WAPUDP and WAPSMS.

import { bad, good, type Outcome } from '../../base/outcome.ts';

/** Where phones listen for connectionless push, and where it comes from. */
export const pushPort = 2948;
export const pushSourcePort = 9200;

const pduPush = 0x06;
/** Well-known content type 0x46, application/vnd.wv.csp.cir, as a short integer. */
const typeCir = 0xc6;
/** Header X-Wap-Application-Id, and wv.ua of the registered applications: both as short integers. */
const headerApplicationId = 0xaf;
const applicationWvUa = 0x8a;
const headers = [typeCir, headerApplicationId, applicationWvUa];

export interface WspPush {
  /** Any octet: pushes that arrive twice are told by it. */
  readonly transactionId: number;
  readonly text: string;
}

export const writeWspPush = ({ transactionId, text }: WspPush): Uint8Array =>
  Uint8Array.of(transactionId & 0xff, pduPush, headers.length, ...headers, ...new TextEncoder().encode(text));

export interface WspPushFault {
  readonly reason: 'cut' | 'no-push' | 'foreign';
  /** Octet it was seen at. */
  readonly where: number;
}

/** Reads what writeWspPush writes, as a phone would: 'foreign' is a push for somebody else. Any octets give an answer. */
export const readWspPush = (octets: Uint8Array): Outcome<WspPush, WspPushFault> => {
  const [transactionId, pdu] = octets;
  if (transactionId === undefined || pdu === undefined) return bad({ reason: 'cut', where: octets.length });
  if (pdu !== pduPush) return bad({ reason: 'no-push', where: 1 });
  // The length of the headers, content type included, is a uintvar: seven bits an octet, the last without its top bit.
  let length = 0;
  let at = 2;
  for (;;) {
    const octet = octets[at];
    if (octet === undefined || at > 6) return bad({ reason: 'cut', where: at });
    length = length * 128 + (octet & 0x7f);
    at++;
    if (octet < 0x80) break;
  }
  const end = at + length;
  if (end > octets.length) return bad({ reason: 'cut', where: octets.length });
  if (octets[at] !== typeCir) return bad({ reason: 'foreign', where: at });
  let isOurs = false;
  for (let header = at + 1; header + 1 < end; header += 2)
    isOurs ||= octets[header] === headerApplicationId && octets[header + 1] === applicationWvUa;
  if (!isOurs) return bad({ reason: 'foreign', where: at + 1 });
  return good({ transactionId, text: new TextDecoder().decode(octets.subarray(end)) });
};
