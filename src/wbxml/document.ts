// What a WBXML document of the Client-Server Protocol is, as data.

/** The CSP versions with token tables of their own. */
export type CspVersion = '1.0' | '1.1' | '1.2' | '1.3';
export const cspVersions: readonly CspVersion[] = ['1.0', '1.1', '1.2', '1.3'];

export interface WbxmlAttribute {
  readonly name: string;
  readonly value: string;
}

/**
 * One element. Typed content is text in both directions: integers are decimal, dates `YYYYMMDDThhmmssZ` (zone letter or
 * none), booleans `T` and `F`. The codec chooses the form on the wire from the element's name.
 */
export interface WbxmlElement {
  readonly name: string;
  /** The default namespace declared on this element itself. */
  readonly xmlns?: string | undefined;
  /** Attributes other than xmlns; absent when there are none. */
  readonly attributes?: readonly WbxmlAttribute[] | undefined;
  readonly children: readonly WbxmlElement[];
  /** All character content of the element itself, joined; absent when empty. */
  readonly text?: string | undefined;
  /**
   * The octets, when an element whose type is not integer or date held one OPAQUE item and nothing else; `text` is then
   * their reading as UTF-8. A view of the input. When encoding it goes out as OPAQUE, and `text` is not looked at.
   */
  readonly opaque?: Uint8Array | undefined;
}

/** What the octets before the first element say. */
export interface WbxmlHeader {
  /** Told, in this order, by the root's xmlns, the public id, the caller's hint; else 1.2. */
  readonly version: CspVersion;
  /** A number as on the wire (0x0F to 0x12 for CSP 1.0 to 1.3, 1 unknown), or the formal public identifier as text.
   *  When encoding, absent means the number of the version. */
  readonly publicId?: number | string | undefined;
}

export interface WbxmlDocument extends WbxmlHeader {
  readonly root: WbxmlElement;
}

/** Why octets are not a document we take. */
export type WbxmlFaultReason =
  | 'truncated' // ends inside something it began
  | 'trailing' // goes on after the root element
  | 'wbxml-version' // not WBXML 1.1 to 1.3
  | 'charset' // neither UTF-8, US-ASCII nor ISO-8859-1
  | 'number' // a multi-byte integer of more than 32 bits
  | 'string-table' // an offset outside the string table, or a string in it without an end
  | 'token' // a global token where the grammar has no place for it
  | 'unknown-tag'
  | 'unknown-attribute'
  | 'unknown-value' // an EXT_T_0 number or attribute value token that stands for nothing
  | 'entity' // a character reference to no Unicode scalar value
  | 'integer' // an OPAQUE integer of more than 32 bits
  | 'date' // an OPAQUE date that is not six octets, or with no such zone
  | 'limit-bytes'
  | 'limit-depth'
  | 'limit-elements'
  | 'limit-attributes'
  | 'limit-string-table'
  | 'limit-text';

export interface WbxmlFault {
  readonly reason: WbxmlFaultReason;
  /** The octet, counted from 0, at which reading stopped. */
  readonly offset: number;
}

/** What a stranger's document may cost. */
export interface Limits {
  /** Octets of the whole document. */
  readonly bytes: number;
  /** Elements inside one another, the root counted. */
  readonly depth: number;
  /** Elements in all. */
  readonly elements: number;
  /** Attributes of one element. */
  readonly attributes: number;
  /** Octets of the string table. */
  readonly stringTable: number;
  /** Octets of strings, values and opaque data in all, each reference to the string table counted in full. */
  readonly text: number;
}

export const defaultLimits: Limits = {
  bytes: 1_048_576,
  depth: 64,
  elements: 20_000,
  attributes: 16,
  stringTable: 65_536,
  text: 1_048_576,
};

export interface DecodeOptions {
  readonly limits?: Partial<Limits> | undefined;
  /** The version to assume when neither the root's xmlns nor the public id tells. */
  readonly version?: CspVersion | undefined;
}
