// CSP "Invite", "Cancel invite": what the phone's user invites others to.

import type { StructureOf } from '../../../imps/primitives.ts';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { jidOfUser, nameOfUser } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import { type Effect, type Handler, send, spread } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { type Refused, resultFor } from '../common/details.ts';
import { findList, sessionLists } from '../contact-lists/session-lists.ts';
import { roomOf } from '../groups/address.ts';
import { infoOf } from '../groups/membership.ts';
import { affiliate, ns } from '../groups/muc.ts';
import { rooms } from '../groups/rooms.ts';
import { sent } from './kept.ts';
import { subscription } from './presence.ts';
import { cancelMessage, inviteMessage } from './stanzas.ts';

const validitySDefault = 24 * 60 * 60;
const validitySMax = 30 * 24 * 60 * 60;

/** To join a group, to become its member, to chat, to see each other's presence, to look at something; and an application's own. */
const types = new Set(['GR', 'GM', 'IM', 'PR', 'SC', 'AP']);

export const invite: Handler<'Invite-Request'> = async (request, session) => {
  const { InviteID, InviteType: type, InviteNote: note } = request;
  if (InviteID.trim() === '') return statusOf(423);
  if (!types.has(type)) return statusOf(405, `invitations of type ${type} are not carried`);
  const urls = request.URLList?.URL ?? [];
  if (type === 'SC' && urls.length === 0) return statusOf(400, 'nothing to share');
  if (type === 'AP' && request.ApplicationID === undefined) return statusOf(450);
  const isGroup = type === 'GR' || type === 'GM';
  const room = isGroup && request.GroupID !== undefined ? await roomOf(session, request.GroupID) : undefined;
  if (isGroup && !room) return statusOf(429);
  const { to, refused, done } = await inviteesOf(session, request.Recipient);
  const { invitedMax } = session.limits;
  if (to.length > invitedMax) return statusOf(402, `at most ${invitedMax} users at a time`);
  if (to.length === 0) {
    const Result = resultFor(refused, done, session.version);
    return refused.length > 0 ? { name: 'Status', Result } : statusOf(402, 'nobody is invited');
  }
  const byRoom = room ? await admit(session, room, to, type === 'GM') : false;
  const isPresence = type === 'PR';
  const words =
    [note, isGroup ? `${room}` : undefined, ...urls].filter(Boolean).join('\n') ||
    (isPresence ? 'Shall we be in each other’s contacts?' : 'Chat?');
  const contact = isPresence ? { jid: session.user, name: nameOfUser(session.user) } : undefined;
  const inviting = { id: InviteID, type, room, note, urls, applicationId: request.ApplicationID, contact, words };
  const validityS = Math.min(request.Validity || validitySDefault, validitySMax);
  const stanzas = to.map((jid) =>
    byRoom && room ? mediated(session, room, jid, note) : inviteMessage(jid, session.random.id(12), inviting),
  );
  return {
    answer: { name: 'Status', Result: resultFor(refused, done, session.version) },
    effects: [
      sent.with(session, InviteID, {
        type,
        ...(room && { room: room.toString() }),
        to: to.map(String),
        until: session.clock.wall() + validityS * 1000,
      }),
      ...stanzas.map((stanza): Effect => send(stanza)),
      // Whoever takes it up is let see the user without another question (RFC 6121 §3.4).
      ...(isPresence ? to.map((jid) => subscription(session, jid, 'subscribed')) : []),
    ],
  };
};

/** §7.8.2. */
const mediated = (session: SessionView, room: Jid, to: Jid, note: string | undefined) =>
  Stanza.make(
    { kind: 'message', id: session.random.id(12), to: room },
    el('x', { xmlns: ns.user }, el('invite', { to: to.toString() }, note !== undefined && el('reason', null, note))),
  );

/**
 * Sees to it that who is invited may come in. True when the room has to pass the invitation on: one for members only then
 * makes them members by itself (XEP-0045 §7.8.2), as far as we may have that.
 */
const admit = async (session: SessionView, room: Jid, users: readonly Jid[], asMembers: boolean): Promise<boolean> => {
  const joined = await session.slot(rooms).find(room);
  if (!joined) return false;
  const info = await infoOf(session, room);
  if (typeof info !== 'number' && info.features.has('muc_membersonly')) return true;
  if (!asMembers) return false;
  const done = await session.iq({ type: 'set', to: room, child: affiliate(users, 'member') });
  return !done.ok;
};

/** `done`: how many addresses of the request hold. */
const inviteesOf = async (
  session: SessionView,
  recipient: StructureOf<'Recipient'>,
): Promise<{ readonly to: readonly Jid[]; readonly refused: readonly Refused[]; readonly done: number }> => {
  const to = new Map<string, Jid>();
  const wrong: string[] = [];
  const gone: string[] = [];
  let done = 0;
  for (const { UserID } of recipient.User ?? []) {
    const jid = jidOfUser(UserID, session.user.domain);
    if (jid) {
      to.set(jid.toString(), jid);
      done++;
    } else wrong.push(UserID);
  }
  const lists = recipient.ContactList?.length ? (await sessionLists(session)).lists : [];
  for (const text of recipient.ContactList ?? []) {
    const list = findList(session, lists, text);
    if (list) done++;
    else gone.push(text);
    for (const { jid } of list?.members ?? []) to.set(jid.toString(), jid);
  }
  // Those in a group are asked by their own addresses, as far as it shows them.
  for (const { GroupID, ScreenName } of recipient.Group ?? []) {
    const jid = await roomOf(session, GroupID ?? ScreenName?.GroupID ?? '');
    const joined = jid && (await session.slot(rooms).find(jid));
    const found = [...(joined?.occupants.values() ?? [])].filter(
      (one) => one.jid && !one.jid.equals(session.user) && (!ScreenName || one.nick === ScreenName.SName),
    );
    if (found.length > 0) done++;
    else gone.push(GroupID ?? ScreenName?.GroupID ?? '');
    for (const { jid } of found) if (jid) to.set(jid.toString(), jid);
  }
  return {
    to: [...to.values()],
    done,
    refused: [
      ...(wrong.length > 0 ? [{ code: 531, users: wrong }] : []),
      ...(gone.length > 0 ? [{ code: 700, lists: gone }] : []),
    ],
  };
};

export const cancel: Handler<'CancelInvite-Request'> = async (request, session) => {
  const { InviteID } = request;
  const open = (await sent.open(session)).get(InviteID);
  if (!open) return statusOf(423);
  const named = request.Recipient && (await inviteesOf(session, request.Recipient)).to.map(String);
  const to = named?.length ? open.to.filter((jid) => named.includes(jid)) : open.to;
  return {
    answer: statusOf(200),
    effects: [
      sent.without(session, InviteID),
      spread({ what: 'invitation-withdrawn', id: InviteID }),
      ...to.map((jid) => send(cancelMessage(Jid.from(jid), session.random.id(12), InviteID, request.InviteNote))),
    ],
  };
};
