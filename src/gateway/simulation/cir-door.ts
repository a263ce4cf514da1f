// The gateway's listener for wake-up connections, in memory: connections that are cut, and such as are dead without a word.

import type { Server, Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import type { CirListener } from '../../imps/client/transport.ts';
import type { Serve } from '../cir/tcp.ts';
import type { Activity } from './activity.ts';

export const cirPort = 3716;

/** A phone's end. */
export interface CirWire {
  send(text: string): void;
  /** Both sides hear of its end. */
  cut(): void;
  /** Nothing goes over it any more, and nobody is told. */
  silence(): void;
}

export class CirDoor {
  readonly #activity: Activity;
  readonly #wires = new Set<Duplex>();
  #connected: (socket: Socket) => void = () => {};

  constructor(activity: Activity) {
    this.#activity = activity;
  }

  readonly serve: Serve = (connected) => {
    this.#connected = connected;
    const server = {
      listening: false,
      once: () => server,
      on: () => server,
      removeListener: () => server,
      listen: (_where: object, ready: () => void) => queueMicrotask(ready),
      address: () => ({ port: cirPort, family: 'IPv4', address: '' }),
    };
    return server as unknown as Server;
  };

  connect(address: string, listener: CirListener): CirWire {
    const [near, far] = duplexPair();
    let isSilent = false;
    for (const end of [near, far]) {
      const write = end._write.bind(end);
      end._write = (chunk, encoding, callback) => {
        this.#activity.note();
        if (isSilent) callback();
        else write(chunk, encoding, callback);
      };
    }
    near.on('data', (octets: Buffer) => listener.data(octets.toString()));
    near.on('error', () => {}); // 'close' follows.
    near.on('close', () => {
      this.#activity.note();
      this.#wires.delete(near);
      if (!isSilent) listener.closed();
    });
    // What a socket has and a stream has not.
    Object.assign(far, { remoteAddress: address, setNoDelay: () => far, setKeepAlive: () => far });
    far.on('close', () => {
      if (!isSilent) near.destroy();
    });
    this.#wires.add(near);
    this.#connected(far as unknown as Socket);
    return {
      send: (text) => void near.write(text),
      cut() {
        near.destroy();
        far.destroy();
      },
      silence() {
        isSilent = true;
      },
    };
  }

  /** The process is gone. */
  drop(): void {
    for (const wire of this.#wires) wire.destroy();
  }
}
