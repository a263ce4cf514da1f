// The port for components: TCP without TLS, so on loopback or a network of one's own.

import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { networkOf } from '../../base/network.ts';
import { acceptComponent } from '../../xmpp/component/accept.ts';
import type { ComponentOptions, ComponentStream } from '../../xmpp/component/component.ts';

export interface ComponentListenOptions {
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** Connections without a handshake yet, in all and from one address. More are closed at once. */
  readonly strangersMax?: number;
  readonly strangersPerAddressMax?: number;
}

export interface ComponentListener {
  readonly port: number;
  /** Stops listening, and ends the connections of whoever is not a component. Resolves when all are closed. */
  close(): Promise<void>;
}

export interface ComponentDoor extends Omit<ComponentOptions, 'disconnected'> {
  /** One more than the limits allow came from there. */
  refused(remote: string): void;
}

/** Rejects with the system's error (EADDRINUSE, EACCES…) when it cannot listen. */
export const listenForComponents = async (
  door: ComponentDoor,
  options: ComponentListenOptions,
): Promise<ComponentListener> => {
  const { strangersMax = 100, strangersPerAddressMax = 40 } = options;
  const streams = new Map<Socket, ComponentStream>();
  const strangers = new Map<Socket, string>();

  const accept = (socket: Socket): void => {
    const address = networkOf(socket.remoteAddress ?? '');
    const fromThere = [...strangers.values()].filter((other) => other === address).length;
    if (strangers.size >= strangersMax || fromThere >= strangersPerAddressMax) {
      door.refused(address);
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    strangers.set(socket, address);
    const stream = acceptComponent(socket, {
      ...door,
      knows: (domain) => door.knows(domain),
      async admit(stream, claim) {
        const admitted = await door.admit(stream, claim);
        if (admitted.ok) strangers.delete(socket);
        return admitted;
      },
      disconnected: () => {
        streams.delete(socket);
        strangers.delete(socket);
      },
    });
    streams.set(socket, stream);
  };

  const listening = await listen(createServer(accept), options);
  listening.on('error', (cause) => door.log.error({ err: cause }, 'a listener for components failed'));
  const bound = listening.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : options.port,
    async close() {
      const closed = new Promise<void>((resolve) => listening.close(() => resolve()));
      await Promise.all([...streams.values()].map((stream) => stream.close({ condition: 'system-shutdown' })));
      await closed;
    },
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
