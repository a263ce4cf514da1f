// The port for components: TCP without TLS, so on loopback or a network of one's own.

import { createServer, type Server as NetServer } from 'node:net';
import type { Log } from '../../base/log.ts';
import type { Door } from './door.ts';

export interface ComponentListenOptions {
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface ComponentListener {
  readonly port: number;
  /** Nobody comes in any more. Resolves when those who had are gone. */
  close(): Promise<void>;
}

/** Rejects with the system's error (EADDRINUSE, EACCES…) when it cannot listen. */
export const listenForComponents = async (
  door: Door,
  log: Log,
  options: ComponentListenOptions,
): Promise<ComponentListener> => {
  const listening = await listen(
    createServer((socket) => door.accept(socket)),
    options,
  );
  listening.on('error', (cause) => log.error({ err: cause }, 'a listener for components failed'));
  const bound = listening.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : options.port,
    close: () => new Promise((resolve) => listening.close(() => resolve())),
  };
};

const listen = (server: NetServer, { port, host }: ComponentListenOptions): Promise<NetServer> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
