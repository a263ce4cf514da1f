// The datagrams of wake-ups, in memory: the gateway's socket, and the network's idea of where phones listen.

import type { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import type { Datagrams } from '../cir/udp.ts';
import type { Activity } from './activity.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What listens where. It outlives the processes that send there. */
export class DatagramNet {
  readonly #ears = new Map<string, (text: string) => void>();
  readonly #activity: Activity;
  #socket: GatewaySocket | undefined;

  constructor(activity: Activity) {
    this.#activity = activity;
  }

  /** For one process, from its start to its end. */
  readonly open: Datagrams = () => {
    this.#socket = new GatewaySocket((text, { address, port }) => {
      this.#activity.note();
      this.#ears.get(`${address} ${port}`)?.(text);
    });
    return this.#socket as unknown as Socket;
  };

  /** The process is gone: what is sent to it now reaches nobody. */
  drop(): void {
    this.#socket = undefined;
  }

  /** What comes to that address is heard, until the function returned is called. */
  listen({ address, port }: Endpoint, heard: (text: string) => void): () => void {
    const key = `${address} ${port}`;
    this.#ears.set(key, heard);
    return () => {
      if (this.#ears.get(key) === heard) this.#ears.delete(key);
    };
  }

  /** To the gateway. */
  say(text: string, from: Endpoint): void {
    this.#activity.note();
    this.#socket?.emit('message', Buffer.from(text), { ...from, family: 'IPv4', size: text.length });
  }
}

/** As much of a socket as the gateway uses. */
class GatewaySocket extends EventEmitter {
  readonly #send: (text: string, to: Endpoint) => void;
  #port = 0;

  constructor(send: (text: string, to: Endpoint) => void) {
    super();
    this.#send = send;
  }

  bind(port: number, _host: string, ready: () => void): void {
    this.#port = port;
    queueMicrotask(ready);
  }

  address() {
    return { port: this.#port, family: 'IPv4', address: '' };
  }

  send(octets: Uint8Array | string, port: number, address: string, sent: (cause: Error | null) => void): void {
    this.#send(Buffer.from(octets as Uint8Array).toString('latin1'), { address, port });
    sent(null);
  }

  close(closed: () => void): void {
    this.removeAllListeners();
    queueMicrotask(closed);
  }
}
