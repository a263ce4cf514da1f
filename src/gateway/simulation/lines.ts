// The lines between servers: connections in memory that break, refuse and go silent as the weather has it.

import { type Duplex, duplexPair } from 'node:stream';
import { bad, good } from '../../base/outcome.ts';
import type { Net } from '../../xmpp/connect/dial.ts';
import type { Resolver } from '../../xmpp/connect/resolver.ts';
import type { Activity } from './activity.ts';

/** A server at its address. */
export interface Exchange {
  readonly name: string;
  readonly address: string;
  readonly domains: readonly string[];
  /** Undefined while the server is down. */
  readonly accept: ((socket: Duplex, address: string) => void) | undefined;
}

interface Wire {
  readonly pair: string;
  readonly between: readonly string[];
  readonly ends: readonly [Duplex, Duplex];
  isSilent: boolean;
}

export type LineState = 'up' | 'refused' | 'silent';

export class Lines {
  readonly #activity: Activity;
  readonly #exchanges = new Map<string, Exchange>();
  readonly #states = new Map<string, LineState>();
  readonly #wires = new Set<Wire>();

  constructor(activity: Activity) {
    this.#activity = activity;
  }

  add(exchange: Exchange): void {
    this.#exchanges.set(exchange.name, exchange);
  }

  /** The process of that name is gone, and its connections with it. */
  drop(name: string): void {
    for (const wire of this.#wires) if (wire.between.includes(name)) this.#cut(wire);
  }

  change(one: string, other: string, state: LineState): void {
    const pair = pairOf(one, other);
    this.#states.set(pair, state);
    for (const wire of this.#wires)
      if (wire.pair === pair) {
        if (state === 'silent') wire.isSilent = true;
        else this.#cut(wire);
      }
  }

  readonly resolver: Resolver = {
    srv: async () => ({ kind: 'absent' }),
    ip6: async () => ({ kind: 'absent' }),
    ip4: async (host) => {
      for (const { domains, address } of this.#exchanges.values())
        if (domains.includes(host)) return { kind: 'found', values: [address], ttlS: 300 };
      return { kind: 'absent' };
    },
  };

  netOf(from: string): Net {
    return {
      connect: ({ address }, then) => {
        let isOver = false;
        const done = this.#activity.begin();
        setImmediate(() => {
          done();
          if (isOver) return;
          const to = [...this.#exchanges.values()].find((one) => one.address === address);
          const state = to ? (this.#states.get(pairOf(from, to.name)) ?? 'up') : 'refused';
          if (state === 'silent') return;
          if (!to?.accept || state === 'refused') return then(bad('ECONNREFUSED'));
          const wire = this.#wire(from, to.name);
          to.accept(wire.ends[1], this.#exchanges.get(from)?.address ?? '');
          then(good(wire.ends[0]));
        });
        return {
          [Symbol.dispose]: () => {
            isOver = true;
          },
        };
      },
    };
  }

  #wire(from: string, to: string): Wire {
    const [near, far] = duplexPair();
    const wire: Wire = { pair: pairOf(from, to), between: [from, to], ends: [near, far], isSilent: false };
    for (const end of wire.ends) {
      const write = end._write.bind(end);
      // What is lost on the way looks to its sender as if it had been sent.
      end._write = (chunk, encoding, callback) => {
        this.#activity.note();
        if (wire.isSilent) callback();
        else write(chunk, encoding, callback);
      };
      end.on('error', () => {}); // The streams hear of it; a wire whose stream is gone already is nobody's.
      end.once('close', () => {
        this.#activity.note();
        this.#wires.delete(wire);
      });
    }
    this.#wires.add(wire);
    return wire;
  }

  #cut(wire: Wire): void {
    this.#wires.delete(wire);
    for (const end of wire.ends) end.destroy();
  }
}

const pairOf = (one: string, other: string): string => [one, other].sort().join(' ');
