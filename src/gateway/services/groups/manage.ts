// CSP "Create group", "Delete group", "Get group properties", "Set group properties" (XEP-0045 §10).

import { el } from '../../../xml/element.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { statusOf } from '../../result.ts';
import { type Effects, type Handler, send, spread } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { digestOf } from '../../transactions/request-digest.ts';
import { type Refused, resultFor } from '../common/details.ts';
import { type Kept, kept } from '../common/kept.ts';
import { isOwn, roomOf } from './address.ts';
import { choiceOf, withChoice } from './choices.ts';
import { forget, infoOf } from './membership.ts';
import { cancelConfiguration, codeOfFault, destroy, submitConfiguration } from './muc.ts';
import { nickOf } from './people.ts';
import { readOwn, readProperties, type Wish, writeOwn, writeProperties } from './properties.ts';
import { type Room, rooms } from './rooms.ts';

/**
 * The group that is being made or deleted, and by which request. Both take several steps at the server; a phone whose gateway
 * died in between asks again, and must not hear that the group it is making exists already, or that the one it is deleting
 * does not.
 */
export const making: Kept<{ readonly room?: string; readonly request?: string }> = kept('groups.making', {});

export const create: Handler<'CreateGroup-Request'> = async (request, session) => {
  if (!isOwn(session, request.GroupID)) return statusOf(806, 'a group is called wv:you/name@your.domain');
  const wish = readProperties(request.GroupProperties);
  if (!wish.ok) return statusOf(806, wish.fault);
  const choice = readOwn(request.OwnProperties);
  if (!choice.ok) return statusOf(806, choice.fault);
  const jid = await roomOf(session, request.GroupID);
  if (!jid) return statusOf(405, 'the server has no rooms');
  const mark = { room: jid.toString(), request: digestOf(request) };
  const before = await making.read(session);
  const isAgain = before.room === mark.room && before.request === mark.request;
  if (!isAgain && (await infoOf(session, jid)) !== 800) return statusOf(801);
  if (!isAgain) await session.apply([making.write(mark)]);
  const made = making.write(undefined);
  const all = session.slot(rooms);
  // After a restart the session may be on its way back into what it has made of the room.
  await all.find(jid);
  const entry = await all.join(jid, {
    id: request.GroupID,
    nick: nickOf(session, request.ScreenName),
    wantsNotices: request.SubscribeNotification === true,
    history: 0,
  });
  // Nobody could come into a room that is not there, unless rooms may not be made.
  if (!entry.ok) {
    const answer = statusOf(entry.fault.code === 800 ? 815 : entry.fault.code, entry.fault.text);
    return { answer, effects: [made] };
  }
  const { room, isNew } = entry.value;
  if (!isNew && !isAgain) return { answer: statusOf(801), effects: [made, ...all.leave(room)] };
  const staysIn = request.JoinGroup === true;
  const fault = await configure(session, room, configurationFor(wish.value, staysIn));
  if (fault !== undefined) {
    await session.iq({ type: 'set', to: jid, child: cancelConfiguration() });
    return { answer: statusOf(fault), effects: [made, ...all.leave(room)] };
  }
  const chosen = request.OwnProperties && (await withChoice(session, room, choice.value));
  return {
    answer: statusOf(200),
    effects: [
      made,
      ...topicMessage(session, room, wish.value.topic),
      ...(chosen ? [chosen] : []),
      spread({ what: 'group', event: 'created', room: jid.toString() }),
      ...(staysIn ? [] : all.leave(room)),
    ],
  };
};

/** A room goes with the last who leaves it only when somebody is in it. */
const configurationFor = ({ configuration }: Wish, staysIn: boolean): Map<string, string> =>
  new Map([
    ['muc#roomconfig_persistentroom', '1'],
    ...configuration,
    ...(staysIn ? [] : ([['muc#roomconfig_persistentroom', '1']] as const)),
  ]);

/** A room tells of its new configuration before it answers, or right after; or not at all. */
const toldMs = 500;

/** Fields that the room's form does not have are left out: the room then is as its server makes rooms. */
const configure = async (
  session: SessionView,
  room: Room,
  wished: ReadonlyMap<string, string>,
): Promise<number | undefined> => {
  const to = room.jid;
  const asked = await session.iq({
    type: 'get',
    to,
    child: el('query', { xmlns: submitConfiguration(new Map()).xmlns }),
  });
  if (!asked.ok) return codeOfFault(asked.fault);
  const form = asked.value.toXml();
  const values = new Map([...wished].filter(([name]) => form.includes(name)));
  room.isConfiguring = true;
  const done = await session.iq({ type: 'set', to, child: submitConfiguration(values) });
  session.after(toldMs, () => {
    room.isConfiguring = false;
  });
  return done.ok ? undefined : codeOfFault(done.fault);
};

const topicMessage = (session: SessionView, room: Room, topic: string | undefined): Effects =>
  topic === undefined
    ? []
    : [
        send(
          Stanza.make(
            { kind: 'message', type: 'groupchat', id: session.random.id(12), to: room.jid },
            el('subject', null, topic),
          ),
        ),
      ];

export const remove: Handler<'DeleteGroup-Request'> = async (request, session) => {
  const jid = await roomOf(session, request.GroupID);
  if (!jid) return statusOf(800);
  const room = await session.slot(rooms).find(jid);
  const mark = { room: jid.toString(), request: digestOf(request) };
  const before = await making.read(session);
  const isAgain = before.room === mark.room && before.request === mark.request;
  if (!isAgain) await session.apply([making.write(mark)]);
  const over = making.write(undefined);
  const done = await session.iq({ type: 'set', to: jid, child: destroy() });
  const code = done.ok ? 200 : codeOfFault(done.fault);
  if (code !== 200 && !(isAgain && code === 800)) return { answer: statusOf(code), effects: [over] };
  const news = spread({ what: 'group', event: 'deleted', room: jid.toString() });
  return { answer: statusOf(200), effects: [over, news, ...(room ? await forget(session, room) : [])] };
};

export const getProperties: Handler<'GetGroupProps-Request'> = async (request, session) => {
  const jid = await roomOf(session, request.GroupID);
  if (!jid) return statusOf(800);
  const info = await infoOf(session, jid);
  if (typeof info === 'number') return statusOf(info);
  const room = await session.slot(rooms).find(jid);
  return {
    name: 'GetGroupProps-Response',
    GroupProperties: writeProperties(info, room),
    OwnProperties: writeOwn(info, room, room ? await choiceOf(session, room) : {}),
  };
};

export const setProperties: Handler<'SetGroupProps-Request'> = async (request, session) => {
  const jid = await roomOf(session, request.GroupID);
  if (!jid) return statusOf(800);
  const room = await session.slot(rooms).find(jid);
  if (!room) return statusOf(808);
  const wish = readProperties(request.GroupProperties);
  if (!wish.ok) return statusOf(806, wish.fault);
  const choice = readOwn(request.OwnProperties);
  if (!choice.ok) return statusOf(806, choice.fault);
  const refused: Refused[] = [];
  const effects: Effects[number][] = [];
  const { configuration, topic } = wish.value;
  // Who may not change the room may still have changed what is their own.
  if (configuration.size > 0) {
    const code = await configure(session, room, configuration);
    if (code !== undefined) refused.push({ code, groups: [request.GroupID] });
  }
  if (topic !== undefined && refused.length === 0) effects.push(...topicMessage(session, room, topic));
  if (request.OwnProperties) {
    const kept = await withChoice(session, room, choice.value);
    if (kept) effects.push(kept);
    else refused.push({ code: 814, groups: [request.GroupID] });
  }
  const done = effects.length + (configuration.size > 0 && refused.length === 0 ? 1 : 0);
  return { answer: { name: 'Status', Result: resultFor(refused, done, session.version) }, effects };
};
