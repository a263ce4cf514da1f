// CSP 1.1, 1.2, 1.3 "Get message list", "Get message", "Reject message".

import type { StructureOf } from '../../../imps/primitives.ts';
import { statusOf } from '../../result.ts';
import { type Effect, type Handler, settle } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { resultFor } from '../common/details.ts';
import { joinedRoom } from '../groups/membership.ts';
import { notificationsOf } from './delivery.ts';
import { complaint } from './fate.ts';
import { historyOf, inHistory } from './history.ts';
import { contentOctets, isKnown, keptMessage } from './kept-message.ts';

/** Octets one MessageInfo may take in an answer, whatever the encoding. */
const infoSize = 700;

export const getMessageList: Handler<'GetMessageList-Request'> = async ({ GroupID, MessageCount }, session) => {
  const all = GroupID === undefined ? await own(session) : await ofGroup(session, GroupID);
  if (typeof all === 'number') return statusOf(all);
  const fits = Math.max(1, Math.floor((session.capabilities.parserSize - 1024) / infoSize));
  const count = Math.min(MessageCount ?? all.length, fits);
  // What waits is read from its beginning; of what was said in a group, the latest is wanted.
  const shown = GroupID === undefined ? all.slice(0, count) : all.slice(Math.max(0, all.length - count));
  return session.version === '1.3'
    ? { name: 'GetMessageList-Response', MessageInfoList: { MessageInfo: shown }, MessageTotalCount: all.length }
    : { name: 'GetMessageList-Response', MessageInfo: shown };
};

type Infos = readonly StructureOf<'MessageInfo'>[];

const own = async (session: SessionView): Promise<Infos> =>
  (await session.waiting('message')).flatMap((item) => {
    const message = keptMessage(item);
    return message && isKnown(message) ? [message.MessageInfo] : [];
  });

/** 821: nothing of the group is kept, as after a restart. */
const ofGroup = async (session: SessionView, group: string): Promise<Infos | number> => {
  const room = await joinedRoom(session, group);
  if (typeof room === 'number') return room;
  const kept = historyOf(session, room.jid.toString());
  return kept.length === 0 ? 821 : kept.map(({ MessageInfo }) => MessageInfo);
};

/** The message goes on waiting until MessageDelivered; what announced it has done its work. */
export const getMessage: Handler<'GetMessage-Request'> = async (request, session) => {
  const item = (await session.waiting('message')).find(({ messageId }) => messageId === request.MessageID);
  const waiting = item && keptMessage(item);
  const message = waiting ?? inHistory(session, request.MessageID);
  if (!message || !isKnown(message)) return statusOf(426);
  const { MessageInfo, ContentData } = message;
  if (contentOctets(message) > session.capabilities.pullLength) return statusOf(432);
  const answer = { name: 'GetMessage-Response', MessageInfo, ContentData } as const;
  return waiting ? { answer, effects: [settle(...(await notificationsOf(session, message)))] } : answer;
};

/** The sender hears that the message was refused. */
export const rejectMessage: Handler<'RejectMessage-Request'> = async (request, session) => {
  const waiting = await session.waiting('message');
  const effects: Effect[] = [];
  const unknown: string[] = [];
  for (const id of new Set(request.MessageID)) {
    const item = waiting.find(({ messageId }) => messageId === id);
    const message = item && keptMessage(item);
    if (!item || !message || !isKnown(message)) unknown.push(id);
    else
      effects.push(
        settle(item.seq, ...(await notificationsOf(session, message))),
        ...complaint(message.$origin, 'not-acceptable', 'The recipient refused the message.', { code: 538 }),
      );
  }
  const refused = unknown.length > 0 ? [{ code: 426, messages: unknown }] : [];
  const Result: StructureOf<'Result'> = resultFor(refused, request.MessageID.length - unknown.length, session.version);
  return { answer: { name: 'Status', Result }, effects };
};
