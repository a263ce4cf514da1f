// A link as a TCP proxy on loopback: what one end sends, the other receives half a round trip later. Opening a connection
// costs its round trip too: the dialling end may write at once, since loopback accepts at once, but what it writes counts as
// sent when the answer of the far end would have come. Octets and flights are counted as the dialling end sees them.

import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import type { Clock } from '../../../src/base/clock.ts';
import type { Random } from '../../../src/base/random.ts';
import { Connection } from './connection.ts';
import { Line, type LinkConditions } from './line.ts';
import type { Traffic } from './traffic.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface LinkOptions {
  readonly listen: Endpoint;
  readonly target: Endpoint;
  readonly clock: Clock;
  readonly random: Random;
  /** Shared by every link of a run, and changed between cases. */
  readonly conditions: () => LinkConditions;
  readonly traffic: Traffic;
}

/** `up` while things work; `cut`: nothing gets through and nobody is told; `dead`: connections break and are refused. */
export type LinkState = 'up' | 'cut' | 'dead';

export class Link {
  readonly #options: LinkOptions;
  readonly #out: Line;
  readonly #back: Line;
  readonly #connections = new Set<Connection>();
  #server: Server | undefined;
  #state: LinkState = 'up';

  private constructor(options: LinkOptions) {
    this.#options = options;
    this.#out = new Line(options.random);
    this.#back = new Line(options.random);
  }

  static async open(options: LinkOptions): Promise<Link> {
    const link = new Link(options);
    await link.#listen();
    return link;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server?.address() as { port: number } | null)?.port ?? 0;
  }

  async become(state: LinkState): Promise<void> {
    if (state === this.#state) return;
    const before = this.#state;
    this.#state = state;
    if (state === 'dead') await this.#end();
    if (before === 'dead') await this.#listen();
    for (const connection of this.#connections) connection.isHeld = state === 'cut';
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#options.listen.port, this.#options.listen.host, resolve);
    });
    this.#server = server;
  }

  async #end(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const connection of this.#connections) connection.breakOff();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  #accept(socket: Socket): void {
    const { target, clock, conditions, traffic } = this.#options;
    traffic.connections++;
    const connection = new Connection(socket, this.#options, this.#out, this.#back, () =>
      this.#connections.delete(connection),
    );
    connection.isHeld = this.#state === 'cut';
    this.#connections.add(connection);
    // The first packet of the handshake is half a round trip on its way.
    const reach = (): void => connection.reach(dial({ ...target, allowHalfOpen: true, noDelay: true }));
    const { rttMs } = conditions();
    if (rttMs === 0) reach();
    else clock.after(rttMs / 2, reach);
  }
}
