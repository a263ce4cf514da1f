// Writes a WBXML document front to back, without a tree. Content takes the form that csp-typed.ts gives for its element;
// an element stays in its short form until something is put into it.

import { type CspVersion, cspVersions, type WbxmlAttribute } from './document.ts';
import { publicIds, xmlnsStarts } from './namespaces.ts';
import { type Tables, type Tag, tablesFor } from './tables.ts';
import { putText } from './text.ts';
import * as t from './tokens.ts';
import { plainDecimal } from './typed.ts';

/** Octets kept between documents; a larger buffer is let go. */
const keptMax = 65_536;
/** What a document without string table needs in front of its body. */
const shortHeader = 4;
/** Octets that a tag, a page switch or a token with its number may take. */
const itemMax = 16;

/** Namespaces with a start token: the token and what follows as a string. */
const startsOf = new Map(
  [...xmlnsStarts].flatMap(([token, prefix]) =>
    cspVersions.map((version) => [prefix + version, { token, rest: version }] as const),
  ),
);

export class WbxmlWriter {
  private bytes = new Uint8Array(4096);
  private at = shortHeader;
  private tables: Tables = tablesFor('1.2');
  private publicId: number | string = 0x11;
  private page = 0;
  /** The element being written, then its ancestors. */
  private depth = 0;
  private readonly tags: (Tag | undefined)[] = [];
  private readonly tagAt: number[] = [];
  private readonly offsets = new Map<string, number>();
  private stringTable = 0;

  /** Forget what was written and start a document. publicId: see WbxmlHeader. */
  begin(version: CspVersion, publicId: number | string = publicIds[version]): void {
    if (this.bytes.length > keptMax) this.bytes = new Uint8Array(keptMax);
    this.tables = tablesFor(version);
    this.publicId = publicId;
    this.at = shortHeader;
    this.page = 0;
    this.depth = 0;
    this.stringTable = 0;
    this.offsets.clear();
    if (typeof publicId === 'string') this.offset(publicId);
  }

  open(name: string, xmlns?: string | undefined, attributes?: readonly WbxmlAttribute[] | undefined): void {
    let parent: Tag | undefined;
    if (this.depth > 0) {
      this.fill();
      parent = this.tags[this.depth - 1];
    }
    this.need(itemMax);
    let tag = this.tables.byName.get(name);
    if (tag?.twin && parent?.page !== tag.page) tag = tag.twin;
    const withAttributes = xmlns !== undefined || (attributes !== undefined && attributes.length > 0);
    if (tag && tag.page !== this.page) {
      this.bytes[this.at++] = t.SWITCH_PAGE;
      this.bytes[this.at++] = this.page = tag.page;
    }
    this.tags[this.depth] = tag;
    this.tagAt[this.depth++] = this.at;
    this.bytes[this.at++] = (tag ? tag.token : t.LITERAL) | (withAttributes ? t.WITH_ATTRIBUTES : 0);
    if (!tag) this.number(this.offset(name));
    if (!withAttributes) return;
    if (xmlns !== undefined) this.attribute('xmlns', xmlns);
    if (attributes) for (const attribute of attributes) this.attribute(attribute.name, attribute.value);
    this.bytes[this.at++] = t.END;
  }

  /** Text of the open element, in the form that its type asks for. */
  text(text: string): void {
    if (text === '') return;
    this.fill();
    this.need(itemMax);
    const tag = this.tags[this.depth - 1];
    const choice = tag?.choices?.get(text);
    if (choice !== undefined) {
      this.bytes[this.at++] = t.EXT_T_0;
      this.number(choice);
      return;
    }
    const value = tag?.kind === 'integer' ? plainDecimal(text) : -1;
    if (value >= 0) this.integer(value);
    else this.string(text);
  }

  /** Octets as they are. Known clients drop them in most elements: for what has no text form. */
  opaque(octets: Uint8Array): void {
    this.fill();
    this.need(itemMax + octets.length);
    this.bytes[this.at++] = t.OPAQUE;
    this.number(octets.length);
    this.bytes.set(octets, this.at);
    this.at += octets.length;
  }

  close(): void {
    this.need(1);
    const tagAt = this.tagAt[--this.depth] as number;
    if (((this.bytes[tagAt] as number) & t.WITH_CONTENT) !== 0) this.bytes[this.at++] = t.END;
  }

  /** The document, in memory of its own. */
  finish(): Uint8Array {
    if (this.stringTable === 0 && typeof this.publicId === 'number' && this.publicId < 0x80) {
      this.bytes[0] = t.WBXML_1_3;
      this.bytes[1] = this.publicId;
      this.bytes[2] = t.charsets.utf8;
      this.bytes[3] = 0;
      return this.bytes.slice(0, this.at);
    }
    return this.withStringTable();
  }

  private withStringTable(): Uint8Array {
    const body = this.bytes.slice(shortHeader, this.at);
    this.at = 0;
    this.need(itemMax + this.stringTable + body.length);
    this.bytes[this.at++] = t.WBXML_1_3;
    if (typeof this.publicId === 'number') this.number(this.publicId);
    else {
      this.bytes[this.at++] = 0;
      this.number(this.offset(this.publicId));
    }
    this.number(t.charsets.utf8);
    this.number(this.stringTable);
    for (const text of this.offsets.keys()) {
      this.at = putText(this.bytes, this.at, text);
      this.bytes[this.at++] = 0;
    }
    this.bytes.set(body, this.at);
    return this.bytes.slice(0, this.at + body.length);
  }

  /** The open element has content after all: give its tag the bit that says so. */
  private fill(): void {
    const tagAt = this.tagAt[this.depth - 1] as number;
    this.bytes[tagAt] = (this.bytes[tagAt] as number) | t.WITH_CONTENT;
  }

  private attribute(name: string, value: string): void {
    this.need(itemMax);
    let rest: string = value;
    const start = name === 'xmlns' ? startsOf.get(value) : undefined;
    if (start) {
      this.bytes[this.at++] = start.token;
      rest = start.rest;
    } else {
      this.bytes[this.at++] = t.LITERAL;
      this.number(this.offset(name));
    }
    if (rest !== '') this.string(rest);
    this.need(1);
  }

  private string(text: string): void {
    this.need(text.length * 3 + 2);
    this.bytes[this.at++] = t.STR_I;
    this.at = putText(this.bytes, this.at, text);
    this.bytes[this.at++] = 0;
  }

  /** Fewest octets, at least one. */
  private integer(value: number): void {
    const length = value > 0xffffff ? 4 : value > 0xffff ? 3 : value > 0xff ? 2 : 1;
    this.bytes[this.at++] = t.OPAQUE;
    this.bytes[this.at++] = length;
    for (let shift = (length - 1) * 8; shift >= 0; shift -= 8) this.bytes[this.at++] = (value >>> shift) & 0xff;
  }

  /** mb_u_int32. */
  private number(value: number): void {
    if (value > 0x7f) {
      let shift = 28;
      while (value >>> shift === 0) shift -= 7;
      for (; shift > 0; shift -= 7) this.bytes[this.at++] = 0x80 | ((value >>> shift) & 0x7f);
    }
    this.bytes[this.at++] = value & 0x7f;
  }

  /** Where the string table has a string, put there when first asked for. */
  private offset(text: string): number {
    let offset = this.offsets.get(text);
    if (offset === undefined) {
      offset = this.stringTable;
      this.offsets.set(text, offset);
      this.need(text.length * 3);
      this.stringTable += putText(this.bytes, this.at, text) - this.at + 1;
    }
    return offset;
  }

  private need(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }
}
