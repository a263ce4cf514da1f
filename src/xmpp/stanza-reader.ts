// From an element of a stream to a stanza (RFC 6120 §8). What a server stream calls 'jabber:server' is 'jabber:client'
// inside this process. Anything that is no stanza (stream features, SASL, stream management…) comes as an Element.

import assert from 'node:assert/strict';
import { bad, good, type Outcome } from '../base/outcome.ts';
import { type Child, type Element, elementsOf, escapeText, write } from '../xml/element.ts';
import { parseChildren } from '../xml/reader.ts';
import type { StreamElement } from '../xml/stream-reader.ts';
import { Jid } from './jid.ts';
import { Stanza, type StanzaHead, type StanzaKind, stanzaNamespace } from './stanza.ts';

export type StanzaFault = {
  /** The attribute with an address that is none. */
  readonly reason: 'jid-malformed';
  readonly attribute: 'from' | 'to';
  /** The stanza without its bad address, for whoever wants to answer it. */
  readonly stanza: Stanza;
};

const serverNamespace = 'jabber:server';
const componentNamespace = 'jabber:component:accept';

/** Is it a stanza by name and namespace? */
export const isStanza = ({ name, xmlns }: StreamElement): boolean =>
  (name === 'message' || name === 'presence' || name === 'iq') &&
  (xmlns === stanzaNamespace || xmlns === serverNamespace || xmlns === componentNamespace);

/** The stanza that `element` is; ask `isStanza` first. `lang` is the stream's own xml:lang, which stanzas inherit (§4.7.4). */
export const stanzaOf = (element: StreamElement, lang?: string): Outcome<Stanza, StanzaFault> => {
  assert(isStanza(element));
  const { attrs } = element;
  const from = attrs.from === undefined ? undefined : Jid.parse(attrs.from);
  const to = attrs.to === undefined ? undefined : Jid.parse(attrs.to);
  const head: StanzaHead = {
    kind: element.name as StanzaKind,
    type: attrs.type,
    id: attrs.id,
    from: from?.ok ? from.value : undefined,
    to: to?.ok ? to.value : undefined,
    lang: attrs['xml:lang'] ?? lang,
  };
  const stanza =
    element.xmlns === stanzaNamespace
      ? Stanza.received(head, element.children, element.inner, contentOf)
      : folded(head, element);
  if (from?.ok === false) return bad({ reason: 'jid-malformed', attribute: 'from', stanza });
  if (to?.ok === false) return bad({ reason: 'jid-malformed', attribute: 'to', stanza });
  return good(stanza);
};

/** A nonza, or any other element of a stream, as a tree. */
export const elementOf = ({ name, xmlns, attrs, inner }: StreamElement): Element => ({
  name,
  xmlns,
  attrs,
  children: childrenOf(inner, xmlns),
});

/** A stanza of another content namespace: what is in that namespace is in ours from here on. */
const folded = (head: StanzaHead, { xmlns, children, inner, isRedeclared }: StreamElement): Stanza => {
  const names = children.map((one) => (one.xmlns === xmlns ? { name: one.name, xmlns: stanzaNamespace } : one));
  // As long as the text never names the namespace, it means the other when it stands in the other.
  if (!isRedeclared) return Stanza.received(head, names, inner, contentOf);
  const fold = (one: Child): Child =>
    typeof one === 'string'
      ? one
      : { ...one, xmlns: one.xmlns === xmlns ? stanzaNamespace : one.xmlns, children: one.children.map(fold) };
  const written = childrenOf(inner, xmlns)
    .map((one) => (typeof one === 'string' ? escapeText(one) : write(fold(one) as Element, stanzaNamespace)))
    .join('');
  return Stanza.received(head, names, written, contentOf);
};

const contentOf = (inner: string): readonly Element[] =>
  elementsOf({ name: '', xmlns: stanzaNamespace, attrs: {}, children: childrenOf(inner, stanzaNamespace) });

// The stream reader has held this text to limits already; a stanza may have grown a little since (a delay stamp).
const trusted = { bytesMax: Number.MAX_SAFE_INTEGER, depthMax: 1_000, elementsMax: Number.MAX_SAFE_INTEGER } as const;
const childrenOf = (inner: string, xmlns: string): readonly Child[] => {
  if (inner === '') return [];
  const read = parseChildren(inner, xmlns, { ...trusted, attributesMax: 10_000, nameMax: 1_000_000 });
  assert(read.ok, 'text that was well-formed when it was received');
  return read.value;
};
