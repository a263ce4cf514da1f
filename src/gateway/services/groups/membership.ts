// CSP "Join group", "Leave group", "Get joined users", "Subscribe group change notices" (XEP-0045 §7).

import type { PrimitiveOf } from '../../../imps/primitives.ts';
import { result } from '../../../imps/transaction.ts';
import { el } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { statusOf } from '../../result.ts';
import type { Effects, Handler } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { discoInfo } from '../client/caps.ts';
import { roomOf } from './address.ts';
import { withChoice, withoutChoice } from './choices.ts';
import { codeOfFault, ns, type RoomInfo, readInfo } from './muc.ts';
import { joinedList, mapLists, nickOf } from './people.ts';
import { readOwn } from './properties.ts';
import { type Room, rooms } from './rooms.ts';

/** How much of what was said before a phone is shown when it comes in. */
const historyMax = 10;

/** What the room says of itself, or a CSP code. */
export const infoOf = async (session: SessionView, room: Jid): Promise<RoomInfo | number> => {
  const answer = await session.iq({ type: 'get', to: room, child: el('query', { xmlns: discoInfo }) });
  if (!answer.ok) return codeOfFault(answer.fault);
  const query = answer.value.child('query', discoInfo);
  const info = query && readInfo(query);
  return info?.features.has(ns.muc) || info?.name !== undefined ? info : 800;
};

/** The room of a group that the session is in, or the code that says why not. */
export const joinedRoom = async (session: SessionView, group: string): Promise<Room | 800 | 808> => {
  const jid = await roomOf(session, group);
  if (!jid) return 800;
  return (await session.slot(rooms).find(jid)) ?? 808;
};

export const join: Handler<'JoinGroup-Request'> = async (request, session) => {
  const jid = await roomOf(session, request.GroupID);
  if (!jid) return statusOf(800);
  const all = session.slot(rooms);
  const nick = nickOf(session, request.ScreenName);
  const wantsNotices = request.SubscribeNotification === true;
  const before = await all.find(jid);
  // Joining again under the same name is a repetition: phones do so after a lost answer.
  if (before && before.nick !== nick) return statusOf(807, `joined as ${before.nick}`);
  const choice = readOwn(request.OwnProperties);
  if (!choice.ok) return statusOf(806, choice.fault);
  const info = await infoOf(session, jid);
  if (typeof info === 'number') return statusOf(info);
  const entry = before
    ? ({ ok: true, value: { room: before, isNew: false } } as const)
    : await all.join(jid, { id: request.GroupID, nick, wantsNotices, history: historyMax, mustBeThere: true });
  if (!entry.ok) return statusOf(entry.fault.code, entry.fault.text);
  const { room } = entry.value;
  const kept = request.OwnProperties && (await withChoice(session, room, choice.value));
  const note = info.form.get('muc#roominfo_description');
  const answer: PrimitiveOf<'JoinGroup-Response'> = {
    name: 'JoinGroup-Response',
    ...(request.JoinedRequest ? joinedList(session, room) : {}),
    ...(note ? { WelcomeNote: { ContentType: 'text/plain', ContentData: note } } : {}),
  };
  return { answer, effects: [...all.setNotices(room, wantsNotices), ...(kept ? [kept] : [])] };
};

export const leave: Handler<'LeaveGroup-Request'> = async (request, session) => {
  const room = await joinedRoom(session, request.GroupID);
  const answer = (code: number): PrimitiveOf<'LeaveGroup-Response'> => ({
    name: 'LeaveGroup-Response',
    GroupID: request.GroupID,
    Result: result(code),
  });
  if (typeof room !== 'number') return { answer: answer(200), effects: session.slot(rooms).leave(room) };
  // Its server is away and we would go back when it is there again.
  const jid = await roomOf(session, request.GroupID);
  const isAwaited = jid !== undefined && session.slot(rooms).awaits(jid) && !session.slot(rooms).knows(jid);
  return isAwaited ? { answer: answer(200), effects: [session.slot(rooms).giveUp(jid)] } : answer(room);
};

export const getJoinedUsers: Handler<'GetJoinedUsers-Request'> = async (request, session) => {
  const room = await joinedRoom(session, request.GroupID);
  return typeof room === 'number' ? statusOf(room) : { name: 'GetJoinedUsers-Response', ...mapLists(room) };
};

export const subscribeNotice: Handler<'SubscribeGroupNotice-Request'> = async (request, session) => {
  const room = await joinedRoom(session, request.GroupID);
  if (typeof room === 'number') return statusOf(room);
  if (request.SubscribeType === 'G') return { name: 'SubscribeGroupNotice-Response', Value: room.wantsNotices };
  return { answer: statusOf(200), effects: session.slot(rooms).setNotices(room, request.SubscribeType === 'S') };
};

/** The group is deleted: nobody will come back to it. */
export const forget = async (session: SessionView, room: Room): Promise<Effects> => [
  ...session
    .slot(rooms)
    .leave(room)
    .filter((effect) => effect.do !== 'tell'),
  await withoutChoice(session, room),
];

/** §7.14 with XEP-0410: a question to oneself, which only a room that still has us passes on. */
export const selfPing = async (session: SessionView, room: Room): Promise<'in' | 'out' | 'unknown'> => {
  const to = room.jid.withResource(room.nick);
  const answer = await session.iq({ type: 'get', to, child: el('ping', { xmlns: 'urn:xmpp:ping' }) });
  if (answer.ok) return 'in';
  if (answer.fault.reason !== 'error') return 'unknown';
  switch (answer.fault.condition) {
    case 'service-unavailable':
    case 'feature-not-implemented':
    case 'item-not-found':
      return 'in';
    case 'remote-server-not-found':
    case 'remote-server-timeout':
      return 'unknown';
    default:
      return 'out';
  }
};
