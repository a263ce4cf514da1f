// CSP in XML: text to an element tree and back. The tree is the one that src/wbxml makes, so that what follows does not
// know which encoding a message came in.

import { bad, good, type Outcome } from '../base/outcome.ts';
import type { WbxmlAttribute, WbxmlElement } from '../wbxml/document.ts';
import { escapeAttr, escapeText } from '../xml/element.ts';
import { XmlFaultSignal } from '../xml/limits.ts';
import { attrsOf, makeParser } from '../xml/parser.ts';

export interface XmlTreeLimits {
  /** Octets of the whole body. */
  readonly bytes: number;
  readonly depth: number;
  readonly elements: number;
  /** Attributes of one element, namespace declarations included. */
  readonly attributes: number;
}
export const defaultXmlTreeLimits: XmlTreeLimits = { bytes: 1_048_576, depth: 64, elements: 20_000, attributes: 64 };

export interface XmlTreeFault {
  readonly reason: 'syntax' | 'limit';
  readonly where: string;
}

type Growing = { -readonly [Key in keyof WbxmlElement]: WbxmlElement[Key] } & { children: WbxmlElement[] };

/**
 * Reads one XML document. `charset` is what HTTP said; a byte order mark and the XML declaration go before it. A DOCTYPE is
 * passed over as long as it has no internal subset, and no entity is ever expanded. COMPAT tools (and servers of Baraza's
 * kind, which copy it back) write a DOCTYPE. Test: read-message.test.ts.
 */
export const readXml = (
  bytes: Uint8Array,
  charset?: string,
  limits: XmlTreeLimits = defaultXmlTreeLimits,
): Outcome<WbxmlElement, XmlTreeFault> => {
  if (bytes.length > limits.bytes) return bad({ reason: 'limit', where: `${bytes.length} octets` });
  const text = decodeText(bytes, charset);
  if (text === undefined) return bad({ reason: 'syntax', where: 'not in the character encoding it claims' });

  const parser = makeParser({ document: true });
  const open: { node: Growing; uri: string; text: string }[] = [];
  let root: Growing | undefined;
  let elements = 0;
  const fail = (what: string): never => {
    throw new XmlFaultSignal('policy-violation', parser.position, what);
  };
  const addText = (piece: string): void => {
    const top = open.at(-1);
    if (top) top.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', (tag) => {
    if (open.length >= limits.depth) fail('too deep');
    if (++elements > limits.elements) fail('too many elements');
    const attributes = Object.keys(tag.attributes).length;
    if (attributes > limits.attributes) fail('too many attributes');
    const parent = open.at(-1);
    const node: Growing = {
      name: tag.local,
      xmlns: tag.uri === (parent?.uri ?? '') ? undefined : tag.uri,
      attributes: attributes === 0 ? undefined : attributesOf(attrsOf(tag)),
      children: [],
    };
    if (parent) parent.node.children.push(node);
    else root = node;
    open.push({ node, uri: tag.uri, text: '' });
  });
  parser.on('closetag', () => {
    const top = open.pop();
    // White space between children is layout.
    if (top && top.text !== '' && (top.node.children.length === 0 || top.text.trim() !== '')) top.node.text = top.text;
  });
  try {
    parser.write(text).close();
  } catch (thrown) {
    if (!(thrown instanceof XmlFaultSignal)) throw thrown;
    const { reason, where, text: what } = thrown.fault;
    return bad({ reason: reason === 'policy-violation' ? 'limit' : 'syntax', where: `${what} at ${where}` });
  }
  return good(root as Growing);
};

const attributesOf = (attrs: Readonly<Record<string, string>>): WbxmlAttribute[] | undefined => {
  const names = Object.keys(attrs);
  return names.length === 0 ? undefined : names.map((name) => ({ name, value: attrs[name] ?? '' }));
};

const utf8 = new TextDecoder('utf-8', { fatal: true });
const ascii = new TextDecoder('windows-1252');

/** The body as text, without its XML declaration; undefined when it is not in the encoding it claims. */
const decodeText = (bytes: Uint8Array, charset: string | undefined): string | undefined => {
  let label = charset ?? 'utf-8';
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) label = 'utf-8';
  else if ((bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0x00 && bytes[1] === 0x3c)) label = 'utf-16be';
  else if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0x3c && bytes[1] === 0x00)) label = 'utf-16le';
  else {
    const start = ascii.decode(bytes.subarray(0, 120));
    label = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? label;
  }
  try {
    const decoder = /^utf-?8$/i.test(label) ? utf8 : new TextDecoder(label, { fatal: true });
    return decoder.decode(bytes).replace(/^\s*<\?xml\s[^>]*\?>/, '');
  } catch (cause) {
    // TypeError: not valid in that encoding. RangeError: no such encoding.
    if (cause instanceof TypeError || cause instanceof RangeError) return undefined;
    throw cause;
  }
};

const encoder = new TextEncoder();

/** The tree as an XML document in UTF-8, without white space between elements. */
export const writeXml = (root: WbxmlElement): Uint8Array =>
  encoder.encode(`<?xml version="1.0" encoding="UTF-8"?>${xmlText(root, '')}`);

/** COMPAT AOSP keeps only the last run of characters of a text, so nothing is escaped that need not be. Test: write-message.test.ts. */
const xmlText = (element: WbxmlElement, scope: string): string => {
  const { name, xmlns, attributes, children, text } = element;
  let out = `<${name}`;
  if (xmlns !== undefined && xmlns !== scope) out += ` xmlns="${escapeAttr(xmlns)}"`;
  // A qualified name needs a prefix of its own: attributes of extensions lose theirs.
  for (const attribute of attributes ?? [])
    out += ` ${attribute.name.replace(/^\{[^}]*\}/, '')}="${escapeAttr(attribute.value)}"`;
  if (children.length === 0 && text === undefined) return `${out}/>`;
  out += '>';
  if (text !== undefined) out += escapeText(text);
  const inner = xmlns ?? scope;
  for (const child of children) out += xmlText(child, inner);
  return `${out}</${name}>`;
};
