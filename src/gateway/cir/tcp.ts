// CIR over TCP (STCP): phones connect, say HELO with their SessionID and are told WVCI when something waits.

import { createServer, type Server, type Socket } from 'node:net';
import { networkOf } from '../../base/network.ts';
import type { Session } from '../session/session.ts';
import { Connection, type ConnectionHost } from './connection.ts';

export interface CirTcpOptions extends Pick<ConnectionHost, 'host' | 'recognise'> {
  /** A phone's channel has come up: what waits may be told. */
  readonly ready: (session: Session) => void;
}

export class CirTcp {
  readonly #options: CirTcpOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #bySession = new Map<string, Connection>();
  /** Connections without a session yet, by network. */
  readonly #strangers = new Map<string, number>();

  constructor(options: CirTcpOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#connected(socket));
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Resolves with the port. Rejects when it cannot be had. */
  listen(where: { readonly host: string; readonly port: number }): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(where, () => {
        this.#server.removeListener('error', reject);
        this.#server.on('error', (cause) =>
          this.#options.host.events.failed(this.#options.host.log, 'listener', cause, 'the CIR listener failed'),
        );
        const address = this.#server.address();
        resolve(address && typeof address === 'object' ? address.port : where.port);
      });
    });
  }

  isUp(session: Session): boolean {
    return this.#bySession.has(session.key);
  }

  /** False when the session has no connection. */
  wake(session: Session): boolean {
    const connection = this.#bySession.get(session.key);
    connection?.wake();
    return connection !== undefined;
  }

  drop(session: Session): void {
    this.#bySession.get(session.key)?.close();
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #connected(socket: Socket): void {
    const { cir } = this.#options.host.settings;
    const from = networkOf(socket.remoteAddress ?? '');
    const strangers = this.#strangers.get(from) ?? 0;
    if (this.#connections.size >= cir.connectionsMax || strangers >= cir.strangersPerAddressMax) {
      this.#options.host.events.overloaded('cir');
      socket.on('error', () => {}); // It is being thrown away: nobody is left to tell.
      socket.destroy();
      return;
    }
    this.#strangers.set(from, strangers + 1);
    let isStranger = true;
    const known = (): void => {
      if (!isStranger) return;
      isStranger = false;
      const left = (this.#strangers.get(from) ?? 1) - 1;
      if (left > 0) this.#strangers.set(from, left);
      else this.#strangers.delete(from);
    };
    const { host, recognise } = this.#options;
    const connection = new Connection(socket, {
      host,
      recognise,
      attached: (one, session) => {
        known();
        this.#attach(one, session);
      },
      closed: (one) => {
        known();
        this.#connections.delete(one);
        if (one.session && this.#bySession.get(one.session.key) === one) this.#bySession.delete(one.session.key);
      },
    });
    this.#connections.add(connection);
  }

  /** The newer connection of a session wins: phones come again before the old one is seen to be dead. */
  #attach(connection: Connection, session: Session): void {
    for (const [key, other] of this.#bySession) if (other === connection) this.#bySession.delete(key);
    const old = this.#bySession.get(session.key);
    this.#bySession.set(session.key, connection);
    if (old !== connection) old?.close();
    this.#options.ready(session);
  }
}
