// What the phone is told of its groups: who came and left, a new topic (GroupChangeNotice), and that it is out of one
// (LeaveGroup-Response as a request of ours).

import type { PrimitiveOf, StructureOf } from '../../../imps/primitives.ts';
import { result } from '../../../imps/transaction.ts';
import { type Effects, enqueue } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import type { Occupant, RoomPresence } from './muc.ts';
import { joinedNotice, leftNotice } from './people.ts';
import type { Room } from './rooms.ts';

interface Change {
  readonly joined?: readonly Occupant[];
  readonly left?: readonly Occupant[];
  /** Put out by somebody. */
  readonly removed?: readonly Occupant[];
  readonly group?: StructureOf<'GroupProperties'>;
  readonly own?: StructureOf<'OwnProperties'>;
}

export const changeNotice = (session: SessionView, room: Room, change: Change): Effects => {
  if (!room.wantsNotices || !session.features.has('GRCHN')) return [];
  const joined = joinedNotice(session, room, change.joined ?? []);
  // Before 1.3 there is no word for being put out.
  const { removed = [], group, own } = change;
  const is13 = session.version === '1.3';
  const left = leftNotice(room, [...(change.left ?? []), ...(is13 ? [] : removed)]);
  const blocked = is13 ? leftNotice(room, removed) : undefined;
  if (!joined && !left && !blocked && !group && !own) return [];
  const primitive: PrimitiveOf<'GroupChangeNotice'> = {
    name: 'GroupChangeNotice',
    GroupID: room.id,
    ...(joined && { Joined: joined }),
    ...(left && { Left: left }),
    ...(blocked && { LeftBlocked: blocked as StructureOf<'LeftBlocked'> }),
    ...(group && { GroupProperties: group }),
    ...(own && { OwnProperties: own }),
  };
  // Who comes and goes is no reason to wake a phone up.
  return [enqueue({ kind: 'group-notice', primitive, durable: false, urgent: false })];
};

/** Why we are out, in CSP's codes: 800 the group is gone, 809 put out, 810 it is for members only now. */
const codeOf = ({ isDestroyed, codes }: RoomPresence): number => {
  if (isDestroyed) return 800;
  if (codes.has(301) || codes.has(307)) return 809;
  return codes.has(321) || codes.has(322) ? 810 : 808;
};

export const outNotice = (room: Room, presence: RoomPresence): Effects =>
  outWith(room, codeOf(presence), presence.reason);

export const outWith = (room: Pick<Room, 'id'>, code: number, reason?: string): Effects => [
  enqueue({
    kind: 'group-left',
    durable: true,
    primitive: {
      name: 'LeaveGroup-Response',
      GroupID: room.id,
      Result: result(code, reason?.slice(0, 200)),
    },
  }),
];
