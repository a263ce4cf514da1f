// Occupants as CSP lists them: by screen name, with their user's address where the room tells it.

import type { Primitive, StructureOf } from '../../../imps/primitives.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { nameOfUser, userOfJid } from '../../mapping/address.ts';
import type { SessionView } from '../../session-view.ts';
import type { Occupant } from './muc.ts';
import type { Room } from './rooms.ts';

export const screenName = (room: Room, nick: string): StructureOf<'ScreenName'> => ({ SName: nick, GroupID: room.id });

const byScreenName = (room: Room, occupants: readonly Occupant[]): StructureOf<'UserList'> => ({
  ScreenName: occupants.map(({ nick }) => screenName(room, nick)),
});

/**
 * COMPAT S60 (1.2): it reads the UserIDs and the screen names as two lists that end at the first gap: every mapping has a
 * UserID, or none. (people.test.ts)
 */
const mappings = (occupants: readonly Occupant[]): StructureOf<'Mapping'>[] => {
  const users = occupants.map(({ jid }) => jid && userOfJid(jid));
  const isWhole = users.every((one) => one !== undefined);
  return occupants.map(({ nick }, index) => {
    const UserID = isWhole ? users[index] : undefined;
    return { SName: nick, ...(UserID !== undefined && { UserID }) };
  });
};

/** Undefined when nobody is there: an empty mapping cannot be written. */
const userMapList = (occupants: readonly Occupant[]): StructureOf<'UserMapList'> =>
  occupants.length > 0 ? { UserMapping: { Mapping: mappings(occupants) } } : {};

/** Who is there, for JoinGroup-Response. */
export const joinedList = (
  session: SessionView,
  room: Room,
): Partial<Extract<Primitive, { name: 'JoinGroup-Response' }>> => {
  const occupants = [...room.occupants.values()];
  if (session.version === '1.1') return { UserList: byScreenName(room, occupants) };
  // COMPAT: AOSP takes what stands in UserMapList for mappings and fails at the UserMapping that ought to. (people.test.ts)
  if (session.personality.flatUserMapList) return {};
  if (session.version === '1.2') return { UserMapList: userMapList(occupants) };
  return { Joined: { UserMapList: userMapList(occupants) }, ScreenName: screenName(room, room.nick) };
};

/** Who came, for GroupChangeNotice. */
export const joinedNotice = (
  session: SessionView,
  room: Room,
  occupants: readonly Occupant[],
): StructureOf<'Joined'> | undefined => {
  if (occupants.length === 0) return undefined;
  if (session.version === '1.1') return { UserList: byScreenName(room, occupants) };
  return session.personality.flatUserMapList ? undefined : { UserMapList: userMapList(occupants) };
};

export const leftNotice = (room: Room, occupants: readonly Occupant[]): StructureOf<'Left'> | undefined =>
  occupants.length > 0 ? { UserList: byScreenName(room, occupants) } : undefined;

/** GetJoinedUsers: who may administer the room sees who else may (Admin: owner, Mod: admin or moderator). */
export const mapLists = (
  room: Room,
): { AdminMapList: StructureOf<'AdminMapList'> } | { UserMapList: StructureOf<'UserMapList'> } => {
  const all = [...room.occupants.values()];
  const own = room.occupants.get(room.nick);
  if (!own || levelOf(own) === 'User') return { UserMapList: userMapList(all) };
  const of = (level: Level) => {
    const some = all.filter((one) => levelOf(one) === level);
    return some.length > 0 ? { Mapping: mappings(some) } : undefined;
  };
  return { AdminMapList: { AdminMapping: of('Admin'), ModMapping: of('Mod'), UserMapping: of('User') } };
};

export type Level = 'Admin' | 'Mod' | 'User';
/** CSP's levels of privilege: who owns the room, who keeps order in it, everybody else. */
export const levelOf = ({ affiliation, role }: Occupant): Level =>
  affiliation === 'owner' ? 'Admin' : affiliation === 'admin' || role === 'moderator' ? 'Mod' : 'User';

/** Without a screen name, or with one that nobody can have in a room (RFC 7622 §3.4), the user's own name. */
export const nickOf = ({ user }: SessionView, wished: StructureOf<'ScreenName'> | undefined): string => {
  const name = wished?.SName.trim() ?? '';
  return name !== '' && Jid.of(user.local, user.domain, name).ok ? name : (nameOfUser(user) ?? user.local ?? 'phone');
};
