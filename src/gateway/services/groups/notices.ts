// What the phone is told of its groups: who came and left, a new topic (GroupChangeNotice), and that it is out of one
// (LeaveGroup-Response as a request of ours).

import type { PrimitiveOf } from '../../../imps/primitives.ts';
import { result } from '../../../imps/transaction.ts';
import { type Effects, enqueue } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import type { Occupant, RoomPresence } from './muc.ts';
import { joinedNotice, leftNotice } from './people.ts';
import type { Room } from './rooms.ts';

export const changeNotice = (
  session: SessionView,
  room: Room,
  change: { readonly joined?: readonly Occupant[]; readonly left?: readonly Occupant[]; readonly topic?: string },
): Effects => {
  if (!room.wantsNotices || !session.features.has('GRCHN')) return [];
  const joined = joinedNotice(session, room, change.joined ?? []);
  const left = leftNotice(room, change.left ?? []);
  if (!joined && !left && change.topic === undefined) return [];
  const primitive: PrimitiveOf<'GroupChangeNotice'> = {
    name: 'GroupChangeNotice',
    GroupID: room.id,
    ...(joined && { Joined: joined }),
    ...(left && { Left: left }),
    ...(change.topic !== undefined && { GroupProperties: { Property: [{ Name: 'Topic', Value: change.topic }] } }),
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

export const outWith = (room: Room, code: number, reason?: string): Effects => [
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
