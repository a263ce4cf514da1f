// One whole element from its text. Streams are read by stream-reader.ts, which makes no tree.

import { bad, good, type Outcome } from '../base/outcome.ts';
import { type Child, type Element, escapeAttr } from './element.ts';
import { defaultXmlLimits, type XmlFault, XmlFaultSignal, type XmlLimits } from './limits.ts';
import { attrsOf, checkTag, makeParser, type ParserAllowances } from './parser.ts';

type Growing = Element & { readonly children: Child[] };

/**
 * Reads a text that is one element, with an XML declaration or white space around it at most. Character data next to
 * each other (CDATA sections) come as one child. `document` in the allowances admits what protocols forbid but files have.
 */
export const parseElement = (
  text: string,
  limits: Partial<XmlLimits> = {},
  allowances: ParserAllowances = {},
): Outcome<Element, XmlFault> => {
  const bounds = { ...defaultXmlLimits, ...limits };
  if (text.length > bounds.bytesMax || (text.length * 3 > bounds.bytesMax && octetsOf(text) > bounds.bytesMax))
    return bad({ reason: 'policy-violation', where: 0, text: 'element too large' });
  if (!text.isWellFormed()) return bad({ reason: 'unsupported-encoding', where: 0, text: 'lone surrogate' });

  const parser = makeParser(allowances);
  const open: Growing[] = [];
  let root: Element | undefined;
  let elements = 0;
  const addText = (piece: string): void => {
    const children = open.at(-1)?.children;
    if (!children) return; // White space around the root; the parser refuses anything else there.
    const last = children.length - 1;
    const before = children[last];
    if (typeof before === 'string') children[last] = before + piece;
    else if (piece !== '') children.push(piece);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', (tag) => {
    checkTag(tag, bounds, parser.position);
    if (open.length >= bounds.depthMax) throw new XmlFaultSignal('policy-violation', parser.position, 'too deep');
    if (elements++ > bounds.elementsMax)
      throw new XmlFaultSignal('policy-violation', parser.position, 'too many elements');
    const element: Growing = { name: tag.local, xmlns: tag.uri, attrs: attrsOf(tag), children: [] };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  try {
    parser.write(text).close();
  } catch (thrown) {
    if (thrown instanceof XmlFaultSignal) return bad(thrown.fault);
    throw thrown;
  }
  // close() refuses a text without a root element.
  return good(root as Element);
};

/**
 * Reads the text between an element's tags, where `defaultNamespace` is in force and `prefixes` are declared (by prefix).
 * The same limits hold for the whole as for one element, but for a little room for the tags.
 */
export const parseChildren = (
  inner: string,
  defaultNamespace: string,
  limits: Partial<XmlLimits> = {},
  prefixes: Readonly<Record<string, string>> = {},
): Outcome<readonly Child[], XmlFault> => {
  let start = `<x xmlns='${escapeAttr(defaultNamespace)}'`;
  for (const prefix in prefixes) if (prefix !== '') start += ` xmlns:${prefix}='${escapeAttr(prefixes[prefix] ?? '')}'`;
  start += '>';
  const bounds = { ...defaultXmlLimits, ...limits };
  const read = parseElement(`${start}${inner}</x>`, {
    ...bounds,
    bytesMax: bounds.bytesMax + octetsOf(start) + 4,
    attributesMax: Math.max(bounds.attributesMax, 2 + Object.keys(prefixes).length),
    nameMax: Math.max(bounds.nameMax, defaultNamespace.length),
  });
  return read.ok ? good(read.value.children) : read;
};

/** UTF-8 octets. */
export const octetsOf = (text: string): number => Buffer.byteLength(text, 'utf8');
