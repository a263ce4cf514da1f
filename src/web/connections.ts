// So many connections at a time from one address: whoever holds thousands of idle ones holds nothing of ours but memory, and
// not even that. Proxies of ours bring everybody, and are not counted.

import type { Server, Socket } from 'node:net';
import type { Log } from '../base/log.ts';
import { networkOf } from '../base/network.ts';

export const limitConnections = (
  server: Server,
  max: number,
  isProxy: (address: string) => boolean,
  log: Pick<Log, 'warn'>,
): void => {
  const open = new Map<string, number>();
  /** Whose surplus was logged since one of theirs closed. */
  const told = new Set<string>();
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    // It is gone already.
    if (remoteAddress === undefined || isProxy(remoteAddress)) return;
    const network = networkOf(remoteAddress);
    const count = (open.get(network) ?? 0) + 1;
    if (count > max) {
      if (!told.has(network)) log.warn({ remote: remoteAddress, max }, 'too many HTTP connections from one address');
      told.add(network);
      socket.destroy();
      return;
    }
    open.set(network, count);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
      told.delete(network);
    });
  });
};
