// XMPP messages for the phone (RFC 6121 §5): text becomes NewMessage or MessageNotification; receipts (XEP-0184) and errors
// become DeliveryReport-Request. Chat states (XEP-0085), markers, carbons and other messages without text are not for it.

import { createHash } from 'node:crypto';
import { formatAddress } from '../../../imps/address.ts';
import { cspDate } from '../../../imps/date.ts';
import type { StructureOf } from '../../../imps/primitives.ts';
import { el, textOf } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { userOfJid } from '../../mapping/address.ts';
import { codeOfError } from '../../mapping/error-codes.ts';
import { type Effects, enqueue, send, tell, type WaitingKind } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { isWatcher, roster } from '../common/roster.ts';
import { complaint } from './complaint.ts';
import { waitingFor, wayFor } from './delivery.ts';
import { asPrimitive, type KeptMessage, originOf } from './kept-message.ts';
import { lastResource } from './send.ts';
import { recall, type SentMessage } from './sent.ts';
import { expiryOf, failedRule, saysExpired } from './validity.ts';

const receipts = 'urn:xmpp:receipts';
const carbons = 'urn:xmpp:carbons:2';
const lastResourcesMax = 1000;

export const messageArrived = async (stanza: Stanza, session: SessionView): Promise<Effects> => {
  const { type } = stanza;
  const from = stanza.from ?? session.user;
  if (type === 'error') return cameBack(stanza, from, session);
  const received = stanza.child('received', receipts);
  if (received) return wasReceived(received.attrs.id, from, session);
  // Copies of conversations elsewhere were not asked for (XEP-0280 §7), and rooms that we are in are the groups' matter.
  if (type === 'groupchat' || stanza.has('received', carbons) || stanza.has('sent', carbons)) return [];
  const user = { User: { UserID: addressOf(from) } };
  return (
    wasWritten(stanza, session, { Sender: user, Recipient: { User: [{ UserID: addressOf(session.user) }] } }) ?? []
  );
};

/** A message of type normal says with its subject what it is about. */
const textOfMessage = (stanza: Stanza): string | undefined => {
  const body = stanza.child('body');
  const subject = stanza.child('subject');
  const about = stanza.type === 'chat' ? undefined : subject && (textOf(subject).trim() || undefined);
  const text = body && textOf(body);
  return about !== undefined && text !== about ? (text ? `${about}\n${text}` : about) : text || undefined;
};

/** A text for the phone, from and to whom it is shown to be; undefined when the message has none. */
export const wasWritten = (
  stanza: Stanza,
  session: SessionView,
  shown: Pick<StructureOf<'MessageInfo'>, 'Sender' | 'Recipient'>,
): Effects | undefined => {
  const text = textOfMessage(stanza);
  if (text === undefined) return undefined;
  const from = stanza.from ?? session.user;
  const octets = Buffer.byteLength(text);
  const way = wayFor(session, octets);
  if (way === 'refuse') return isToAll(stanza) ? [] : [tell(tooLarge(stanza))];
  const now = session.clock.wall();
  const expiresAt = expiryOf(stanza);
  if (expiresAt !== undefined && expiresAt <= now) return isToAll(stanza) ? [] : [tell(tooLate(stanza, expiresAt))];
  if (!from.isBare && from.local !== undefined && shown.Sender?.User) rememberResource(session, from);
  const MessageInfo: StructureOf<'MessageInfo'> = {
    MessageID: session.random.id(16),
    ContentType: 'text/plain',
    // COMPAT: Android and S60 count characters.
    ContentSize: text.length,
    ...shown,
    DateTime: cspDate(writtenAt(stanza) ?? now),
    ...(expiresAt !== undefined && { Validity: Math.ceil((expiresAt - now) / 1000) }),
  };
  const message: KeptMessage = {
    name: 'NewMessage',
    MessageInfo,
    ContentData: text,
    // A room is not told what became of its messages.
    ...(!isToAll(stanza) && {
      $origin: {
        from: from.toString(),
        id: stanza.id,
        receipt: stanza.has('request', receipts) && stanza.id !== undefined,
      },
    }),
  };
  return waitingFor(message, way, {
    origin: originKey(stanza, from, text, session),
    expiresInMs: expiresAt === undefined ? undefined : expiresAt - now,
  });
};

const isToAll = ({ type }: Stanza): boolean => type === 'groupchat';

/** A server's own word has no user; its domain stands for one. */
const addressOf = (jid: Jid): string => userOfJid(jid) ?? formatAddress({ user: jid.domain, domain: jid.domain });

/** XEP-0203: when it was written, if it had to wait. Wall-clock ms. */
const writtenAt = (stanza: Stanza): number | undefined => {
  const delay = stanza.child('delay', 'urn:xmpp:delay');
  const at = Date.parse(delay?.attrs.stamp ?? '');
  return Number.isNaN(at) ? undefined : at;
};

/**
 * The same stanza delivered again has the same key: the id our server gave it (XEP-0359), else the sender's own. Clients
 * use ids again after a restart, so what was written is part of it. Without an id nothing tells a repetition.
 */
const originKey = (stanza: Stanza, from: Jid, text: string, session: SessionView): string | undefined => {
  const given = stanza.elements.find(
    ({ name, xmlns, attrs }) =>
      name === 'stanza-id' &&
      xmlns === 'urn:xmpp:sid:0' &&
      attrs.by === (isToAll(stanza) ? from.bare : session.user).toString(),
  )?.attrs.id;
  if (given === undefined && stanza.id === undefined) return undefined;
  const parts = given === undefined ? ['own', from.toString(), stanza.id, text] : ['given', from.toString(), given];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
};

const rememberResource = (session: SessionView, from: Jid): void => {
  const last = session.slot(lastResource);
  const user = from.bare.toString();
  last.delete(user);
  const [oldest] = last.keys();
  if (last.size >= lastResourcesMax && oldest !== undefined) last.delete(oldest);
  last.set(user, from);
};

const tooLate = (stanza: Stanza, expiresAt: number): Stanza =>
  stanza
    .error('undefined-condition', { text: 'Too late: the message has expired.', extra: failedRule(expiresAt) })
    .with({ from: undefined });

const tooLarge = (stanza: Stanza): Stanza =>
  stanza.error('policy-violation', { text: 'Too long for the phone of this user.' }).with({ from: undefined });

// ---- what became of the phone's own messages ---------------------------------------------------------------------------

const wasReceived = async (id: string | undefined, from: Jid, session: SessionView): Promise<Effects> => {
  const message = await recall(session, id, from);
  return message?.report ? report(session, message, from, { Code: 200 }) : [];
};

/** A room sent our own message to everybody, us among them: it has arrived as far as messages to rooms do. */
export const wasReflected = (stanza: Stanza, from: Jid, session: SessionView): Promise<Effects> =>
  wasReceived(stanza.id, from.bare, session);

/** The user hears of a failure also when no report was asked for: a message is never lost in silence. */
const cameBack = async (stanza: Stanza, from: Jid, session: SessionView): Promise<Effects> => {
  const message = await recall(session, stanza.id, from);
  if (!message) return [];
  const { code, text } = saysExpired(stanza) ? { code: 542, text: undefined } : codeOfError(stanza);
  return report(session, message, from, {
    Code: code,
    ...(text === undefined ? {} : { Description: text.slice(0, 200) }),
  });
};

const report = (session: SessionView, message: SentMessage, from: Jid, Result: StructureOf<'Result'>): Effects => {
  const group = message.groups?.[from.bare.toString()];
  return [
    enqueue({
      kind: 'report',
      durable: true,
      origin: `report ${message.id} ${from.bare} ${Result.Code}`,
      primitive: {
        name: 'DeliveryReport-Request',
        Result,
        DeliveryTime: cspDate(session.clock.wall()),
        // COMPAT: Android finds the conversation by the first Recipient, which is that of the message.
        MessageInfo: {
          MessageID: message.id,
          ContentType: 'text/plain',
          ContentSize: message.size,
          Recipient: group ? { Group: [group] } : { User: [{ UserID: addressOf(from) }] },
          Sender: { User: { UserID: addressOf(session.user) } },
          DateTime: message.date,
          ...(message.validityS !== undefined && { Validity: message.validityS }),
        },
      },
    }),
  ];
};

// ---- what waits --------------------------------------------------------------------------------------------------------

export const messageKind: WaitingKind = {
  outlivesSession: true,
  shape: asPrimitive,
  onSettled(item, end, session) {
    const origin = originOf(item);
    if (!origin || !session) return [];
    if (end.how === 'too-large') return complaint(item, 'policy-violation', 'Too long for the phone of this user.');
    if (end.how === 'expired')
      return complaint(item, 'undefined-condition', 'Nobody read it in time.', failedRule(item.expiresAt ?? 0));
    // A Status instead of MessageDelivered: the phone could not take it.
    if (end.how === 'acknowledged' && end.code >= 300)
      return complaint(item, 'not-acceptable', `The phone of this user refused the message (${end.code}).`);
    if (end.how !== 'acknowledged' || !origin.receipt || origin.id === undefined) return [];
    // XEP-0184 §5.5: who may not see that the user is there gets no receipt.
    const from = Jid.parse(origin.from);
    if (!from.ok || !isWatcher(session.slot(roster).items.get(from.value.bare.toString()))) return [];
    return [
      send(
        Stanza.make(
          { kind: 'message', id: session.random.id(12), to: from.value, type: 'chat' },
          el('received', { xmlns: receipts, id: origin.id }),
        ),
      ),
    ];
  },
};
export const notificationKind: WaitingKind = { outlivesSession: false };
export const reportKind: WaitingKind = { outlivesSession: true };
