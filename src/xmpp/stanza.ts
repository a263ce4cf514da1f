// A stanza is a read-only value: its kind, addressing attributes, its children's names, and its inner text, which is
// forwarded as it came. Its children become a tree only when somebody looks inside. (RFC 6120 §8)

import { child, type Element, el, elementsOf, escapeAttr, write } from '../xml/element.ts';
import type { Jid } from './jid.ts';

export type StanzaKind = 'message' | 'presence' | 'iq';

export interface ChildName {
  readonly name: string;
  readonly xmlns: string;
}

export interface StanzaHead {
  readonly kind: StanzaKind;
  /** As on the wire; undefined when absent (a presence without type means available, a message without type is normal). */
  readonly type?: string | undefined;
  readonly id?: string | undefined;
  readonly from?: Jid | undefined;
  readonly to?: Jid | undefined;
  readonly lang?: string | undefined;
}

const anything = /^./s;

/** The namespace that stanzas are in inside this process, whatever stream they came by ('jabber:server' is folded in). */
export const stanzaNamespace = 'jabber:client';

export class Stanza implements StanzaHead {
  readonly kind: StanzaKind;
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly from: Jid | undefined;
  readonly to: Jid | undefined;
  readonly lang: string | undefined;
  #children: readonly ChildName[] | undefined;
  #inner: string | undefined;
  #elements: readonly Element[] | undefined;
  readonly #parse: ((inner: string) => readonly Element[]) | undefined;

  private constructor(
    head: StanzaHead,
    children: readonly ChildName[] | undefined,
    inner: string | undefined,
    elements: readonly Element[] | undefined,
    parse: ((inner: string) => readonly Element[]) | undefined,
  ) {
    this.kind = head.kind;
    this.type = head.type;
    this.id = head.id;
    this.from = head.from;
    this.to = head.to;
    this.lang = head.lang;
    this.#children = children;
    this.#inner = inner;
    this.#elements = elements;
    this.#parse = parse;
  }

  /** A stanza made here, of elements. Children without a namespace are put into the stanza's. */
  static make(head: StanzaHead, ...content: (Element | undefined)[]): Stanza {
    const root = el('x', { xmlns: stanzaNamespace }, content);
    const elements = elementsOf(root);
    return new Stanza(head, elements, undefined, elements, undefined);
  }

  /**
   * A stanza as received: `inner` is the well-formed text between its tags, self-contained but for the default namespace
   * jabber:client; `parse` makes elements of it when somebody asks. `children` undefined: their names, too, are found then.
   */
  static received(
    head: StanzaHead,
    children: readonly ChildName[] | undefined,
    inner: string,
    parse: (inner: string) => readonly Element[],
  ): Stanza {
    return new Stanza(head, children, inner, undefined, parse);
  }

  /** The same content under other addressing attributes; the text is shared, not copied. `undefined` removes one. */
  with(change: Partial<Omit<StanzaHead, 'kind'>>): Stanza {
    const head: StanzaHead = {
      kind: this.kind,
      type: 'type' in change ? change.type : this.type,
      id: 'id' in change ? change.id : this.id,
      from: 'from' in change ? change.from : this.from,
      to: 'to' in change ? change.to : this.to,
      lang: 'lang' in change ? change.lang : this.lang,
    };
    return new Stanza(head, this.#children, this.#inner, this.#elements, this.#parse);
  }

  /** The same stanza with one more child at its end (a delay stamp, for instance). */
  plus(extra: Element): Stanza {
    const added = el('x', { xmlns: stanzaNamespace }, extra).children[0] as Element;
    if (this.#elements) {
      const elements = [...this.#elements, added];
      return new Stanza(this, elements, undefined, elements, undefined);
    }
    return new Stanza(
      this,
      [...this.children, { name: added.name, xmlns: added.xmlns }],
      this.inner + write(added, stanzaNamespace),
      undefined,
      this.#parse,
    );
  }

  /** Names of the direct children, in order. */
  get children(): readonly ChildName[] {
    this.#children ??= this.elements;
    return this.#children;
  }

  /** Does it have a direct child of that name? Costs no tree. */
  has(name: string, xmlns: string = stanzaNamespace): boolean {
    return this.children.some((one) => one.name === name && one.xmlns === xmlns);
  }

  /** The direct children as trees. */
  get elements(): readonly Element[] {
    this.#elements ??= this.#parse?.(this.#inner ?? '') ?? [];
    return this.#elements;
  }

  /** The first direct child of that name as a tree. */
  child(name: string, xmlns: string = stanzaNamespace): Element | undefined {
    if (!this.has(name, xmlns)) return undefined;
    return this.elements.find((one) => one.name === name && one.xmlns === xmlns);
  }

  /** The text between the tags, for a stream whose default namespace is the stanza's own. */
  get inner(): string {
    if (this.#inner === undefined) {
      let text = '';
      for (const one of this.#elements ?? []) text += write(one, stanzaNamespace);
      // A text that was put together keeps its pieces, 32 octets for each, until somebody looks for something in the whole of it.
      anything.test(text);
      this.#inner = text;
    }
    return this.#inner;
  }

  /** The stanza as XML text, for a stream whose default namespace is the stanza's own ('jabber:client' or 'jabber:server'). */
  toXml(): string {
    let text = `<${this.kind}`;
    if (this.from) text += ` from='${escapeAttr(this.from.toString())}'`;
    if (this.to) text += ` to='${escapeAttr(this.to.toString())}'`;
    if (this.type !== undefined) text += ` type='${escapeAttr(this.type)}'`;
    if (this.id !== undefined) text += ` id='${escapeAttr(this.id)}'`;
    if (this.lang !== undefined) text += ` xml:lang='${escapeAttr(this.lang)}'`;
    const { inner } = this;
    return inner === '' ? `${text}/>` : `${text}>${inner}</${this.kind}>`;
  }

  /** The result of an IQ request, addressed back to its sender. */
  result(...content: (Element | undefined)[]): Stanza {
    return Stanza.make({ kind: 'iq', type: 'result', id: this.id, from: this.to, to: this.from }, ...content);
  }

  /** The error answer to this stanza, addressed back to its sender (RFC 6120 §8.3). */
  error(
    condition: StanzaCondition,
    options: { type?: StanzaErrorType; text?: string; by?: Jid; extra?: Element } = {},
  ): Stanza {
    const xmlns = 'urn:ietf:params:xml:ns:xmpp-stanzas';
    return Stanza.make(
      { kind: this.kind, type: 'error', id: this.id, from: this.to, to: this.from },
      el(
        'error',
        { type: options.type ?? stanzaErrorTypes[condition], by: options.by?.toString() },
        el(condition, { xmlns }),
        options.text === undefined ? undefined : el('text', { xmlns, 'xml:lang': 'en' }, options.text),
        options.extra,
      ),
    );
  }
}

export type StanzaErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

/** RFC 6120 §8.3.3: each condition with the error type it usually has. */
export const stanzaErrorTypes = {
  'bad-request': 'modify',
  conflict: 'cancel',
  'feature-not-implemented': 'cancel',
  forbidden: 'auth',
  gone: 'cancel',
  'internal-server-error': 'cancel',
  'item-not-found': 'cancel',
  'jid-malformed': 'modify',
  'not-acceptable': 'modify',
  'not-allowed': 'cancel',
  'not-authorized': 'auth',
  'policy-violation': 'modify',
  'recipient-unavailable': 'wait',
  redirect: 'modify',
  'registration-required': 'auth',
  'remote-server-not-found': 'cancel',
  'remote-server-timeout': 'wait',
  'resource-constraint': 'wait',
  'service-unavailable': 'cancel',
  'subscription-required': 'auth',
  'undefined-condition': 'cancel',
  'unexpected-request': 'wait',
} as const satisfies Readonly<Record<string, StanzaErrorType>>;
export type StanzaCondition = keyof typeof stanzaErrorTypes;

/** The defined condition inside a stanza of type error, and its text; undefined when it carries none. */
export const conditionOf = (stanza: Stanza): { readonly condition: string; readonly text?: string } | undefined => {
  const error = stanza.child('error');
  if (!error) return undefined;
  for (const one of elementsOf(error)) {
    if (one.xmlns !== 'urn:ietf:params:xml:ns:xmpp-stanzas' || one.name === 'text') continue;
    const text = child(error, 'text', one.xmlns)?.children.join('');
    return text === undefined ? { condition: one.name } : { condition: one.name, text };
  }
  return undefined;
};
