// A service of rooms beside a test's server.

import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { seededRandom } from '../../base/random.ts';
import { joinRooms } from '../rooms/join.ts';
import { openRooms, type Rooms, type RoomsOptions } from '../rooms/service.ts';
import type { TestServer } from './server.ts';

export const testRooms = async (server: TestServer, options: Partial<RoomsOptions> = {}): Promise<Rooms> => {
  const rooms = await openRooms({
    domain: 'rooms.home.test',
    server: {
      route: (stanza) => server.route(stanza),
      broadcast: (stanza) => server.broadcast(stanza),
      hasAccounts: (domain) => server.hosts.has(domain),
    },
    store: server.store,
    clock: server.clock,
    random: seededRandom(7),
    log: silentLog,
    meter: silentMeter,
    ...options,
  });
  joinRooms(server, rooms);
  return rooms;
};
