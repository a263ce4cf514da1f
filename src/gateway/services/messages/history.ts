// CSP "Get message list" of a group: what was said in a room since the phone came in, with what the room showed of before
// (XEP-0045 §7.2.13). Kept in memory only; a room that was just taken up again after a restart has no more than its future.

import type { SessionView } from '../../session-view.ts';
import { slot } from '../../session-view.ts';
import type { KeptMessage } from './kept-message.ts';

const roomsMax = 20;
const messagesMax = 30;
/** Characters of one room. */
const textMax = 32_768;

/** By room, bare JID; oldest first. */
const heard = slot<Map<string, KeptMessage[]>>('messages-history', () => new Map());

export const remember = (session: SessionView, message: KeptMessage): void => {
  const { $room: room } = message;
  if (room === undefined) return;
  const all = session.slot(heard);
  const list = all.get(room) ?? [];
  const id = message.MessageInfo.MessageID;
  if (id === undefined || list.some(({ MessageInfo }) => MessageInfo.MessageID === id)) return;
  list.push(message);
  let length = list.reduce((sum, one) => sum + lengthOf(one), 0);
  for (let first = list[0]; first && (list.length > messagesMax || length > textMax); first = list[0]) {
    length -= lengthOf(first);
    list.shift();
  }
  // The room heard of last stands last.
  all.delete(room);
  all.set(room, list);
  const [oldest] = all.keys();
  if (all.size > roomsMax && oldest !== undefined) all.delete(oldest);
};

const lengthOf = ({ ContentData }: KeptMessage): number => ContentData?.length ?? 0;

export const historyOf = (session: SessionView, room: string): readonly KeptMessage[] =>
  session.slot(heard).get(room) ?? [];

export const inHistory = (session: SessionView, messageId: string): KeptMessage | undefined => {
  for (const list of session.slot(heard).values())
    for (const message of list) if (message.MessageInfo.MessageID === messageId) return message;
  return undefined;
};
