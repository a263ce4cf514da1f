// An XML stream (RFC 6120 §4): one root element that stays open, and complete elements inside it, one event each. No tree
// is made: an element comes with its own name and attributes, the names of its direct children, and the received text
// between its tags, ready to be forwarded. Everything is still checked in full (§11), and nothing grows past the limits.
//
// A reader serves one stream. After STARTTLS or SASL the next stream gets a new reader.

import { isUtf8 } from 'node:buffer';
import { type Child, escapeText, write } from './element.ts';
import { defaultXmlLimits, type XmlFault, XmlFaultSignal, type XmlLimits } from './limits.ts';
import { attrsOf, checkTag, makeParser, type XmlParser, type XmlTag } from './parser.ts';
import { octetsOf, parseChildren } from './reader.ts';

export interface StreamHeader {
  readonly name: string;
  readonly xmlns: string;
  /** `to`, `from`, `id`, `version`, `xml:lang`… as an Element has them. */
  readonly attrs: Readonly<Record<string, string>>;
  /** The default namespace inside, the content namespace of RFC 6120 §4.8.2; '' when there is none. */
  readonly defaultNamespace: string;
  /** Namespaces declared on the header by prefix; the default one under ''. */
  readonly prefixes: Readonly<Record<string, string>>;
}

export interface StreamElement {
  readonly name: string;
  readonly xmlns: string;
  readonly attrs: Readonly<Record<string, string>>;
  /** The element children, in order, by name only. */
  readonly children: readonly { readonly name: string; readonly xmlns: string }[];
  /** The text between the tags, self-contained where the default namespace is `xmlns`. */
  readonly inner: string;
  /** Does `inner` declare the namespace `xmlns` by itself somewhere? If not, it keeps its meaning in a sister namespace. */
  readonly isRedeclared: boolean;
}

export type XmlStreamEvent =
  | { readonly type: 'open'; readonly header: StreamHeader }
  | { readonly type: 'element'; readonly element: StreamElement }
  | { readonly type: 'close' }
  /** The last event; what arrives afterwards is not looked at. */
  | { readonly type: 'fault'; readonly fault: XmlFault };

type Namespaces = Readonly<Record<string, string>>;

/** The depth-1 element being read. Positions count UTF-16 code units from the start of the stream. */
interface Current {
  readonly tag: XmlTag;
  readonly startAt: number;
  readonly innerAt: number;
  readonly children: { name: string; xmlns: string }[];
  elements: number;
  /** The text leans on a declaration outside of it. */
  isLeaning: boolean;
  isRedeclared: boolean;
}

const nothing: readonly XmlStreamEvent[] = [];
// The parser gets its text in pieces, so that an element beyond the limit is noticed before all of a large chunk is parsed.
const pieceLength = 16_384;
const stop = Symbol('stop');
const noOctets = new Uint8Array(0);

export class XmlStreamReader {
  #limits: XmlLimits;
  readonly #parser: XmlParser;
  #events: XmlStreamEvent[] = [];
  #isOver = false;

  /** Octets of a character whose rest has not arrived. */
  #tail: Uint8Array = noOctets;
  /** Text from #heldAt on; what lies before #from belongs to elements that are done. */
  #held = '';
  #heldAt = 0;
  #heldOctets = 0;
  #from = 0;
  /** Where a tag is known to begin that has not ended, so that it is looked for only once. */
  #tagAt = -1;
  #pieces = 0;

  #depth = 0;
  #rootNs: Namespaces = {};
  #current: Current | undefined;
  /** Declarations of the open elements inside the current one, outermost first. */
  readonly #inside: Namespaces[] = [];

  /** White space between elements so far, in octets: keepalives (RFC 6120 §4.6.1). */
  whitespaceOctets = 0;

  constructor(limits: Partial<XmlLimits> = {}) {
    this.#limits = { ...defaultXmlLimits, ...limits };
    this.#parser = makeParser();
    this.#parser.on('opentag', (tag) => this.#opened(tag));
    this.#parser.on('closetag', (tag) => this.#closed(tag));
  }

  /** For what comes next: the other side is known by now. */
  set limits(limits: Partial<XmlLimits>) {
    this.#limits = { ...defaultXmlLimits, ...limits };
  }

  /** Reads on. The chunk may end anywhere, also inside a character; it is not kept. */
  push(chunk: Uint8Array): readonly XmlStreamEvent[] {
    if (this.#isOver || chunk.length === 0) return nothing;
    try {
      const { text, isValid } = this.#decode(chunk);
      for (let i = 0; i < text.length; i += pieceLength) this.#read(text.slice(i, i + pieceLength));
      if (!isValid) throw new XmlFaultSignal('unsupported-encoding', this.#end, 'octets that are not UTF-8');
    } catch (thrown) {
      this.#isOver = true;
      if (thrown instanceof XmlFaultSignal) this.#events.push({ type: 'fault', fault: thrown.fault });
      else if (thrown !== stop) throw thrown;
      this.#held = '';
      this.#current = undefined;
    }
    if (this.#events.length === 0) return nothing;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Has part of an element (or of a character) arrived, but not its end? False between elements. */
  get isPending(): boolean {
    return this.#from < this.#end || this.#tail.length > 0;
  }

  get #end(): number {
    return this.#heldAt + this.#held.length;
  }

  #read(piece: string): void {
    this.#held += piece;
    this.#heldOctets += octetsOf(piece);
    // A string grown from many small pieces is a tree of them, thirty times its size, until somebody looks into it.
    // A regular expression does look; a charCodeAt whose result nobody wants is optimised away.
    if (++this.#pieces % 256 === 0) /^\0/.test(this.#held);
    this.#parser.write(piece);
    if (this.#parser.isReferenceHopeless) throw new XmlFaultSignal('not-well-formed', this.#end, 'malformed reference');
    if (this.#depth === 1 && this.#tagAt !== this.#from) {
      const at = this.#skipWhitespace(this.#end);
      if (at < this.#end) {
        if (this.#held[at - this.#heldAt] !== '<') throw new XmlFaultSignal('bad-format', at, 'text between elements');
        this.#tagAt = at;
      }
    }
    if (this.#from > this.#heldAt) {
      this.#held = this.#held.slice(this.#from - this.#heldAt);
      this.#heldAt = this.#from;
      this.#heldOctets = octetsOf(this.#held);
    }
    if (this.#heldOctets > this.#limits.bytesMax)
      throw new XmlFaultSignal('policy-violation', this.#end, 'element too large');
  }

  #opened(tag: XmlTag): void {
    const { position } = this.#parser;
    checkTag(tag, this.#limits, position);
    const depth = this.#depth++;
    if (depth >= this.#limits.depthMax) throw new XmlFaultSignal('policy-violation', position, 'too deep');
    if (depth === 0) {
      this.#checkSize(this.#from, position);
      this.#from = position;
      this.#rootNs = tag.ns;
      const { '': defaultNamespace = '' } = tag.ns;
      const header = {
        name: tag.local,
        xmlns: tag.uri,
        attrs: attrsOf(tag),
        defaultNamespace,
        prefixes: { ...tag.ns },
      };
      this.#events.push({ type: 'open', header });
    } else if (depth === 1) {
      const startAt = this.#lastLessThan(position);
      this.#skipWhitespaceUpToTag(startAt);
      this.#current = {
        tag,
        startAt,
        innerAt: position,
        children: [],
        elements: 0,
        isLeaning: false,
        isRedeclared: false,
      };
    } else this.#openedInside(tag, depth, this.#current as Current);
  }

  #openedInside(tag: XmlTag, depth: number, current: Current): void {
    if (current.elements++ >= this.#limits.elementsMax)
      throw new XmlFaultSignal('policy-violation', this.#parser.position, 'too many elements');
    if (depth === 2) current.children.push({ name: tag.local, xmlns: tag.uri });
    this.#inside.push(tag.ns);
    if (tag.prefix !== '') this.#noticePrefix(tag.prefix, current);
    for (const name in tag.attributes) {
      const attr = tag.attributes[name];
      if (!attr) continue;
      if (attr.prefix === 'xmlns' || name === 'xmlns') {
        if (attr.value === current.tag.uri) current.isRedeclared = true;
        // The parser trims the names of namespaces, whoever reads the forwarded text may not: write what was understood.
        else if (attr.value !== attr.value.trim()) current.isLeaning = true;
      } else if (attr.prefix !== '') this.#noticePrefix(attr.prefix, current);
    }
  }

  #noticePrefix(prefix: string, current: Current): void {
    if (prefix !== 'xml' && !this.#inside.some((ns) => ns[prefix] !== undefined)) current.isLeaning = true;
  }

  #closed(tag: XmlTag): void {
    const depth = --this.#depth;
    if (depth > 1) this.#inside.pop();
    else if (depth === 1) this.#completed(tag, this.#current as Current);
    else {
      if (!tag.isSelfClosing) this.#skipWhitespaceUpToTag(this.#endTagAt(tag));
      this.#events.push({ type: 'close' });
      throw stop;
    }
  }

  #completed(tag: XmlTag, current: Current): void {
    const { position } = this.#parser;
    this.#checkSize(current.startAt, position);
    const { isRedeclared, children } = current;
    const element = { name: tag.local, xmlns: tag.uri, attrs: attrsOf(tag), children };
    const received = tag.isSelfClosing
      ? ''
      : this.#held.slice(current.innerAt - this.#heldAt, this.#endTagAt(tag) - this.#heldAt);
    const isScopeOther = children.length > 0 && (tag.ns[''] ?? this.#rootNs[''] ?? '') !== tag.uri;
    if (current.isLeaning || isScopeOther) {
      const inner = this.#rewritten(received, current);
      // Rewriting declares wherever the namespace changes, so it may declare this one again inside of another.
      this.#events.push({ type: 'element', element: { ...element, inner, isRedeclared: true } });
    } else this.#events.push({ type: 'element', element: { ...element, inner: received, isRedeclared } });
    this.#current = undefined;
    this.#from = position;
  }

  /** The inner text written anew, for an element whose text cannot stand without its surroundings. */
  #rewritten(received: string, { tag }: Current): string {
    const { position } = this.#parser;
    const prefixes = { ...this.#rootNs, ...tag.ns };
    const read = parseChildren(received, prefixes[''] ?? '', this.#limits, prefixes);
    if (!read.ok) throw new XmlFaultSignal(read.fault.reason, position, read.fault.text);
    // A prefix is short and the namespace it stands for may be long: a small text could become an enormous one.
    if (received.length + declaredLength(read.value) > this.#limits.bytesMax)
      throw new XmlFaultSignal('policy-violation', position, 'element too large when its namespaces are written out');
    return read.value.map((one) => (typeof one === 'string' ? escapeText(one) : write(one, tag.uri))).join('');
  }

  /** Only white space may stand between elements; it is counted and forgotten. Returns where it ends, at `to` or before. */
  #skipWhitespace(to: number): number {
    let at = this.#from;
    for (; at < to; at++) {
      const code = this.#held.charCodeAt(at - this.#heldAt);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
    }
    this.whitespaceOctets += at - this.#from;
    this.#from = at;
    return at;
  }

  #skipWhitespaceUpToTag(startAt: number): void {
    const at = this.#skipWhitespace(startAt);
    if (at < startAt) throw new XmlFaultSignal('bad-format', at, 'text between elements');
  }

  /** Where the end tag just read begins. The parser complains of a wrong name only after it has reported the end. */
  #endTagAt(tag: XmlTag): number {
    const { position } = this.#parser;
    const at = this.#lastLessThan(position);
    if (this.#held.slice(at + 2 - this.#heldAt, position - 1 - this.#heldAt).trimEnd() !== tag.name)
      throw new XmlFaultSignal('not-well-formed', position, 'unexpected close tag.');
    return at;
  }

  #lastLessThan(before: number): number {
    return this.#heldAt + this.#held.lastIndexOf('<', before - 1 - this.#heldAt);
  }

  #checkSize(from: number, to: number): void {
    const { bytesMax } = this.#limits;
    const length = to - from;
    if (length * 3 <= bytesMax) return;
    if (length > bytesMax || octetsOf(this.#held.slice(from - this.#heldAt, to - this.#heldAt)) > bytesMax)
      throw new XmlFaultSignal('policy-violation', to, 'element too large');
  }

  /** The chunk as text, up to its last whole character, or up to the first octet that is not UTF-8. */
  #decode(chunk: Uint8Array): { text: string; isValid: boolean } {
    const octets = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const whole = octets.subarray(0, octets.length - unfinished(octets));
    this.#tail = octets.length === whole.length ? noOctets : Uint8Array.from(octets.subarray(whole.length));
    const isValid = isUtf8(whole);
    const good = isValid ? whole : whole.subarray(0, validLength(whole));
    return { text: Buffer.from(good.buffer, good.byteOffset, good.length).toString('utf8'), isValid };
  }
}

/** Characters it takes at most to declare the namespaces of these trees one by one. */
const declaredLength = (children: readonly Child[]): number => {
  let length = 0;
  for (const one of children) {
    if (typeof one === 'string') continue;
    length += one.xmlns.length + declaredLength(one.children);
    for (const key in one.attrs) length += key.length;
  }
  return length;
};

/** How many octets a UTF-8 character is long, by its first octet; 1 for what cannot be a first octet. */
const characterLength = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);

/** How many octets at the end begin a character without ending it. */
const unfinished = (octets: Uint8Array): number => {
  for (let back = 1; back <= 3 && back <= octets.length; back++) {
    const octet = octets[octets.length - back] ?? 0;
    if (octet >= 0xc0) return characterLength(octet) > back ? back : 0;
    if (octet < 0x80) return 0;
  }
  return 0;
};

/** How many octets at the start are whole characters of UTF-8. */
const validLength = (octets: Uint8Array): number => {
  let at = 0;
  while (at < octets.length) {
    const next = at + characterLength(octets[at] ?? 0);
    if (next > octets.length || !isUtf8(octets.subarray(at, next))) break;
    at = next;
  }
  return at;
};
