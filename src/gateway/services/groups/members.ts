// CSP "Get, add, remove group members", "Member access rights", "Reject list" over affiliations (XEP-0045 §5.2, §9, §10):
// Admin is owner, Mod is admin, a member is a member, who is rejected is an outcast.

import type { PrimitiveOf, StructureOf } from '../../../imps/primitives.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { jidOfUser, userOfJid } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import type { Handler, Reply } from '../../service.ts';
import type { IqFault, SessionView } from '../../session-view.ts';
import { type Refused, resultFor } from '../common/details.ts';
import { roomOf } from './address.ts';
import { type Affiliation, affiliate, codeOfFault, listQuery, readList } from './muc.ts';
import { rooms } from './rooms.ts';

const usersMax = 200;

/** Bare JIDs with an affiliation, or a CSP code. */
const listOf = async (session: SessionView, room: Jid, affiliation: Affiliation): Promise<readonly Jid[] | number> => {
  const answer = await session.iq({ type: 'get', to: room, child: listQuery(affiliation) });
  return answer.ok ? readList(answer.value) : codeOfFault(answer.fault);
};

const userList = (users: readonly Jid[]): StructureOf<'UserList'> => ({
  User: users.flatMap((jid) => {
    const UserID = userOfJid(jid);
    return UserID === undefined ? [] : [{ UserID }];
  }),
});

export const getMembers: Handler<'GetGroupMembers-Request'> = async (request, session) => {
  const room = await roomOf(session, request.GroupID);
  if (!room) return statusOf(800);
  const lists = await Promise.all((['owner', 'admin', 'member'] as const).map((one) => listOf(session, room, one)));
  const [owners = [], admins = [], members = []] = lists;
  for (const list of [owners, admins, members]) if (typeof list === 'number') return statusOf(list);
  const of = (list: readonly Jid[] | number) => (typeof list === 'number' ? [] : list);
  const answer: PrimitiveOf<'GetGroupMembers-Response'> = { name: 'GetGroupMembers-Response' };
  if (of(owners).length > 0) answer.Admin = { UserList: userList(of(owners)) };
  if (of(admins).length > 0) answer.Mod = { UserList: userList(of(admins)) };
  if (of(members).length > 0) {
    const UserList = userList(of(members));
    if (session.version === '1.3') answer.UserList = UserList;
    else answer.Users = { UserList };
  }
  return answer;
};

/** Who a request names, by address or by screen name as far as the room shows who that is. */
interface Named {
  readonly User?: readonly StructureOf<'User'>[] | undefined;
  readonly UserID?: readonly string[] | undefined;
  readonly ScreenName?: readonly StructureOf<'ScreenName'>[] | undefined;
}
const usersOf = async (
  session: SessionView,
  room: Jid,
  named: Named | undefined,
  refused: Refused[],
): Promise<Jid[]> => {
  const users = new Map<string, Jid>();
  const wrong: string[] = [];
  for (const text of [...(named?.User ?? []).map(({ UserID }) => UserID), ...(named?.UserID ?? [])]) {
    const jid = jidOfUser(text, session.user.domain);
    if (jid) users.set(jid.toString(), jid);
    else wrong.push(text);
  }
  const occupants = (await session.slot(rooms).find(room))?.occupants;
  const hidden: StructureOf<'ScreenName'>[] = [];
  for (const name of named?.ScreenName ?? []) {
    const jid = occupants?.get(name.SName)?.jid;
    if (jid) users.set(jid.toString(), jid);
    else hidden.push(name);
  }
  if (wrong.length > 0) refused.push({ code: 531, users: wrong });
  if (hidden.length > 0) refused.push({ code: 901, screenNames: hidden });
  return [...users.values()];
};

/** Rooms say of full lists what they say of full houses. */
const codeOf = (fault: IqFault): number =>
  fault.reason === 'error' && fault.condition === 'resource-constraint' ? 817 : codeOfFault(fault);

interface Change {
  readonly users: Named | undefined;
  readonly to: Affiliation;
}

/** Makes changes one affiliation at a time: a room takes each list whole or not at all (§9.2). */
const change = async (session: SessionView, group: string, changes: readonly Change[]): Promise<Reply> => {
  const room = await roomOf(session, group);
  if (!room) return statusOf(800);
  const refused: Refused[] = [];
  let done = 0;
  for (const { users: named, to } of changes) {
    const users = await usersOf(session, room, named, refused);
    if (users.length === 0) continue;
    if (users.length > usersMax) return statusOf(402, `at most ${usersMax} users at a time`);
    const answer = await session.iq({ type: 'set', to: room, child: affiliate(users, to) });
    if (answer.ok) done += users.length;
    else refused.push({ code: codeOf(answer.fault), users: users.flatMap((jid) => userOfJid(jid) ?? []) });
  }
  if (done === 0 && refused.length === 0) return statusOf(402, 'nobody is named');
  return { name: 'Status', Result: resultFor(refused, done, session.version) };
};

export const addMembers: Handler<'AddGroupMembers-Request'> = (request, session) =>
  change(session, request.GroupID, [{ users: request.UserList ?? request.UserIDList, to: 'member' }]);

export const removeMembers: Handler<'RemoveGroupMembers-Request'> = (request, session) =>
  change(session, request.GroupID, [{ users: request.UserList ?? request.UserIDList, to: 'none' }]);

export const setAccess: Handler<'MemberAccess-Request'> = ({ GroupID, Admin, Mod, Users, UserList }, session) =>
  change(session, GroupID, [
    { users: Admin?.UserList, to: 'owner' },
    { users: Mod?.UserList, to: 'admin' },
    { users: Users?.UserList ?? UserList, to: 'member' },
  ]);

export const rejectList: Handler<'RejectList-Request'> = async (request, session) => {
  const room = await roomOf(session, request.GroupID);
  if (!room) return statusOf(800);
  const refused: Refused[] = [];
  const rejected = await usersOf(session, room, request.AddList, refused);
  const pardoned = await usersOf(session, room, request.RemoveList, refused);
  const [first] = refused;
  if (first) return statusOf(first.code);
  for (const [users, to] of [
    [rejected, 'outcast'],
    [pardoned, 'none'],
  ] as const) {
    if (users.length > usersMax) return statusOf(402, `at most ${usersMax} users at a time`);
    if (users.length === 0) continue;
    const answer = await session.iq({ type: 'set', to: room, child: affiliate(users, to) });
    if (!answer.ok) return statusOf(codeOf(answer.fault));
  }
  const outcasts = await listOf(session, room, 'outcast');
  if (typeof outcasts === 'number') return statusOf(outcasts);
  return {
    name: 'RejectList-Response',
    ...(outcasts.length > 0 && { UserList: userList(outcasts) }),
  };
};
