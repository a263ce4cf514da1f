// Uploads become part of a server: their domain is theirs, and the files of accounts that are removed go too.

import { add } from '../../base/hooks.ts';
import { leavesForGood } from '../points.ts';
import type { Server } from '../server.ts';
import type { Uploads } from './service.ts';

/** Until it is disposed of. Throws RangeError when the domain is taken. */
export const joinUploads = (server: Pick<Server, 'addService' | 'hosts'>, uploads: Uploads): Disposable => {
  const parts: Disposable[] = [server.addService(uploads)];
  for (const { hooks } of server.hosts.values())
    parts.push(
      hooks.use([
        add(leavesForGood, 'rest', (works, user) => [...works, (turn) => turn.also(uploads.forget(user.jid))]),
      ]),
    );
  return {
    [Symbol.dispose]: () => {
      for (const one of parts) one[Symbol.dispose]();
    },
  };
};
