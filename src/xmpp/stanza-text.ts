// Whole stanzas from an element, and from text that we wrote ourselves: what is kept in the Store.

import assert from 'node:assert/strict';
import { type Element, elementsOf } from '../xml/element.ts';
import { parseChildren } from '../xml/reader.ts';
import { Jid } from './jid.ts';
import { Stanza, type StanzaHead, type StanzaKind, stanzaNamespace } from './stanza.ts';

// What is kept was held to a stream's limits when it came, and may have grown a little since.
const trusted = {
  bytesMax: Number.MAX_SAFE_INTEGER,
  depthMax: 1_000,
  elementsMax: Number.MAX_SAFE_INTEGER,
  attributesMax: 10_000,
  nameMax: 1_000_000,
} as const;

/** The stanza that an element of jabber:client is. Throws when an address in it is none. */
export const stanzaFromElement = (element: Element): Stanza => {
  const { type, id, from, to, 'xml:lang': lang } = element.attrs;
  return Stanza.make(
    {
      kind: element.name as StanzaKind,
      type,
      id,
      from: from === undefined ? undefined : Jid.from(from),
      to: to === undefined ? undefined : Jid.from(to),
      lang,
    },
    ...elementsOf(element),
  );
};

/**
 * A stanza of inner text that we wrote ourselves, self-contained but for the default namespace jabber:client: it is passed on
 * as it is, and read only when somebody looks inside.
 */
export const stanzaOfInner = (head: StanzaHead, inner: string): Stanza =>
  Stanza.received(head, inner === '' ? [] : undefined, inner, (text) => {
    const read = parseChildren(text, stanzaNamespace, trusted);
    assert(read.ok, 'inner text that we wrote is well-formed');
    return read.value.filter((one): one is Element => typeof one !== 'string');
  });

/** A stanza from its own XML text, as `Stanza.toXml` wrote it. Throws when the text is something else. */
export const stanzaFromText = (text: string): Stanza => {
  const read = parseChildren(text, stanzaNamespace, trusted);
  assert(read.ok, 'a kept stanza is well-formed');
  const [root] = read.value;
  assert(typeof root === 'object', 'a kept stanza is an element');
  return stanzaFromElement(root);
};
