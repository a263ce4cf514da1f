// CSP 1.1, 1.2, 1.3 "Group service" over XEP-0045 rooms, our own server's and everybody else's. To the room a phone is an
// occupant like any other.

import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import type { Effects, Service } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { within } from '../../within.ts';
import { choices } from './choices.ts';
import { create, getProperties, making, remove, setProperties } from './manage.ts';
import { addMembers, getMembers, rejectList, removeMembers, setAccess } from './members.ts';
import { getJoinedUsers, infoOf, join, leave, selfPing, subscribeNotice } from './membership.ts';
import { isNewConfiguration } from './muc.ts';
import { changeNotice, outNotice, outWith } from './notices.ts';
import { writeProperties, writeStanding } from './properties.ts';
import { type Gone, keptOf, type Refusal, type Room, rooms } from './rooms.ts';
import { heardInRoom, roomBehind } from './talk.ts';

/** What was said meanwhile is shown; what was shown before, or reported, is known by its origin for a day. */
const missedMax = 50;
const missedMs = 12 * 60 * 60_000;
const missed = ({ clock }: SessionView, since: number | undefined) =>
  since === undefined ? { history: 0 } : { history: missedMax, since: Math.max(since, clock.wall() - missedMs) };

/** For so long nothing is said before the session is back in its rooms. */
const backMs = 5_000;
/** A room that was quiet for so long is asked whether it still has us: its server may have been started anew meanwhile. */
const quietMs = 15 * 60_000;
const lookEveryMs = 5 * 60_000;

const presence = (stanza: Stanza, session: SessionView): Effects | undefined => {
  const news = session.slot(rooms).hear(stanza);
  if (!news) return undefined;
  const { room, joined, left, removed = [], own, out } = news;
  // A room that goes down takes nobody's place away (332): we go back in when it is there again.
  if (out?.codes.has(332)) return comeBack(session, room);
  return out
    ? [...outNotice(room, out), session.slot(rooms).giveUp(room.jid)]
    : changeNotice(session, room, { joined, left, removed, ...(own && { own: writeStanding(own) }) });
};

/** §10.9: somebody has set the room up anew. What it is now stands behind this stanza. */
const configured = (room: Room, session: SessionView): Effects => {
  const isOwn = room.isConfiguring;
  room.isConfiguring = false;
  if (isOwn) return [];
  session.run(async () => {
    const info = await infoOf(session, room.jid);
    return typeof info === 'number' ? [] : changeNotice(session, room, { group: writeProperties(info, room) });
  });
  return [];
};

const comeBack = (session: SessionView, room: Gone, delayMs = 10_000): Effects => {
  const all = session.slot(rooms);
  session.after(delayMs, async () => {
    // It was left meanwhile, or a new Link has brought us back or is about to.
    if (!all.awaits(room.jid) || all.askAgain(room.jid)) return;
    const entry = await all.join(room.jid, { ...room, ...missed(session, room.since), mustBeThere: true });
    if (entry.ok) return;
    if (delayMs < quietMs) return comeBack(session, room, delayMs * 3);
    return isOut(session, room, { code: 808 });
  });
  return [all.goBack(keptOf(room))];
};

const isOut = (session: SessionView, room: Gone, { code, text }: Refusal): Effects => [
  ...outWith(room, code, text),
  session.slot(rooms).giveUp(room.jid),
];

/** Goes back into the rooms where the session was. */
const rejoin = async (session: SessionView): Promise<Effects> => {
  const all = session.slot(rooms);
  const effects: Effects[] = await Promise.all(
    all.before.map(async (kept) => {
      const { room, id, nick, wantsNotices, since } = kept;
      const gone: Gone = { jid: Jid.from(room), id, nick, wantsNotices, since };
      // What was asked went with the Link before; whoever asked it still waits.
      const again = all.askAgain(gone.jid);
      if (again) return again;
      all.goBack(kept);
      const entry = await all.join(gone.jid, { id, nick, wantsNotices, ...missed(session, since), mustBeThere: true });
      if (entry.ok) return [];
      // Its phone is about to ask once more for it to be made or deleted.
      if (entry.fault.code === 800 && (await making.read(session)).room === room) return [all.giveUp(gone.jid)];
      // Its server may be on its way back as we were: the phone believes to be in, so it is in or hears that it is not.
      if (entry.fault.code === 504) return comeBack(session, gone);
      return isOut(session, gone, entry.fault);
    }),
  );
  return effects.flat();
};

/** "AutoJoin": into the groups that the user wants to be in whenever signed in. */
const joinAutomatically = async (session: SessionView): Promise<Effects> => {
  if (!session.features.has('GRCHN') && !session.features.has('GETGP')) return [];
  const all = session.slot(rooms);
  const effects: Effects[] = [];
  for (const [room, { autoJoin, id, nick, wantsNotices }] of Object.entries(await choices.read(session))) {
    const jid = Jid.from(room);
    if (!autoJoin || all.knows(jid)) continue;
    const entry = await all.join(jid, { id, nick, wantsNotices, history: 0, mustBeThere: true });
    if (entry.ok)
      effects.push(changeNotice(session, entry.value.room, { joined: [...entry.value.room.occupants.values()] }));
  }
  return effects.flat();
};

/** Set while a look at the rooms is to come: phones that are in none have no timer. */
const looking = slot<{ isDue: boolean }>('groups-looking', () => ({ isDue: false }));

const lookAfter = (session: SessionView): void => {
  const state = session.slot(looking);
  if (state.isDue) return;
  state.isDue = true;
  session.after(lookEveryMs, async () => {
    state.isDue = false;
    if (session.slot(rooms).all.length === 0) return [];
    lookAfter(session);
    const now = session.clock.mono();
    const effects: Effects[] = [];
    for (const room of session.slot(rooms).all) {
      if (!room.isIn || now - room.heardAt < quietMs) continue;
      if ((await selfPing(session, room)) === 'out') effects.push(comeBack(session, room, 1));
      else room.heardAt = now;
    }
    return effects.flat();
  });
};

export const groups: Service = {
  name: 'groups',
  specs: [
    'CSP 1.1, 1.2, 1.3: Group service',
    'XEP-0045: Multi-User Chat',
    'XEP-0030: Service Discovery',
    'XEP-0410: MUC Self-Ping',
  ],
  leaves: ['CREAG', 'DELGR', 'GETGP', 'SETGP', 'SUBGCN', 'GRCHN', 'GETGM', 'ADDGM', 'RMVGM', 'MBRAC', 'REJEC', 'GETJU'],
  primitives: {
    'CreateGroup-Request': create,
    'DeleteGroup-Request': remove,
    'JoinGroup-Request': join,
    'LeaveGroup-Request': leave,
    'GetJoinedUsers-Request': getJoinedUsers,
    'SubscribeGroupNotice-Request': subscribeNotice,
    'GetGroupProps-Request': getProperties,
    'SetGroupProps-Request': setProperties,
    'GetGroupMembers-Request': getMembers,
    'AddGroupMembers-Request': addMembers,
    'RemoveGroupMembers-Request': removeMembers,
    'MemberAccess-Request': setAccess,
    'RejectList-Request': rejectList,
  },
  kinds: { 'group-notice': { outlivesSession: false }, 'group-left': { outlivesSession: false } },
  onStanza(stanza, session) {
    const room = stanza.kind === 'iq' ? undefined : roomBehind(session, stanza);
    if (!room) return undefined;
    lookAfter(session);
    if (stanza.kind === 'presence') return presence(stanza, session);
    if (room.isIn && isNewConfiguration(stanza)) return configured(room, session);
    return heardInRoom(stanza, room, session);
  },
  async onResume(session) {
    const back = rejoin(session);
    session.run(() => back);
    await within(
      session.clock,
      backMs,
      back.catch(() => {}),
    );
  },
  onNegotiated: (session) => session.run(() => joinAutomatically(session)),
};
