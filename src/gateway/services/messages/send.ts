// CSP 1.1, 1.2, 1.3 "Send message", "Forward message" over RFC 6121 §5. The answer leaves when the stanzas are stored: what
// happens to them after that comes as a delivery report (XEP-0184 receipt, or an error).

import { cspDate } from '../../../imps/date.ts';
import type { StructureOf } from '../../../imps/primitives.ts';
import { result as resultOf } from '../../../imps/transaction.ts';
import { el } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { jidOfUser } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import { type Effect, type Handler, send, settle, type WaitingItem } from '../../service.ts';
import { clientKey, resourceOf } from '../../session/client-id.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { type Refused, resultFor } from '../common/details.ts';
import { findList, sessionLists } from '../contact-lists/session-lists.ts';
import { joinedRoom } from '../groups/membership.ts';
import { contacts } from '../presence/contacts.ts';
import { notificationsOf } from './delivery.ts';
import { receipt } from './fate.ts';
import { inHistory } from './history.ts';
import { isKnown, keptMessage } from './kept-message.ts';
import { type Letter, letterAgain, letterOf } from './outgoing.ts';
import { newSentId, remember } from './sent.ts';
import { expiryRule } from './validity.ts';

const mucUser = 'http://jabber.org/protocol/muc#user';

/** RFC 6121 §5.1: the resource a contact wrote from last, by bare JID. */
export const lastResource = slot<Map<string, Jid>>('messages-last-resource', () => new Map());

export const sendMessage: Handler<'SendMessage-Request'> = async (request, session) => {
  const { MessageInfo, ContentData } = request;
  const refusal = (Result: StructureOf<'Result'>) => ({ name: 'SendMessage-Response', Result }) as const;
  const { to, refused, done } = await recipientsOf(session, MessageInfo.Recipient);
  if (done === 0 && refused.length === 0) return refusal(resultOf(402));
  if (to.length > session.limits.recipientsMax) return refusal(resultOf(402, 'too many recipients'));
  const Result = resultFor(refused, done, session.version);
  // A file for nobody is not uploaded.
  if (to.length === 0) return refusal(Result);
  const letter = await letterOf(session, MessageInfo, ContentData);
  if (!letter.ok) return refusal(resultOf(letter.fault.code, letter.fault.description));
  const { id, effects } = await outgoing(session, to, letter.value, {
    validityS: MessageInfo.Validity,
    report: request.DeliveryReport === true,
  });
  return { answer: { name: 'SendMessage-Response', Result, MessageID: id }, effects };
};

/**
 * Sends on a message that waits, without reading it; it waits no more, and its sender is told (541) who asked for a report. One
 * out of a group's history is sent on as well. 1.3 answers with the new message's id.
 */
export const forwardMessage: Handler<'ForwardMessage-Request'> = async (request, session) => {
  const item = (await session.waiting('message')).find(({ messageId }) => messageId === request.MessageID);
  const waiting = item && keptMessage(item);
  const message = waiting ?? inHistory(session, request.MessageID);
  if (!message || !isKnown(message)) return statusOf(426);
  const { to, refused, done } = await recipientsOf(session, request.Recipient);
  if (to.length > session.limits.recipientsMax || (done === 0 && refused.length === 0)) return statusOf(402);
  const Result = resultFor(refused, done, session.version);
  if (to.length === 0) return { name: 'Status', Result };
  const letter = await letterAgain(session, message);
  if (!letter.ok) return statusOf(letter.fault.code, letter.fault.description);
  const { id, effects } = await outgoing(session, to, letter.value, { validityS: item && secondsLeft(item, session) });
  const isOver =
    item && waiting
      ? [settle(item.seq, ...(await notificationsOf(session, waiting))), ...receipt(session, waiting.$origin, 541)]
      : [];
  return {
    answer:
      session.version === '1.3' && refused.length === 0
        ? { name: 'ForwardMessage-Response', MessageID: id }
        : { name: 'Status', Result },
    effects: [...effects, ...isOver],
  };
};

interface Wishes {
  /** Seconds from now. */
  readonly validityS?: number | undefined;
  readonly report?: boolean;
}

/** A message that is sent on has no more time than it had. */
const secondsLeft = ({ expiresAt }: WaitingItem, { clock }: SessionView): number | undefined =>
  expiresAt === undefined ? undefined : Math.ceil((expiresAt - clock.wall()) / 1000);

/** One to whom a message goes: a user, a room, or one in it. */
interface Target {
  readonly jid: Jid;
  readonly type: 'chat' | 'groupchat';
  /** As a report repeats it. */
  readonly group?: StructureOf<'Group'>;
}

const outgoing = async (
  session: SessionView,
  to: readonly Target[],
  letter: Letter,
  { validityS, report = false }: Wishes,
): Promise<{ readonly id: string; readonly effects: readonly Effect[] }> => {
  const id = await newSentId(session);
  const groups = Object.fromEntries(to.flatMap(({ jid, group }) => (group ? [[jid.bare.toString(), group]] : [])));
  const record = {
    id,
    to: to.map(({ jid }) => jid.bare.toString()),
    date: cspDate(session.clock.wall()),
    type: letter.type,
    size: letter.size,
    report,
    ...(validityS !== undefined && { validityS }),
    ...(Object.keys(groups).length > 0 && { groups }),
  };
  const stanzas = to.map(({ jid, type, group }) =>
    send(
      Stanza.make(
        { kind: 'message', type, id, to: jid.isBare && !group ? resourceFor(session, jid) : jid },
        ...letter.children,
        // Rooms answer no receipts (XEP-0184 §5.3): their own copy of the message says that they have it.
        report && type === 'chat' ? el('request', { xmlns: 'urn:xmpp:receipts' }) : undefined,
        group && type === 'chat' ? el('x', { xmlns: mucUser }) : undefined,
        validityS === undefined ? undefined : expiryRule(validityS, session.clock.wall()),
      ),
    ),
  );
  return { id, effects: [remember(record), ...stanzas] };
};

/** Where a conversation goes on: the resource it came from while that is there, else wherever the contact is. */
const resourceFor = (session: SessionView, jid: Jid): Jid => {
  const last = session.slot(lastResource).get(jid.toString());
  return last && session.slot(contacts).isAvailable(last) ? last : jid;
};

/** Everybody and every room once. `done`: how many addresses of the request hold. */
const recipientsOf = async (
  session: SessionView,
  recipient: StructureOf<'Recipient'>,
): Promise<{ readonly to: Target[]; readonly refused: Refused[]; readonly done: number }> => {
  const to = new Map<string, Target>();
  const add = (target: Target): void => void to.set(target.jid.toString(), target);
  const refused: Refused[] = [];
  const wrong: string[] = [];
  let done = 0;
  for (const { UserID, ClientID } of recipient.User ?? []) {
    const jid = jidOfUser(UserID, session.user.domain);
    if (jid) {
      // A phone of many: where it signs in, its ClientID is its resource, here and on every server like this one.
      const client = clientKey(ClientID);
      add({ jid: client === '' ? jid : jid.withResource(resourceOf(client)), type: 'chat' });
      done++;
    } else wrong.push(UserID);
  }
  if (wrong.length > 0) refused.push({ code: 531, users: wrong });

  const gone: string[] = [];
  const lists = recipient.ContactList?.length ? (await sessionLists(session)).lists : [];
  for (const text of recipient.ContactList ?? []) {
    const list = findList(session, lists, text);
    if (list) done++;
    else gone.push(text);
    for (const { jid } of list?.members ?? []) add({ jid, type: 'chat' });
  }
  if (gone.length > 0) refused.push({ code: 700, lists: gone });

  for (const group of recipient.Group ?? []) {
    const name = group.ScreenName;
    const id = group.GroupID ?? name?.GroupID ?? '';
    const room = await joinedRoom(session, id);
    if (typeof room === 'number') refused.push({ code: room, ...(name ? { screenNames: [name] } : { groups: [id] }) });
    else if (name && !room.occupants.has(name.SName)) refused.push({ code: 533, screenNames: [name] });
    else {
      done++;
      if (name) add({ jid: room.jid.withResource(name.SName), type: 'chat', group: { ScreenName: name } });
      else add({ jid: room.jid, type: 'groupchat', group: { GroupID: id } });
    }
  }
  return { to: [...to.values()], refused, done };
};
