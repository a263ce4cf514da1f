// What a stranger's XML may cost, and how it is refused.

export interface XmlLimits {
  /** UTF-8 octets of one whole element, its tags included; of a stream header with its XML declaration. */
  readonly bytesMax: number;
  /** Levels of elements; in a stream the stream element itself is level 1. */
  readonly depthMax: number;
  /** Attributes of one element, namespace declarations included. */
  readonly attributesMax: number;
  /** Descendants of one whole element, at all levels. */
  readonly elementsMax: number;
  /** Characters of an element's or attribute's name (prefix included) and of a namespace name. */
  readonly nameMax: number;
}

export const defaultXmlLimits: XmlLimits = {
  bytesMax: 262_144,
  depthMax: 64,
  attributesMax: 64,
  elementsMax: 10_000,
  nameMax: 1024,
};

/** The names are those of the stream errors that RFC 6120 §4.9.3 has for them. */
export type XmlFaultReason =
  | 'bad-format' // well-formed, but text stands where only elements may
  | 'not-well-formed' // by XML 1.0 or Namespaces in XML
  | 'policy-violation' // a limit was passed
  | 'restricted-xml' // comment, processing instruction, DTD, or a reference to an entity that is not predefined (§11.1)
  | 'unsupported-encoding'; // not UTF-8

export interface XmlFault {
  readonly reason: XmlFaultReason;
  /** UTF-16 code units of decoded text before the place where it was noticed. */
  readonly where: number;
  /** For logs; never says more of the text than a character or a name. */
  readonly text: string;
}

/** Carries a fault out of the parser's callbacks; never leaves src/xml. */
export class XmlFaultSignal extends Error {
  override readonly name = 'XmlFaultSignal';
  readonly fault: XmlFault;
  constructor(reason: XmlFaultReason, where: number, text: string) {
    super(text);
    this.fault = { reason, where, text };
  }
}
