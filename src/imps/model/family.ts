// How the content model is written down. Each file beside this one describes one family of elements in this notation;
// model.ts joins them, and everything else about CSP (types, reading, writing, checking) is derived from there.
//
//   A, B?, C*, D+      children in the order they are written: once, at most once, any number, at least one
//   A!                 written once, but a reader does without it: real clients leave it out
//   (A | B), (A, B)?   one of these; a group
//   (A / B)            one of these, too, but clients give both, and then the first counts
//   A{1.2-} A{-1.2}    only from 1.2 on; only up to 1.2; A{1.3} in that version alone
//   <A>                A's content stands there without A's tags; read with or without them
//   any                elements of a namespace of their own
//   X | Y | ...        values of an enumeration; with `...` others occur and are taken as they are
//   P/A                the leaf A where its parent is P: some names mean different things in different places

export interface Family {
  /**
   * A row per primitive: name, who originates it (client, server, both), its TransactionMode and SessionType (`either`
   * where both occur), the leaf of the feature tree that negotiates it (a branch's name: the part of that branch that
   * cannot be negotiated away; `core`: outside the tree), and what answers it on success. Status may always answer.
   */
  readonly primitives?: string;
  /** Children of primitives and structures. */
  readonly content: Readonly<Record<string, string>>;
  /** Structures that may stand empty, as a name: `true` in values. */
  readonly alone?: string;
  readonly leaves?: Readonly<Partial<Record<LeafType, string>>>;
  readonly enums?: Readonly<Record<string, string>>;
  /** Other spellings that are read. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Structures that occur as plain text, which is read as the child named; in the versions given it is written so. */
  readonly plain?: Readonly<Record<string, string>>;
}

/**
 * text: as it stands. id: addresses, MIME types, opaque ids; blanks around it are cut off. integer: 0 to 2^32-1.
 * boolean: T or F. date: UTC, `YYYYMMDDThhmmssZ`. binary: text, or octets that are written as BASE64. flag: no content.
 */
export type LeafType = 'text' | 'id' | 'integer' | 'boolean' | 'date' | 'binary' | 'flag';
