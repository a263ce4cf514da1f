// What became of a message, to its sender. XMPP has a receipt (XEP-0184) and errors (RFC 6120 §8.3); a sender whose client is a
// phone has a code for each outcome. So either carries the code too, in an element of our own that others pass over.

import { type Element, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza, type StanzaCondition } from '../../../xmpp/stanza.ts';
import { codeOfError } from '../../mapping/error-codes.ts';
import { type Effects, send } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { isWatcher, roster } from '../common/roster.ts';
import type { Origin } from './kept-message.ts';
import { saysExpired } from './validity.ts';

const own = 'urn:onesoup:imps:report';
const receipts = 'urn:xmpp:receipts';

/** CSP status codes of reports: 415 and 432 the content could not be shown, 538 rejected, 541 forwarded. */
export type Fate = 410 | 415 | 432 | 538 | 541;

const codeElement = (code: Fate): Element => el('report', { xmlns: own, code: String(code) });

const codeIn = (elements: readonly Element[]): number | undefined => {
  const code = Number(elements.find(({ name, xmlns }) => name === 'report' && xmlns === own)?.attrs.code);
  return [410, 415, 432, 538, 541].includes(code) ? code : undefined;
};

/** The error that goes back when the phone cannot or will not have a message. Nothing without an id: nobody could tell which. */
export const complaint = (
  origin: Origin | undefined,
  condition: StanzaCondition,
  text: string,
  { code, extra }: { readonly code?: Fate; readonly extra?: Element } = {},
): Effects => {
  const from = origin && Jid.parse(origin.from);
  if (!origin || origin.id === undefined || !from?.ok) return [];
  const original = Stanza.make({ kind: 'message', id: origin.id, from: from.value });
  const error = original.error(condition, { text, ...(extra && { extra }) });
  return [send(code === undefined ? error : error.plus(codeElement(code)))];
};

/** XEP-0184 §5.5: who may not see that the user is there gets no receipt. */
export const receipt = (session: SessionView, origin: Origin | undefined, code?: Fate): Effects => {
  const from = origin?.receipt && origin.id !== undefined ? Jid.parse(origin.from) : undefined;
  if (!from?.ok || !isWatcher(session.slot(roster).items.get(from.value.bare.toString()))) return [];
  return [
    send(
      Stanza.make(
        { kind: 'message', id: session.random.id(12), to: from.value, type: 'chat' },
        el('received', { xmlns: receipts, id: origin?.id }),
        code === undefined ? undefined : codeElement(code),
      ),
    ),
  ];
};

/** What a receipt or an error says: the code, and the words that came with it. */
export const fateOf = (stanza: Stanza): { readonly code: number; readonly text: string | undefined } => {
  const said = codeIn(stanza.elements);
  if (stanza.type !== 'error') return { code: said ?? 200, text: undefined };
  if (saysExpired(stanza)) return { code: 542, text: undefined };
  const { code, text } = codeOfError(stanza);
  return { code: said ?? code, text };
};
