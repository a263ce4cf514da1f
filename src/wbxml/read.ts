// Reads a WBXML document and calls a visitor as it goes, building nothing itself. Total: any octets end in a header or in
// one fault; nothing is thrown, and what is allocated stays in proportion to the input and under the limits.

import type { Outcome } from '../base/outcome.ts';
import {
  type DecodeOptions,
  defaultLimits,
  type Limits,
  type WbxmlAttribute,
  type WbxmlFault,
  type WbxmlFaultReason,
  type WbxmlHeader,
} from './document.ts';
import { versionOfNamespace, versionOfPublicId, xmlnsStarts } from './namespaces.ts';
import { type Tables, type Tag, tablesFor } from './tables.ts';
import { latin1From, octetsSeen, textFrom } from './text.ts';
import * as t from './tokens.ts';
import { dateFrom, integerFrom } from './typed.ts';

/** What a caller of read() is told, in document order. Whatever was told before a fault is void. */
export interface WbxmlVisitor {
  /** Once, before the root opens. */
  begin(header: WbxmlHeader): void;
  open(name: string, xmlns: string | undefined, attributes: readonly WbxmlAttribute[] | undefined): void;
  /** text and opaque as in WbxmlElement. */
  close(text: string | undefined, opaque: Uint8Array | undefined): void;
}

export function read(
  bytes: Uint8Array,
  visitor: WbxmlVisitor,
  options?: DecodeOptions,
): Outcome<WbxmlHeader, WbxmlFault> {
  return new Reader(bytes, visitor, options).document();
}

/** Steps return false, undefined or -1 once `fault` is set; every caller passes that on at once. */
class Reader {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly visitor: WbxmlVisitor;
  private readonly options: DecodeOptions | undefined;
  private readonly limits: Limits;
  private at = 0;
  private fault: WbxmlFault | undefined;

  private header: WbxmlHeader | undefined;
  private publicId: number | string = 1;
  private tables: Tables = tablesFor('1.2');
  private isLatin1 = false;
  private tableStart = 0;
  private tableEnd = 0;
  /** Strings of the table already read, by offset: a document may point at one many times. */
  private tableStrings: Map<number, string> | undefined;

  private tagPage = 0;
  private attributePage = 0;
  private elements = 0;
  private textLeft: number;
  /** The attribute list just read. */
  private xmlns: string | undefined;
  private attributes: WbxmlAttribute[] | undefined;

  constructor(bytes: Uint8Array, visitor: WbxmlVisitor, options: DecodeOptions | undefined) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.visitor = visitor;
    this.options = options;
    this.limits = options?.limits ? { ...defaultLimits, ...options.limits } : defaultLimits;
    this.textLeft = this.limits.text;
  }

  document(): Outcome<WbxmlHeader, WbxmlFault> {
    if (this.prologue() && this.misc()) {
      const octet = this.octet();
      if (octet >= 0 && (octet & 0x3f) >= t.LITERAL) {
        if (this.element(octet, 1) && this.misc() && this.at < this.end) this.fail('trailing');
      } else if (octet >= 0) this.fail('token', this.at - 1);
    }
    if (this.fault) return { ok: false, fault: this.fault };
    return { ok: true, value: this.header as WbxmlHeader };
  }

  /** Version, public id, charset, string table. */
  private prologue(): boolean {
    if (this.end > this.limits.bytes) return this.fail('limit-bytes', this.limits.bytes);
    const version = this.octet();
    if (version < 0) return false;
    if (version < 0x01 || version > t.WBXML_1_3) return this.fail('wbxml-version', 0);
    const publicId = this.number();
    const formalIdOffset = publicId === 0 ? this.number() : -1;
    const charsetAt = this.at;
    const charset = this.number();
    if (charset < 0) return false;
    const { unknown, usAscii, latin1, utf8 } = t.charsets;
    if (charset !== unknown && charset !== usAscii && charset !== latin1 && charset !== utf8)
      return this.fail('charset', charsetAt);
    this.isLatin1 = charset === latin1;
    const lengthAt = this.at;
    const length = this.number();
    if (length < 0) return false;
    if (length > this.limits.stringTable) return this.fail('limit-string-table', lengthAt);
    if (length > this.end - this.at) return this.fail('truncated', this.end);
    this.tableStart = this.at;
    this.tableEnd = this.at += length;
    this.publicId = publicId;
    if (publicId === 0) {
      const formalId = this.stringAt(formalIdOffset, 2);
      if (formalId === undefined) return false;
      this.publicId = formalId;
    }
    this.tables = tablesFor(this.versionOf(undefined));
    return true;
  }

  /** wbxml-csp §2: the root's namespace goes before the public id, that before what the caller assumes. */
  private versionOf(xmlns: string | undefined) {
    return (
      (xmlns === undefined ? undefined : versionOfNamespace(xmlns)) ??
      versionOfPublicId(this.publicId) ??
      this.options?.version ??
      '1.2'
    );
  }

  /** Processing instructions and page switches around the root. */
  private misc(): boolean {
    while (this.at < this.end) {
      const octet = this.bytes[this.at] as number;
      if (octet === t.PI) {
        this.at++;
        if (!this.attributeList()) return false;
      } else if (octet === t.SWITCH_PAGE) {
        this.at++;
        this.tagPage = this.octet();
        if (this.tagPage < 0) return false;
      } else return true;
    }
    return true;
  }

  /** An element whose tag octet was just taken. */
  private element(octet: number, depth: number): boolean {
    const tagAt = this.at - 1;
    if (depth > this.limits.depth) return this.fail('limit-depth', tagAt);
    if (++this.elements > this.limits.elements) return this.fail('limit-elements', tagAt);
    const slot = this.tagPage * 64 + (octet & 0x3f);
    const isLiteral = (octet & 0x3f) === t.LITERAL;
    let name: string | undefined;
    if (isLiteral) {
      name = this.tableString();
      if (name === undefined) return false;
    }
    this.xmlns = undefined;
    this.attributes = undefined;
    if ((octet & t.WITH_ATTRIBUTES) !== 0 && !this.attributeList()) return false;
    if (depth === 1) {
      // The root's own attributes decide by which tables its tag is read.
      const version = this.versionOf(this.xmlns);
      this.tables = tablesFor(version);
      this.header = { version, publicId: this.publicId };
      this.visitor.begin(this.header);
    }
    let tag: Tag | undefined;
    if (!isLiteral) {
      tag = this.tables.tags[slot];
      if (tag === undefined) return this.fail('unknown-tag', tagAt);
      name = tag.name;
    }
    this.visitor.open(name as string, this.xmlns, this.attributes);
    if ((octet & t.WITH_CONTENT) === 0) {
      this.visitor.close(undefined, undefined);
      return true;
    }
    return this.content(tag, depth);
  }

  /** Everything up to the element's END. */
  private content(tag: Tag | undefined, depth: number): boolean {
    const bytes = this.bytes;
    let text = '';
    let items = 0;
    let opaque: Uint8Array | undefined;
    for (;;) {
      if (this.at >= this.end) return this.fail('truncated', this.end);
      const octet = bytes[this.at++] as number;
      if (octet === t.END) {
        this.visitor.close(text === '' && items === 0 ? undefined : text, items === 1 ? opaque : undefined);
        return true;
      }
      if ((octet & 0x3f) >= t.LITERAL) {
        if (!this.element(octet, depth + 1)) return false;
        continue;
      }
      switch (octet) {
        case t.SWITCH_PAGE:
          this.tagPage = this.octet();
          if (this.tagPage < 0) return false;
          break;
        case t.PI:
          if (!this.attributeList()) return false;
          break;
        case t.OPAQUE: {
          const start = this.octets();
          if (start < 0) return false;
          items++;
          if (tag === undefined || tag.kind === 'text') {
            opaque = bytes.subarray(start, this.at);
            text += this.opaqueText(start);
          } else {
            const typed = this.typed(tag, start);
            if (typed === undefined) return false;
            text += typed;
          }
          break;
        }
        default: {
          const piece = this.piece(octet, tag);
          if (piece === undefined) return false;
          if (piece !== '') {
            items++;
            text = text === '' ? piece : text + piece;
          }
        }
      }
    }
  }

  /** An item that stands for text wherever it occurs: strings, entities, value tokens. */
  private piece(octet: number, tag: Tag | undefined): string | undefined {
    switch (octet) {
      case t.STR_I:
        return this.inlineString();
      case t.STR_T:
        return this.tableString();
      case t.EXT_T_0: {
        const at = this.at;
        const token = this.number();
        if (token < 0) return undefined;
        const value = tag?.ownValues?.get(token) ?? this.tables.values[token];
        if (value === undefined) this.fail('unknown-value', at);
        else if (!this.spend(value.length)) return undefined;
        return value;
      }
      case t.ENTITY:
        return this.entity();
      // The other extensions mean nothing in CSP and are skipped by their form.
      case t.EXT_I_0:
      case t.EXT_I_1:
      case t.EXT_I_2:
        return this.inlineString() === undefined ? undefined : '';
      case t.EXT_T_1:
      case t.EXT_T_2:
        return this.number() < 0 ? undefined : '';
      case t.EXT_0:
      case t.EXT_1:
      case t.EXT_2:
        return '';
      default:
        this.fail('token', this.at - 1);
        return undefined;
    }
  }

  private typed(tag: Tag, start: number): string | undefined {
    if (tag.kind === 'date') {
      const date = dateFrom(this.bytes, start, this.at);
      if (date === undefined) this.fail('date', start);
      return date;
    }
    const value = integerFrom(this.bytes, start, this.at);
    if (value >= 0) return String(value);
    this.fail('integer', start);
    return undefined;
  }

  /** Attributes up to the END of their list, into `xmlns` and `attributes`. Also the body of a PI. */
  private attributeList(): boolean {
    let name: string | undefined;
    let value = '';
    let count = 0;
    for (;;) {
      const octet = this.octet();
      if (octet < 0) return false;
      if (octet === t.SWITCH_PAGE) {
        this.attributePage = this.octet();
        if (this.attributePage < 0) return false;
        continue;
      }
      const starts = octet === t.END || octet === t.LITERAL || ((octet & 0x3f) > t.LITERAL && octet < 0x80);
      if (starts) {
        if (name === 'xmlns') this.xmlns = value;
        else if (name !== undefined) {
          this.attributes ??= [];
          this.attributes.push({ name, value });
        }
        if (octet === t.END) return true;
        if (++count > this.limits.attributes) return this.fail('limit-attributes', this.at - 1);
        value = '';
        if (octet === t.LITERAL) {
          name = this.tableString();
          if (name === undefined) return false;
        } else {
          const prefix = this.attributePage === 0 ? xmlnsStarts.get(octet) : undefined;
          if (prefix === undefined) return this.fail('unknown-attribute', this.at - 1);
          name = 'xmlns';
          value = prefix;
        }
        continue;
      }
      if (name === undefined) return this.fail('token', this.at - 1);
      const part = this.attributePart(octet);
      if (part === undefined) return false;
      value += part;
    }
  }

  private attributePart(octet: number): string | undefined {
    if (octet === t.OPAQUE) {
      const start = this.octets();
      return start < 0 ? undefined : this.opaqueText(start);
    }
    if ((octet & 0x3f) < t.LITERAL) return this.piece(octet, undefined);
    const value = this.tables.attributeValues[this.attributePage * 256 + octet];
    if (value === undefined) this.fail('unknown-value', this.at - 1);
    else if (!this.spend(value.length)) return undefined;
    return value;
  }

  private inlineString(): string | undefined {
    const bytes = this.bytes;
    const start = this.at;
    const end = this.end;
    let at = start;
    let seen = 0;
    for (;;) {
      if (at >= end) {
        this.fail('truncated', end);
        return undefined;
      }
      const octet = bytes[at] as number;
      if (octet === 0) break;
      seen |= octet;
      at++;
    }
    if (!this.spend(at - start)) return undefined;
    this.at = at + 1;
    return this.isLatin1 ? latin1From(bytes, start, at) : textFrom(bytes, start, at, seen);
  }

  /** The string of the table that the number here points at. */
  private tableString(): string | undefined {
    const at = this.at;
    const offset = this.number();
    return offset < 0 ? undefined : this.stringAt(offset, at);
  }

  /** referredAt: where the octets of the offset stand. */
  private stringAt(offset: number, referredAt: number): string | undefined {
    const known = this.tableStrings?.get(offset);
    if (known !== undefined) return this.spend(known.length) ? known : undefined;
    const start = this.tableStart + offset;
    let at = start;
    while (at < this.tableEnd && this.bytes[at] !== 0) at++;
    if (at >= this.tableEnd) {
      this.fail('string-table', referredAt);
      return undefined;
    }
    if (!this.spend(at - start)) return undefined;
    const text = this.textOf(start, at);
    this.tableStrings ??= new Map();
    this.tableStrings.set(offset, text);
    return text;
  }

  private entity(): string | undefined {
    const at = this.at;
    const code = this.number();
    if (code < 0) return undefined;
    if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      this.fail('entity', at);
      return undefined;
    }
    return this.spend(1) ? String.fromCodePoint(code) : undefined;
  }

  /** Length and octets of an OPAQUE item: returns where they start and moves past them; -1 on a fault. */
  private octets(): number {
    const length = this.number();
    if (length < 0) return -1;
    const start = this.at;
    if (length > this.end - start) this.fail('truncated', this.end);
    else if (this.spend(length)) {
      this.at = start + length;
      return start;
    }
    return -1;
  }

  private textOf(start: number, end: number): string {
    if (this.isLatin1) return latin1From(this.bytes, start, end);
    return textFrom(this.bytes, start, end, octetsSeen(this.bytes, start, end));
  }

  /** OPAQUE octets up to here as text, which is UTF-8 whatever the charset says of strings. No text of ours holds U+0000:
   *  a WBXML string cannot. */
  private opaqueText(start: number): string {
    const text = textFrom(this.bytes, start, this.at, octetsSeen(this.bytes, start, this.at));
    return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
  }

  /** mb_u_int32: seven bits an octet, the most significant first. -1 on a fault. */
  private number(): number {
    const start = this.at;
    let value = 0;
    for (;;) {
      if (this.at >= this.end) {
        this.fail('truncated', this.end);
        return -1;
      }
      const octet = this.bytes[this.at++] as number;
      value = value * 128 + (octet & 0x7f);
      if (value > 0xffffffff || this.at - start > 5) {
        this.fail('number', start);
        return -1;
      }
      if (octet < 0x80) return value;
    }
  }

  private octet(): number {
    if (this.at < this.end) return this.bytes[this.at++] as number;
    this.fail('truncated', this.end);
    return -1;
  }

  private spend(length: number): boolean {
    this.textLeft -= length;
    return this.textLeft >= 0 || this.fail('limit-text');
  }

  private fail(reason: WbxmlFaultReason, offset = this.at): false {
    this.fault ??= { reason, offset };
    return false;
  }
}
