// Connecting to one of several servers that each have several addresses: happy eyeballs (RFC 8305). The addresses of the
// first server are tried 250 ms apart, those of the next when all of it failed or has not answered for longer; the first
// connection made wins and the others are dropped. If nothing comes of the winner later on, the rest can still be tried.

import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { ConnectFault, Endpoint, Endpoints } from './look-up.ts';

/** TCP as a collaborator. */
export interface Net {
  connect(endpoint: Endpoint, then: (result: Outcome<Duplex, string>) => void): Disposable;
}

/** The system's. `then` is called once, unless the attempt is disposed of before. */
export const systemNet: Net = {
  connect({ address, port }, then) {
    const socket: Socket = connect({
      host: address,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    });
    const failed = (cause: Error): void => {
      socket.destroy();
      then(bad((cause as NodeJS.ErrnoException).code ?? cause.message));
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      then(good(socket));
    });
    return {
      [Symbol.dispose]: () => {
        socket.off('error', failed);
        socket.removeAllListeners('connect');
        socket.on('error', () => {});
        socket.destroy();
      },
    };
  },
};

export interface DialOptions {
  readonly net: Net;
  readonly clock: Clock;
  /** Between the addresses of one server, and from one server to the next. */
  readonly staggerMs?: number;
  readonly serverMs?: number;
  /** For one address. */
  readonly attemptMs?: number;
}

export interface Connected {
  readonly socket: Duplex;
  readonly endpoint: Endpoint;
}

export class Dialler {
  readonly #options: Required<DialOptions>;
  /** What is left to try, with the number of its server. */
  #left: (Endpoint & { readonly server: number })[];
  readonly #failures: string[] = [];

  constructor(servers: readonly Endpoints[], options: DialOptions) {
    this.#options = { staggerMs: 250, serverMs: 4_000, attemptMs: 20_000, ...options };
    this.#left = servers.flatMap((endpoints, server) => endpoints.map((endpoint) => ({ ...endpoint, server })));
  }

  get hasMore(): boolean {
    return this.#left.length > 0;
  }

  /** Tries this one once more, before the others. */
  again(endpoint: Endpoint): void {
    this.#left = [{ ...endpoint, server: -1 }, ...this.#left];
  }

  /** The next connection that can be had. Aborting drops what is under way and resolves with a fault. Never rejects. */
  next(signal?: AbortSignal): Promise<Outcome<Connected, ConnectFault>> {
    const { net, clock, staggerMs, serverMs, attemptMs } = this.#options;
    const waiting = [...this.#left];
    const underWay = new Map<Endpoint, Disposable>();
    let isOver = false;
    let stagger: Disposable | undefined;
    return new Promise((resolve) => {
      const end = (outcome: Outcome<Connected, ConnectFault>): void => {
        isOver = true;
        stagger?.[Symbol.dispose]();
        signal?.removeEventListener('abort', abort);
        for (const attempt of underWay.values()) attempt[Symbol.dispose]();
        resolve(outcome);
      };
      const abort = (): void => end(bad(this.#fault()));
      const drop = (endpoint: Endpoint): void => {
        underWay.get(endpoint)?.[Symbol.dispose]();
        underWay.delete(endpoint);
        this.#left = this.#left.filter((one) => one !== endpoint);
      };
      const start = (): void => {
        stagger?.[Symbol.dispose]();
        stagger = undefined;
        const endpoint = waiting.shift();
        if (!endpoint) {
          if (underWay.size === 0) end(bad(this.#fault()));
          return;
        }
        const failed = (why: string): void => {
          if (isOver) return;
          drop(endpoint);
          this.#failures.push(`${shown(endpoint)}: ${words[why] ?? why}`);
          start();
        };
        const late = clock.after(attemptMs, () => failed('ETIMEDOUT'));
        let attempt: Disposable | undefined;
        let isDropped = false;
        underWay.set(endpoint, {
          [Symbol.dispose]: () => {
            isDropped = true;
            late[Symbol.dispose]();
            attempt?.[Symbol.dispose]();
          },
        });
        attempt = net.connect(endpoint, (result) => {
          if (isOver || isDropped) return;
          late[Symbol.dispose]();
          if (!result.ok) return failed(result.fault);
          underWay.delete(endpoint);
          drop(endpoint);
          end(good({ socket: result.value, endpoint }));
        });
        const next = waiting[0];
        if (next && !isOver && !isDropped && !stagger)
          stagger = clock.after(next.server === endpoint.server ? staggerMs : serverMs, start);
      };
      if (signal?.aborted) return end(bad(this.#fault()));
      signal?.addEventListener('abort', abort);
      start();
    });
  }

  #fault(): ConnectFault {
    return {
      reason: 'unreachable',
      text: this.#failures.slice(-4).join('; ') || 'given up',
      condition: 'remote-server-timeout',
    };
  }
}

const shown = ({ address, port }: Endpoint): string => `${address.includes(':') ? `[${address}]` : address}:${port}`;

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the network',
};
