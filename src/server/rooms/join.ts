// Rooms become part of a server: their domain is theirs, and accounts that are removed are forgotten in them.

import { add } from '../../base/hooks.ts';
import { leavesForGood } from '../points.ts';
import type { Server } from '../server.ts';
import type { Rooms } from './service.ts';

/** Until it is disposed of. Throws RangeError when the domain is taken. */
export const joinRooms = (server: Pick<Server, 'addService' | 'hosts'>, rooms: Rooms): Disposable => {
  const parts: Disposable[] = [server.addService(rooms)];
  for (const { hooks } of server.hosts.values())
    parts.push(
      hooks.use([add(leavesForGood, 'rest', (works, user) => [...works, (turn) => turn.also(rooms.forget(user.jid))])]),
    );
  return {
    [Symbol.dispose]: () => {
      for (const one of parts) one[Symbol.dispose]();
    },
  };
};
