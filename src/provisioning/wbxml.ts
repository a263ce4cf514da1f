// Provisioning documents as binary XML: version 03, public identifier 0B, UTF-8, no string table, since old readers know no
// more. Everything is in attributes: what has a token is a token, the rest a string. What is written has the form of the
// messages that operators sent: a value always begins on page 0, though tables of page 1 know its token too.
// (ProvCont 1.1, WBXML 1.3)

import { bad, good, type Outcome } from '../base/outcome.ts';
import * as t from '../wbxml/tokens.ts';
import type { Characteristic, Parm, ProvisioningDocument } from './document.ts';
import { names, publicId, starts, type Tokens, tags, types, values } from './tokens.ts';

type Page = 0 | 1;

/** The document in octets. Throws RangeError on a text with U+0000, which no WBXML string can hold. */
export const encode = ({ version, characteristics }: ProvisioningDocument): Uint8Array => {
  const out: number[] = [t.WBXML_1_3, publicId, t.charsets.utf8, 0];
  const utf8 = new TextEncoder();
  // Of attributes; elements have code pages of their own, and the same three tokens on both.
  let attributePage: Page = 0;
  const string = (text: string): void => {
    if (text.includes('\0')) throw new RangeError('a text with U+0000 cannot be in a provisioning document');
    out.push(t.STR_I, ...utf8.encode(text), 0);
  };
  const turnTo = (page: Page): void => {
    if (page === attributePage) return;
    out.push(t.SWITCH_PAGE, page);
    attributePage = page;
  };
  /** By the token of `text`, on the page that is set when it is there; else on the other; else by `start` and a string. */
  const attribute = (tables: Tokens, start: number, text: string): void => {
    const other: Page = attributePage === 0 ? 1 : 0;
    if (!tables[attributePage].has(text)) turnTo(tables[other].has(text) ? other : 0);
    const known = tables[attributePage].get(text);
    if (known !== undefined) return void out.push(known);
    out.push(start);
    string(text);
  };
  const parm = ({ name, value }: Parm): void => {
    out.push(tags.parm | t.WITH_ATTRIBUTES);
    attribute(names, starts.name, name);
    if (value !== undefined) {
      turnTo(0);
      out.push(starts.value);
      const known = values[0].get(value);
      if (known !== undefined) out.push(known);
      else if (value !== '') string(value);
    }
    out.push(t.END);
  };
  const characteristic = ({ type, parms, inside = [] }: Characteristic): void => {
    const isEmpty = parms.length + inside.length === 0;
    out.push(tags.characteristic | t.WITH_ATTRIBUTES | (isEmpty ? 0 : t.WITH_CONTENT));
    attribute(types, starts.type, type);
    out.push(t.END);
    for (const one of parms) parm(one);
    for (const one of inside) characteristic(one);
    if (!isEmpty) out.push(t.END);
  };
  out.push(tags.document | t.WITH_ATTRIBUTES | (characteristics.length ? t.WITH_CONTENT : 0));
  if (version === '1.0') out.push(starts.version10);
  else {
    out.push(starts.version);
    string(version);
  }
  out.push(t.END);
  for (const one of characteristics) characteristic(one);
  if (characteristics.length) out.push(t.END);
  return Uint8Array.from(out);
};

export interface ProvisioningFault {
  /** 'truncated', 'not-provisioning' (another document), 'token' (one that has no meaning there), 'limit'. */
  readonly reason: 'truncated' | 'trailing' | 'not-provisioning' | 'token' | 'limit';
  /** Octet, from 0. */
  readonly offset: number;
}

const limits = { bytes: 65_536, depth: 8, parms: 2000 } as const;

class Stop extends Error {
  readonly fault: ProvisioningFault;
  constructor(reason: ProvisioningFault['reason'], offset: number) {
    super(reason);
    this.fault = { reason, offset };
  }
}

/** The document that the octets are. Any octets give a document or a fault. */
export const decode = (octets: Uint8Array): Outcome<ProvisioningDocument, ProvisioningFault> => {
  try {
    return good(new Reader(octets).document());
  } catch (error) {
    if (error instanceof Stop) return bad(error.fault);
    throw error;
  }
};

const reversed = (tables: Tokens): Readonly<Record<Page, ReadonlyMap<number, string>>> => ({
  0: new Map([...tables[0]].map(([text, token]) => [token, text])),
  1: new Map([...tables[1]].map(([text, token]) => [token, text])),
});
const typeText = reversed(types);
const nameText = reversed(names);
const valueText = reversed(values);
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

class Reader {
  readonly #octets: Uint8Array;
  #at = 0;
  #table: Uint8Array = new Uint8Array();
  #attributePage: Page = 0;
  #parms = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
    if (octets.length > limits.bytes) throw new Stop('limit', limits.bytes);
  }

  document(): ProvisioningDocument {
    const [version, id] = [this.#octet(), this.#number()];
    if (version < 1 || version > 3) throw new Stop('not-provisioning', 0);
    if (id !== publicId) throw new Stop('not-provisioning', 1);
    if (this.#number() !== t.charsets.utf8) throw new Stop('not-provisioning', this.#at - 1);
    const length = this.#number();
    if (this.#at + length > this.#octets.length) throw new Stop('truncated', this.#octets.length);
    this.#table = this.#octets.subarray(this.#at, this.#at + length);
    this.#at += length;
    const tag = this.#tag();
    if ((tag & 0x3f) !== tags.document) throw new Stop('token', this.#at - 1);
    let documentVersion = '1.0';
    if (tag & t.WITH_ATTRIBUTES)
      for (let token = this.#octet(); token !== t.END; token = this.#octet()) {
        if (token === starts.version10) documentVersion = '1.0';
        else if (token === starts.version) documentVersion = this.#value();
        else throw new Stop('token', this.#at - 1);
      }
    const characteristics: Characteristic[] = [];
    if (tag & t.WITH_CONTENT)
      for (let one = this.#tag(); one !== t.END; one = this.#tag()) characteristics.push(this.#characteristic(one, 1));
    if (this.#at < this.#octets.length) throw new Stop('trailing', this.#at);
    return { version: documentVersion, characteristics };
  }

  #characteristic(tag: number, depth: number): Characteristic {
    if ((tag & 0x3f) !== tags.characteristic) throw new Stop('token', this.#at - 1);
    if (depth > limits.depth) throw new Stop('limit', this.#at);
    let type = '';
    if (tag & t.WITH_ATTRIBUTES)
      for (let token = this.#attribute(); token !== t.END; token = this.#attribute()) {
        const known = typeText[this.#attributePage].get(token);
        if (known !== undefined) type = known;
        else if (token === starts.type) type = this.#value();
        else throw new Stop('token', this.#at - 1);
      }
    const parms: Parm[] = [];
    const inside: Characteristic[] = [];
    if (tag & t.WITH_CONTENT)
      for (let one = this.#tag(); one !== t.END; one = this.#tag()) {
        if ((one & 0x3f) === tags.parm) parms.push(this.#parm(one));
        else inside.push(this.#characteristic(one, depth + 1));
      }
    return { type, parms, ...(inside.length && { inside }) };
  }

  #parm(tag: number): Parm {
    if (++this.#parms > limits.parms) throw new Stop('limit', this.#at);
    if (!(tag & t.WITH_ATTRIBUTES) || tag & t.WITH_CONTENT) throw new Stop('token', this.#at - 1);
    let name = '';
    let value: string | undefined;
    for (let token = this.#attribute(); token !== t.END; token = this.#attribute()) {
      const known = nameText[this.#attributePage].get(token);
      if (known !== undefined) name = known;
      else if (token === starts.name) name = this.#value();
      else if (token === starts.value) value = this.#value();
      else throw new Stop('token', this.#at - 1);
    }
    return { name, ...(value !== undefined && { value }) };
  }

  /** The strings and value tokens up to the next attribute or its end, which stays unread. */
  #value(): string {
    let text = '';
    for (;;) {
      const token = this.#octets[this.#at];
      if (token === t.STR_I) {
        this.#at++;
        text += this.#string(this.#octets, this.#at);
        this.#at = this.#octets.indexOf(0, this.#at) + 1;
      } else if (token === t.STR_T) {
        this.#at++;
        text += this.#string(this.#table, this.#number());
      } else if (token === t.SWITCH_PAGE) {
        this.#at++;
        this.#setPage();
      } else if (token !== undefined && token >= 0x85 && valueText[this.#attributePage].has(token)) {
        this.#at++;
        text += valueText[this.#attributePage].get(token) ?? '';
      } else return text;
    }
  }

  #string(from: Uint8Array, start: number): string {
    const end = from.indexOf(0, start);
    if (end < 0) throw new Stop('truncated', this.#octets.length);
    return utf8.decode(from.subarray(start, end));
  }

  #tag(): number {
    for (;;) {
      const octet = this.#octet();
      // The elements are the same on both pages.
      if (octet !== t.SWITCH_PAGE) return octet;
      this.#octet();
    }
  }

  #attribute(): number {
    for (;;) {
      const octet = this.#octet();
      if (octet !== t.SWITCH_PAGE) return octet;
      this.#setPage();
    }
  }

  #setPage(): void {
    const page = this.#octet();
    if (page > 1) throw new Stop('token', this.#at - 1);
    this.#attributePage = page as Page;
  }

  #octet(): number {
    const octet = this.#octets[this.#at];
    if (octet === undefined) throw new Stop('truncated', this.#octets.length);
    this.#at++;
    return octet;
  }

  #number(): number {
    let number = 0;
    for (let count = 0; count < 4; count++) {
      const octet = this.#octet();
      number = number * 128 + (octet & 0x7f);
      if (octet < 0x80) return number;
    }
    throw new Stop('token', this.#at);
  }
}
