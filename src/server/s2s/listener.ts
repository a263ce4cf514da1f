// The door for other servers: how many may stand in it, in all, from one address, and without having shown who they are.

import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { networkOf } from '../../base/network.ts';

export interface DoorLimits {
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  /** Connections that have not shown who they are. One more closes the one that has stood there longest. */
  readonly strangersMax: number;
}

export class Door {
  readonly #limits: DoorLimits;
  readonly #refused: (reason: string, address: string) => void;
  readonly #perAddress = new Map<string, number>();
  readonly #strangers = new Set<Duplex>();
  #connections = 0;

  constructor(limits: DoorLimits, refused: (reason: string, address: string) => void) {
    this.#limits = limits;
    this.#refused = refused;
  }

  get connections(): number {
    return this.#connections;
  }
  get strangers(): number {
    return this.#strangers.size;
  }

  /** False: the socket was closed. */
  admit(socket: Duplex, remoteAddress: string): boolean {
    const address = networkOf(remoteAddress);
    const fromThere = this.#perAddress.get(address) ?? 0;
    const { connectionsMax, connectionsPerAddressMax, strangersMax } = this.#limits;
    if (this.#connections >= connectionsMax || fromThere >= connectionsPerAddressMax) {
      this.#refused('too-many-connections', address);
      socket.on('error', () => {});
      socket.destroy();
      return false;
    }
    if (this.#strangers.size >= strangersMax) {
      const [oldest] = this.#strangers;
      this.#refused('too-many-strangers', address);
      if (oldest) this.#strangers.delete(oldest);
      oldest?.destroy();
    }
    this.#connections++;
    this.#perAddress.set(address, fromThere + 1);
    this.#strangers.add(socket);
    socket.once('close', () => {
      this.#connections--;
      this.#strangers.delete(socket);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    });
    return true;
  }

  /** It has shown who it is. */
  known(socket: Duplex): void {
    this.#strangers.delete(socket);
  }
}

/** Rejects with the system's error (EADDRINUSE, EACCES…) when it cannot listen. */
export const listenTcp = (
  where: { readonly host?: string; readonly port: number },
  accept: (socket: Socket) => void,
): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, accept);
    server.once('error', reject);
    server.listen({ port: where.port, ...(where.host !== undefined && { host: where.host }) }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
