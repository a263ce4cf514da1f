// The error that goes back to a message's sender when the phone cannot or will not have it (RFC 6120 §8.3).

import type { Element } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza, type StanzaCondition } from '../../../xmpp/stanza.ts';
import { type Effects, send, type WaitingItem } from '../../service.ts';
import { originOf } from './kept-message.ts';

/** Nothing for a message without an id: its sender could not tell which one it was. */
export const complaint = (item: WaitingItem, condition: StanzaCondition, text: string, extra?: Element): Effects => {
  const origin = originOf(item);
  const from = origin && Jid.parse(origin.from);
  if (!origin || origin.id === undefined || !from?.ok) return [];
  const original = Stanza.make({ kind: 'message', id: origin.id, from: from.value });
  return [send(original.error(condition, { text, ...(extra && { extra }) }))];
};
