// Messages as text in the Store and back, with the stamp that says when they came (XEP-0203).

import { strict as assert } from 'node:assert';
import type { WallMs } from '../../base/clock.ts';
import { type Element, el } from '../../xml/element.ts';
import { parseChildren } from '../../xml/reader.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza, type StanzaKind, stanzaNamespace } from '../../xmpp/stanza.ts';

// What is stored was held to a stream's limits when it came, and may have grown a little since.
const trusted = { bytesMax: Number.MAX_SAFE_INTEGER, depthMax: 1_000, elementsMax: Number.MAX_SAFE_INTEGER } as const;

/** A stanza from its own XML text, as `Stanza.toXml` wrote it. Throws when the text is something else. */
export const stanzaFromText = (text: string): Stanza => {
  const read = parseChildren(text, stanzaNamespace, trusted);
  assert(read.ok, 'a stored stanza is well-formed');
  const [root] = read.value;
  assert(typeof root === 'object', 'a stored stanza is an element');
  const { attrs } = root;
  const content = root.children.filter((one): one is Element => typeof one !== 'string');
  return Stanza.make(
    {
      kind: root.name as StanzaKind,
      type: attrs.type,
      id: attrs.id,
      from: attrs.from === undefined ? undefined : Jid.from(attrs.from),
      to: attrs.to === undefined ? undefined : Jid.from(attrs.to),
      lang: attrs['xml:lang'],
    },
    ...content,
  );
};

/** XEP-0203: where and when a stanza was held back. Stamps are UTC with seconds (XEP-0082). */
export const delayed = (stanza: Stanza, by: Jid, at: WallMs): Stanza =>
  stanza.elements.some(
    (one) => one.name === 'delay' && one.xmlns === 'urn:xmpp:delay' && one.attrs.from === by.toString(),
  )
    ? stanza
    : stanza.plus(el('delay', { xmlns: 'urn:xmpp:delay', from: by.toString(), stamp: xmppDate(at) }));

/** XEP-0082 DateTime in UTC, whole seconds. */
export const xmppDate = (at: WallMs): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
