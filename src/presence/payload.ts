// What a presence says, in one canonical text: two presences say the same exactly when these texts are equal, and the text
// is what is kept and delivered. Order of children and attributes, white space between elements, id and delay stamps do
// not count; show, priority, status by language, and everything else (capabilities, avatar hash…) do.

import { type Child, type Element, el, elementsOf, textOf, write } from '../xml/element.ts';
import { type Stanza, stanzaNamespace } from '../xmpp/stanza.ts';

/**
 * Characters of extensions, namespaces written out; what goes beyond is left out. A prefix makes a long namespace short
 * to say, and a hundred thousand octets could otherwise become hundreds of millions.
 */
const extensionsMax = 100_000;

/** The meaning of a presence stanza as inner XML (default namespace jabber:client); '' when it says nothing but its type. */
export const presencePayload = (presence: Pick<Stanza, 'elements' | 'lang' | 'children'>): string => {
  if (presence.children.length === 0) return '';
  let show = '';
  let priority = 0;
  const statuses = new Map<string, string>();
  const others: string[] = [];
  let room = extensionsMax;
  for (const one of presence.elements) {
    if (one.xmlns === stanzaNamespace && one.name === 'show') show ||= textOf(one).trim();
    else if (one.xmlns === stanzaNamespace && one.name === 'priority') priority = priorityOf(textOf(one));
    else if (one.xmlns === stanzaNamespace && one.name === 'status') {
      const lang = one.attrs['xml:lang'] ?? presence.lang ?? '';
      if (!statuses.has(lang)) statuses.set(lang, textOf(one));
    } else if (!isDelay(one)) {
      const left = roomAfter(one, stanzaNamespace, room);
      if (left < 0) continue;
      room = left;
      others.push(write(canonical(one), stanzaNamespace));
    }
  }
  const xmlns = stanzaNamespace;
  let text = '';
  if (show !== '') text += write(el('show', { xmlns }, show), xmlns);
  for (const [lang, status] of [...statuses].sort(byFirst))
    if (status !== '')
      text += write(el('status', { xmlns, 'xml:lang': lang === '' ? undefined : lang }, status), xmlns);
  if (priority !== 0) text += write(el('priority', { xmlns }, String(priority)), xmlns);
  return text + others.sort().join('');
};

/** Of such a text what comes behind show, status and priority: the same for a client as long as it can do the same. */
export const extensionsOf = (payload: string): string =>
  payload.replace(/^(?:<(show|status|priority)\b[^>]*>[^<]*<\/\1>)+/, '');

/** RFC 6121 §4.7.2.3: from -128 to 127; 0 when absent, and for what is no such number. */
const priorityOf = (text: string): number => {
  const trimmed = text.trim();
  const number = /^[+-]?\d{1,3}$/.test(trimmed) ? Number(trimmed) : 0;
  return number >= -128 && number <= 127 ? number : 0;
};

/** XEP-0203, and XEP-0091 before it. */
const isDelay = ({ name, xmlns }: Element): boolean =>
  (name === 'delay' && xmlns === 'urn:xmpp:delay') || (name === 'x' && xmlns === 'jabber:x:delay');

/** Attributes in order of their names; no white space between elements. Children keep their order: it may mean something. */
const canonical = (element: Element): Element => ({
  ...element,
  attrs: Object.fromEntries(Object.entries(element.attrs).sort(byFirst)),
  children: withoutLayout(element).map((one) => (typeof one === 'string' ? one : canonical(one))),
});

const withoutLayout = (element: Element): readonly Child[] =>
  elementsOf(element).length === 0
    ? element.children
    : element.children.filter((one) => typeof one !== 'string' || one.trim() !== '');

/** How much room is left when the element is written; negative when there is not enough. */
const roomAfter = ({ name, xmlns, attrs, children }: Element, scope: string, room: number): number => {
  let left = room - 2 * name.length - (xmlns === scope ? 5 : xmlns.length + 14);
  for (const key in attrs) left -= key.length + (attrs[key] ?? '').length + (key.startsWith('{') ? 20 : 4);
  for (const one of children) {
    if (left < 0) break;
    left = typeof one === 'string' ? left - one.length : roomAfter(one, xmlns, left);
  }
  return left;
};

const byFirst = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : a > b ? 1 : 0;
