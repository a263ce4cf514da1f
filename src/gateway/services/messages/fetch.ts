// CSP 1.1, 1.2, 1.3 "Get message list", "Get message", "Reject message".

import type { StructureOf } from '../../../imps/primitives.ts';
import { statusOf } from '../../result.ts';
import { type Effect, type Handler, settle } from '../../service.ts';
import { resultFor } from '../common/details.ts';
import { complaint } from './complaint.ts';
import { notificationsOf } from './delivery.ts';
import { keptMessage } from './kept-message.ts';

/** Octets one MessageInfo may take in an answer, whatever the encoding. */
const infoSize = 700;

export const getMessageList: Handler<'GetMessageList-Request'> = async (request, session) => {
  // Groups keep no history.
  if (request.GroupID !== undefined) return statusOf(821);
  const all = (await session.waiting('message')).flatMap((item) => keptMessage(item)?.MessageInfo ?? []);
  const fits = Math.max(1, Math.floor((session.capabilities.parserSize - 1024) / infoSize));
  const shown = all.slice(0, Math.min(request.MessageCount ?? all.length, fits));
  return session.version === '1.3'
    ? { name: 'GetMessageList-Response', MessageInfoList: { MessageInfo: shown }, MessageTotalCount: all.length }
    : { name: 'GetMessageList-Response', MessageInfo: shown };
};

/** The message goes on waiting until MessageDelivered; what announced it has done its work. */
export const getMessage: Handler<'GetMessage-Request'> = async (request, session) => {
  const item = (await session.waiting('message')).find(({ messageId }) => messageId === request.MessageID);
  const message = item && keptMessage(item);
  if (!message) return statusOf(426);
  const { MessageInfo, ContentData } = message;
  if (Buffer.byteLength(String(ContentData ?? '')) > session.capabilities.pullLength) return statusOf(432);
  return {
    answer: { name: 'GetMessage-Response', MessageInfo, ContentData },
    effects: [settle(...(await notificationsOf(session, message)))],
  };
};

/** The sender hears that the message was refused. */
export const rejectMessage: Handler<'RejectMessage-Request'> = async (request, session) => {
  const waiting = await session.waiting('message');
  const effects: Effect[] = [];
  const unknown: string[] = [];
  for (const id of new Set(request.MessageID)) {
    const item = waiting.find(({ messageId }) => messageId === id);
    const message = item && keptMessage(item);
    if (!item || !message) unknown.push(id);
    else
      effects.push(
        settle(item.seq, ...(await notificationsOf(session, message))),
        ...complaint(item, 'not-acceptable', 'The recipient refused the message.'),
      );
  }
  const refused = unknown.length > 0 ? [{ code: 426, messages: unknown }] : [];
  const Result: StructureOf<'Result'> = resultFor(refused, request.MessageID.length - unknown.length, session.version);
  return { answer: { name: 'Status', Result }, effects };
};
