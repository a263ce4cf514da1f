// CIR over TCP (STCP): phones connect, say HELO with their SessionID and are told WVCI when something waits.

import { createServer, type Server, type Socket } from 'node:net';
import { networkOf } from '../../base/network.ts';
import type { Session } from '../session/session.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import type { Channel } from './method.ts';
import { Sweep } from './sweep.ts';

/** Makes the listener: Node's own, or one in memory. */
export type Serve = (connected: (socket: Socket) => void) => Server;
const serveTcp: Serve = (connected) => createServer({ noDelay: true }, connected);

export interface CirTcpOptions extends Pick<ConnectionHost, 'host' | 'recognise'> {
  /** A phone's channel has come up: what waits may be told. */
  readonly opened: (session: Session) => void;
  readonly lost: (session: Session) => void;
  readonly serve?: Serve | undefined;
}

export class CirTcp implements Channel {
  readonly #options: CirTcpOptions;
  readonly #server: Server;
  readonly #connections: Sweep;
  readonly #bySession = new Map<Session, Connection>();
  /** Connections without a session yet, by network, and the network of each. */
  readonly #strangers = new Map<string, number>();
  readonly #networks = new Map<Connection, string>();
  readonly #owner: ConnectionHost;

  constructor(options: CirTcpOptions) {
    this.#options = options;
    this.#connections = new Sweep(options.host.clock);
    this.#owner = {
      host: options.host,
      recognise: options.recognise,
      attached: (connection, session, before) => this.#attach(connection, session, before),
      closed: (connection) => this.#closed(connection),
    };
    this.#server = (options.serve ?? serveTcp)((socket) => this.#connected(socket));
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Resolves with the port. Rejects when it cannot be had. */
  listen(where: { readonly host: string; readonly port: number }): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ ...where, backlog: 1024 }, () => {
        this.#server.removeListener('error', reject);
        this.#server.on('error', (cause) =>
          this.#options.host.events.failed(this.#options.host.log, 'listener', cause, 'the CIR listener failed'),
        );
        const address = this.#server.address();
        resolve(address && typeof address === 'object' ? address.port : where.port);
      });
    });
  }

  canReach(session: Session): boolean {
    return this.#bySession.has(session);
  }

  wake(session: Session, sent: () => void, unsent: (why: string) => void): void {
    const connection = this.#bySession.get(session);
    if (connection) connection.wake(sent, unsent);
    else unsent('unreachable');
  }

  cancel(session: Session): boolean {
    return this.#bySession.get(session)?.cancel() ?? false;
  }

  forget(session: Session): void {
    this.#bySession.get(session)?.close();
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
    const connection = new Connection(socket, this.#owner);
    this.#networks.set(connection, from);
    this.#connections.add(connection);
  }

  /** It is no stranger any more. */
  #known(connection: Connection): void {
    const from = this.#networks.get(connection);
    if (from === undefined) return;
    this.#networks.delete(connection);
    const left = (this.#strangers.get(from) ?? 1) - 1;
    if (left > 0) this.#strangers.set(from, left);
    else this.#strangers.delete(from);
  }

  #closed(connection: Connection): void {
    this.#known(connection);
    this.#connections.delete(connection);
    const { session } = connection;
    if (!session || this.#bySession.get(session) !== connection) return;
    this.#bySession.delete(session);
    this.#options.lost(session);
  }

  /** The newer connection of a session wins: phones come again before the old one is seen to be dead. */
  #attach(connection: Connection, session: Session, before: Session | undefined): void {
    this.#known(connection);
    if (before && before !== session && this.#bySession.get(before) === connection) this.#bySession.delete(before);
    const old = this.#bySession.get(session);
    this.#bySession.set(session, connection);
    if (old !== connection) old?.close();
    this.#options.opened(session);
  }
}
