// Stanzas of our own as text in the store, and back.

import assert from 'node:assert/strict';
import { elementsOf } from '../../xml/element.ts';
import { parseElement } from '../../xml/reader.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza, type StanzaKind, stanzaNamespace } from '../../xmpp/stanza.ts';

/** Reads what Stanza.toXml wrote. Throws when the text is no stanza: it was written here. */
export const stanzaFromText = (text: string): Stanza => {
  const bounds = { bytesMax: Number.MAX_SAFE_INTEGER, depthMax: 1000, elementsMax: Number.MAX_SAFE_INTEGER };
  // The text leans on the default namespace of the stream it was meant for.
  const read = parseElement(`<x xmlns='${stanzaNamespace}'>${text}</x>`, bounds);
  assert(read.ok, 'a stanza written here is well-formed');
  const [element] = elementsOf(read.value);
  assert(element);
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
