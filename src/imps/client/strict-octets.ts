// The WBXML octets of a message as Nokia's S60 client decodes them: which token stands where. Walks the octets by itself,
// since a decoder made for us hides just the differences that this phone is picky about.

import { tablesFor } from '../../wbxml/tables.ts';
import type { CspVersion } from '../version.ts';

/** Read as EXT_T_0 or OPAQUE only: text T or F counts as absent. */
const booleans = new Set(
  `Acceptance AllFunctionsRequest AnyContent AutoSubscribe CapabilityRequest CIR CompletionFlag DefaultList DeliveryReport
  InUse JoinGroup JoinedRequest Poll Qualifier ReceiveList SubscribeNotification`.split(/\s+/),
);
/** As text these make it refuse the message. */
const enumerated = new Set(
  'SessionType TransactionMode InitialDeliveryMethod DeliveryMethod ClientType InviteType SubscribeType'.split(' '),
);
/** Other elements in which it expects value tokens; anywhere else one becomes an empty string. */
const tokensWelcome = new Set(
  `ContentType AcceptedContentType ContentEncoding AcceptedTransferEncoding SupportedBearer SupportedCIRMethod Name Value
  PresenceValue Cap Status SearchElement URL`.split(/\s+/),
);
const integers = new Set(
  `Code ContentSize MessageCount Validity KeepAliveTime TimeToLive MultiTrans ParserSize ServerPollMin TCPPort UDPPort
  HistoryPeriod MaxWatcherList SearchFindings SearchID SearchIndex SearchLimit AcceptedContentLength AcceptedCharset`.split(
    /\s+/,
  ),
);
const dates = new Set(['DateTime', 'DeliveryTime']);
/** Tags (page and token) and values that its tables lack. */
const missingTags = new Set([0x314, 0x536, 0x729]);
const missingValues = new Set([0xa4, 0xa5]);
/** Attribute start tokens of xmlns it knows, by the element they must stand on. */
const starts: Readonly<Record<string, readonly number[]>> = {
  'WV-CSP-Message': [0x05, 0x08],
  TransactionContent: [0x07, 0x0a],
  PresenceSubList: [0x06, 0x09],
};

/** What the phone would stumble over in these octets. */
export const inspectOctets = (octets: Uint8Array, version: CspVersion): readonly string[] =>
  new Walk(octets, version).inspect();

class Walk {
  readonly #octets: Uint8Array;
  readonly #version: CspVersion;
  readonly #complaints: string[] = [];
  #at = 0;
  #page = 0;

  constructor(octets: Uint8Array, version: CspVersion) {
    this.#octets = octets;
    this.#version = version;
  }

  inspect(): readonly string[] {
    const complain = (text: string): void => void this.#complaints.push(text);
    if (this.#octet() !== 0x03) complain('WBXML version: not 1.3');
    // 11 is 1.2 to it, anything else 1.1.
    const isTold12 = this.#number() === 0x11;
    if (isTold12 !== (this.#version === '1.2')) complain(`public id: does not say ${this.#version}`);
    if (this.#number() !== 0x6a) complain('charset: not UTF-8');
    const stringTable = this.#number();
    this.#at += stringTable;
    try {
      this.#element(this.#octet(), 0);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      complain(thrown.message);
    }
    return this.#complaints;
  }

  #element(tag: number, depth: number): void {
    if (depth > 40) throw new RangeError('too deep');
    const token = tag & 0x3f;
    if (token === 0x04) throw new RangeError('literal tag: unknown');
    const name = tablesFor(this.#version).tags[this.#page * 64 + token]?.name;
    if (name === undefined || this.#page === 0x0a || missingTags.has(this.#page * 256 + token))
      throw new RangeError(`tag ${this.#page.toString(16)}/${token.toString(16)}: not in its tables`);
    const mustDeclare = starts[name];
    if (tag & 0x80) this.#attributes(name, mustDeclare);
    else if (mustDeclare) this.#complaints.push(`${name}: without xmlns`);
    if (!(tag & 0x40)) return;
    for (;;) {
      const item = this.#octet();
      if (item === 0x01) return;
      if (item === 0x00) this.#page = this.#octet();
      else if (item === 0x03) this.#text(name, this.#string());
      else if (item === 0x83) {
        this.#number();
        this.#text(name, '?');
      } else if (item === 0x80) this.#value(name, this.#number());
      else if (item === 0xc3) this.#opaque(name);
      else if (item === 0x02) throw new RangeError(`${name}: ENTITY keeps one octet`);
      else if ((item & 0x3f) >= 0x04 && item !== 0x43) this.#element(item, depth + 1);
      else throw new RangeError(`${name}: token ${item.toString(16)} unknown`);
    }
  }

  #attributes(name: string, allowed: readonly number[] | undefined): void {
    const start = this.#octet();
    if (!allowed?.includes(start)) this.#complaints.push(`${name}: attribute start ${start.toString(16)} unknown`);
    for (let item = this.#octet(); item !== 0x01; item = this.#octet()) {
      if (item === 0x03) this.#string();
      else if (item === 0x83) this.#number();
      else throw new RangeError(`${name}: attribute token ${item.toString(16)} unknown`);
    }
  }

  #text(name: string, text: string): void {
    if (booleans.has(name)) this.#complaints.push(`${name}: a boolean as text is ignored`);
    if (enumerated.has(name)) this.#complaints.push(`${name}: an enumerated value as text`);
    if (integers.has(name) && !/^\d+$/.test(text)) this.#complaints.push(`${name}: '${text}' is no number`);
    // The presence engine turns the message into XML again and finds only the five named entities.
    if (/&#/.test(text)) this.#complaints.push(`${name}: a character reference in text`);
  }

  #value(name: string, value: number): void {
    if (missingValues.has(value)) this.#complaints.push(`${name}: value token ${value.toString(16)} unknown`);
    if (name === 'Cap' && value === 0x75) this.#complaints.push('Cap: SMS is token 43');
    if (!booleans.has(name) && !enumerated.has(name) && !tokensWelcome.has(name))
      this.#complaints.push(`${name}: a value token here is read as an empty text`);
  }

  #opaque(name: string): void {
    const size = this.#number();
    this.#at += size;
    if (dates.has(name)) this.#complaints.push(`${name}: a date as OPAQUE is ignored`);
    if (integers.has(name) && (size < 1 || size > 4)) this.#complaints.push(`${name}: an integer of ${size} octets`);
  }

  #octet(): number {
    const octet = this.#octets[this.#at++];
    if (octet === undefined) throw new RangeError('ends too early');
    return octet;
  }

  #number(): number {
    let value = 0;
    for (;;) {
      const octet = this.#octet();
      value = value * 128 + (octet & 0x7f);
      if (!(octet & 0x80)) return value;
    }
  }

  #string(): string {
    const end = this.#octets.indexOf(0, this.#at);
    if (end < 0) throw new RangeError('a string without its end');
    const text = new TextDecoder().decode(this.#octets.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }
}
