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
import { type SessionView, slot } from '../../session-view.ts';
import { type Refused, resultFor } from '../common/details.ts';
import { findList, sessionLists } from '../contact-lists/session-lists.ts';
import { joinedRoom } from '../groups/membership.ts';
import { contacts } from '../presence/contacts.ts';
import { textOfContent } from './content.ts';
import { notificationsOf } from './delivery.ts';
import { keptMessage } from './kept-message.ts';
import { newSentId, remember } from './sent.ts';
import { expiryRule } from './validity.ts';

const recipientsMax = 500;
const mucUser = 'http://jabber.org/protocol/muc#user';

/** RFC 6121 §5.1: the resource a contact wrote from last, by bare JID. */
export const lastResource = slot<Map<string, Jid>>('messages-last-resource', () => new Map());

export const sendMessage: Handler<'SendMessage-Request'> = async (request, session) => {
  const { MessageInfo, ContentData } = request;
  const text = textOfContent(MessageInfo, ContentData);
  if (!text.ok) return { name: 'SendMessage-Response', Result: resultOf(text.fault.code, text.fault.description) };
  const { to, refused, done } = await recipientsOf(session, MessageInfo.Recipient);
  if (done === 0 && refused.length === 0) return { name: 'SendMessage-Response', Result: resultOf(402) };
  if (to.length > recipientsMax) return { name: 'SendMessage-Response', Result: resultOf(402, 'too many recipients') };
  const Result = resultFor(refused, done, session.version);
  if (to.length === 0) return { name: 'SendMessage-Response', Result };
  const { id, effects } = outgoing(session, to, text.value, {
    size: MessageInfo.ContentSize,
    validityS: MessageInfo.Validity,
    report: request.DeliveryReport === true,
  });
  return { answer: { name: 'SendMessage-Response', Result, MessageID: id }, effects };
};

/** Sends on a message that waits, without reading it; it waits no more. 1.3 answers with the new message's id. */
export const forwardMessage: Handler<'ForwardMessage-Request'> = async (request, session) => {
  const item = (await session.waiting('message')).find(({ messageId }) => messageId === request.MessageID);
  const message = item && keptMessage(item);
  if (!item || !message) return statusOf(426);
  const { to, refused, done } = await recipientsOf(session, request.Recipient);
  if (to.length > recipientsMax || (done === 0 && refused.length === 0)) return statusOf(402);
  const Result = resultFor(refused, done, session.version);
  if (to.length === 0) return { name: 'Status', Result };
  const { id, effects } = outgoing(session, to, String(message.ContentData ?? ''), {
    validityS: secondsLeft(item, session),
  });
  return {
    answer:
      session.version === '1.3' && refused.length === 0
        ? { name: 'ForwardMessage-Response', MessageID: id }
        : { name: 'Status', Result },
    effects: [...effects, settle(item.seq, ...(await notificationsOf(session, message)))],
  };
};

interface Wishes {
  readonly size?: number | undefined;
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

const outgoing = (
  session: SessionView,
  to: readonly Target[],
  text: string,
  { size, validityS, report = false }: Wishes,
): { readonly id: string; readonly effects: readonly Effect[] } => {
  const id = newSentId(session);
  const groups = Object.fromEntries(to.flatMap(({ jid, group }) => (group ? [[jid.bare.toString(), group]] : [])));
  const record = {
    id,
    to: to.map(({ jid }) => jid.bare.toString()),
    date: cspDate(session.clock.wall()),
    size: size ?? text.length,
    report,
    ...(validityS !== undefined && { validityS }),
    ...(Object.keys(groups).length > 0 && { groups }),
  };
  const stanzas = to.map(({ jid, type, group }) =>
    send(
      Stanza.make(
        { kind: 'message', type, id, to: group ? jid : resourceFor(session, jid) },
        el('body', null, text),
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
  for (const { UserID } of recipient.User ?? []) {
    const jid = jidOfUser(UserID, session.user.domain);
    if (jid) {
      add({ jid, type: 'chat' });
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
