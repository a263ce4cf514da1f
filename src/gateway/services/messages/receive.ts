// XMPP messages for the phone (RFC 6121 §5): text becomes NewMessage or MessageNotification, a file is brought (bring.ts);
// receipts (XEP-0184) and errors become DeliveryReport-Request. Chat states (XEP-0085), markers, carbons and other messages
// without text are not for it.

import { createHash } from 'node:crypto';
import { formatAddress } from '../../../imps/address.ts';
import { cspDate } from '../../../imps/date.ts';
import type { StructureOf } from '../../../imps/primitives.ts';
import { textOf } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { userOfJid } from '../../mapping/address.ts';
import { type Effects, enqueue, tell, type WaitingKind } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { isBodyFallback, type Shared, sharedIn } from '../content/shared.ts';
import { awaiting, bring, isHopeless, told } from './bring.ts';
import { type WaitingOptions, waitingFor, wayFor } from './delivery.ts';
import { complaint, fateOf, receipt } from './fate.ts';
import { remember } from './history.ts';
import { asPrimitive, type KeptFile, type KeptMessage, keptMessage, originOf } from './kept-message.ts';
import { lastResource } from './send.ts';
import { recall, type SentMessage } from './sent.ts';
import { expiryOf, failedRule } from './validity.ts';

const receipts = 'urn:xmpp:receipts';
const carbons = 'urn:xmpp:carbons:2';
const lastResourcesMax = 1000;

type Shown = Pick<StructureOf<'MessageInfo'>, 'Sender' | 'Recipient'>;

export const messageArrived = async (stanza: Stanza, session: SessionView): Promise<Effects> => {
  const { type } = stanza;
  const from = stanza.from ?? session.user;
  if (type === 'error') return ended(stanza, stanza.id, from, session);
  const received = stanza.child('received', receipts);
  if (received) return ended(stanza, received.attrs.id, from, session);
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

/** A text or a file for the phone, from and to whom it is shown to be; undefined when the message has neither. */
export const wasWritten = (stanza: Stanza, session: SessionView, shown: Shown): Effects | undefined => {
  const shared = sharedIn(stanza);
  const text = textOfMessage(stanza);
  if (text === undefined && !shared) return undefined;
  const from = stanza.from ?? session.user;
  const now = session.clock.wall();
  const expiresAt = expiryOf(stanza);
  if (expiresAt !== undefined && expiresAt <= now) return isToAll(stanza) ? [] : [tell(tooLate(stanza, expiresAt))];
  if (!from.isBare && from.local !== undefined && shown.Sender?.User) rememberResource(session, from);
  const info: StructureOf<'MessageInfo'> = {
    MessageID: session.random.id(16),
    ...shown,
    DateTime: cspDate(writtenAt(stanza) ?? now),
    ...(expiresAt !== undefined && { Validity: Math.ceil((expiresAt - now) / 1000) }),
  };
  const common: Omit<KeptMessage, 'MessageInfo'> = {
    name: 'NewMessage',
    // A room is not told what became of its messages.
    ...(isToAll(stanza)
      ? { $room: from.bare.toString() }
      : {
          $origin: {
            from: from.toString(),
            id: stanza.id,
            receipt: stanza.has('request', receipts) && stanza.id !== undefined,
          },
        }),
  };
  const origin = originKey(stanza, from, text ?? '', session);
  const options = {
    ...(origin !== undefined && { origin }),
    ...(expiresAt !== undefined && { expiresInMs: expiresAt - now }),
  };
  if (shared) return withFile(stanza, session, shared, text ?? '', { ...common, MessageInfo: info }, options);
  const message = asText({ ...common, MessageInfo: info }, text ?? '');
  if (isToAll(stanza)) remember(session, message);
  const way = wayFor(session, message);
  if (way === 'refuse') return isToAll(stanza) ? [] : [tell(tooLarge(stanza))];
  return waitingFor(message, way, options);
};

/** COMPAT: Android and S60 count characters. (suite/compat.ts) */
const asText = (message: KeptMessage, text: string): KeptMessage => ({
  ...message,
  MessageInfo: { ...message.MessageInfo, ContentType: 'text/plain', ContentSize: text.length },
  ContentData: text,
});

/** What a person wrote beside the file is a message of its own; what only stands for the file is kept for the case. */
const withFile = (
  stanza: Stanza,
  session: SessionView,
  shared: Shared,
  text: string,
  message: KeptMessage,
  options: WaitingOptions,
): Effects => {
  const { url } = shared;
  const isStandIn =
    isBodyFallback(stanza) || text.trim() === (url ?? '') || text.trim() === '' || shared.data !== undefined;
  const words = isStandIn ? text || url || '' : (url ?? '');
  const $file: KeptFile = { ...shared, state: 'awaited', words, from: message.$origin?.from ?? '' };
  const whole: KeptMessage = {
    ...message,
    MessageInfo: { ...message.MessageInfo, ContentType: shared.type, ContentSize: shared.size ?? 0 },
    $file,
  };
  if (isToAll(stanza)) remember(session, asText(message, text || words));
  const effects = isHopeless(session, $file, message.$room)
    ? told(session, whole, { code: 415, why: 'this phone cannot show it' }, options)
    : awaiting(whole, options);
  bring(session);
  if (isStandIn) return effects;
  const { $origin } = message;
  const beside = asText(
    {
      ...message,
      MessageInfo: { ...message.MessageInfo, MessageID: session.random.id(16) },
      ...($origin && { $origin: { ...$origin, receipt: false } }),
    },
    text,
  );
  const way = wayFor(session, beside);
  const besideOptions = { ...options, ...(options.origin && { origin: `text ${options.origin}` }) };
  return [...(way === 'refuse' ? [] : waitingFor(beside, way, besideOptions)), ...effects];
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

/** The user hears of a failure also when no report was asked for: a message is never lost in silence. */
const ended = async (stanza: Stanza, id: string | undefined, from: Jid, session: SessionView): Promise<Effects> => {
  const message = await recall(session, id, from);
  const { code, text } = fateOf(stanza);
  if (!message || (stanza.type !== 'error' && !message.report)) return [];
  return report(session, message, from, {
    Code: code,
    ...(text === undefined ? {} : { Description: text.slice(0, 200) }),
  });
};

/** A room sent our own message to everybody, us among them: it has arrived as far as messages to rooms do. */
export const wasReflected = async (stanza: Stanza, from: Jid, session: SessionView, shown: Shown): Promise<Effects> => {
  const text = textOfMessage(stanza);
  const info = { MessageID: stanza.id, ...shown, DateTime: cspDate(writtenAt(stanza) ?? session.clock.wall()) };
  if (text !== undefined)
    remember(session, asText({ name: 'NewMessage', MessageInfo: info, $room: from.bare.toString() }, text));
  const message = await recall(session, stanza.id, from.bare);
  return message?.report ? report(session, message, from.bare, { Code: 200 }) : [];
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
        // COMPAT: Android finds the conversation by the first Recipient, which is that of the message. (suite/messages.ts)
        MessageInfo: {
          MessageID: message.id,
          ContentType: message.type ?? 'text/plain',
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
    if (!session) return [];
    // The next file may come in where this one was.
    if (keptMessage(item)?.$file) bring(session);
    switch (end.how) {
      case 'too-large':
        return complaint(origin, 'policy-violation', 'Too long for the phone of this user.', { code: 432 });
      case 'expired':
        return complaint(origin, 'undefined-condition', 'Nobody read it in time.', {
          extra: failedRule(item.expiresAt ?? 0),
        });
      case 'acknowledged':
        // A Status instead of MessageDelivered: the phone could not take it.
        if (end.code >= 300)
          return complaint(origin, 'not-acceptable', `The phone of this user refused the message (${end.code}).`);
        return receipt(session, origin);
      default:
        return [];
    }
  },
};
export const notificationKind: WaitingKind = { outlivesSession: false };
export const reportKind: WaitingKind = { outlivesSession: true };
