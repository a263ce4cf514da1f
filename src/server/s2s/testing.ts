// Whole servers that federate in memory, for tests: no sockets, time moved by hand. The wires between them can be cut, and
// a server can be made deaf, unreachable, or restarted over its store.

import { type Duplex, duplexPair } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { SimulatedClock } from '../../base/clock.ts';
import { hear } from '../../base/hooks.ts';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { bad, good } from '../../base/outcome.ts';
import { seededRandom } from '../../base/random.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import type { Store } from '../../store/store.ts';
import type { Net } from '../../xmpp/connect/dial.ts';
import type { Resolver } from '../../xmpp/connect/resolver.ts';
import { acceptS2s } from '../../xmpp/s2s/accept.ts';
import { openS2s } from '../../xmpp/s2s/open.ts';
import { s2sResumables } from '../../xmpp/s2s/resumption.ts';
import type { S2sLimits } from '../../xmpp/s2s/s2s.ts';
import { remoteReach } from '../points.ts';
import type { Client } from '../testing/client.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import { createFederation, type Federation, type FederationOptions } from './federation.ts';
import type { FederationSettings } from './settings.ts';

export interface TestPeer extends TestServer {
  readonly federation: Federation;
  /** 'other.test lost', 'other.test back' */
  readonly reach: string[];
  readonly address: string;
  readonly net: Net;
}

export interface PeerOptions {
  readonly settings?: Partial<FederationSettings>;
  readonly limits?: Partial<S2sLimits>;
  readonly store?: Store;
  readonly secureContext?: SecureContext;
  /** Without XEP-0198. */
  readonly isUnmanaged?: boolean;
  /** Without XEP-0288. */
  readonly isOneWay?: boolean;
  readonly options?: Partial<FederationOptions>;
}

interface Wire {
  readonly from: string;
  readonly to: string;
  readonly ends: readonly [Duplex, Duplex];
}

export class TestNetwork {
  readonly clock = new SimulatedClock();
  readonly peers = new Map<string, TestPeer>();
  /** Connections made: 'one.test > other.test'. */
  readonly dialled: string[] = [];
  /** Domains whose server nobody can connect to; their connections time out or are refused. */
  readonly refusing = new Set<string>();
  readonly silent = new Set<string>();
  readonly #wires = new Set<Wire>();
  readonly #ended = new Set<Net>();
  #addresses = 0;

  /** Domains of one server; the first names it. */
  start(domains: readonly string[], options: PeerOptions = {}): TestPeer {
    const [name = ''] = domains;
    const address = this.peers.get(name)?.address ?? `192.0.2.${++this.#addresses}`;
    const reach: string[] = [];
    const store = options.store ?? openSqliteStore({ file: ':memory:' });
    const server = testServer({
      domains: [...domains],
      store,
      clock: this.clock,
      random: seededRandom(this.#addresses),
      taps: () => [
        hear(remoteReach, 'any', ({ domain, isReachable }) => {
          reach.push(`${domain} ${isReachable ? 'back' : 'lost'}`);
        }),
      ],
    });
    const net = this.#netOf(name);
    const federation = createFederation({
      server,
      store: store.federation,
      settings: { tls: 'optional', ...options.settings },
      secureContext: options.secureContext,
      dialbackSecret: Buffer.from(`secret of ${name}`),
      resolver: this.#resolver,
      net,
      openS2s: (socket, given) =>
        openS2s(socket, {
          ...given,
          usesManagement: !options.isUnmanaged,
          usesBidi: !options.isOneWay && given.usesBidi,
        }),
      acceptS2s: (socket, given) => acceptS2s(socket, { ...given, offersBidi: !options.isOneWay }),
      resumables: options.isUnmanaged ? undefined : s2sResumables(),
      ...(options.limits && { limits: options.limits }),
      clock: this.clock,
      random: seededRandom(100 + this.#addresses),
      log: silentLog,
      meter: silentMeter,
      ...options.options,
    });
    server.federate(federation.carrier);
    const peer: TestPeer = { ...server, federation, reach, address, net };
    for (const domain of domains) this.peers.set(domain, peer);
    return peer;
  }

  /** The process is gone, and its connections with it; nothing was said. */
  kill(name: string): void {
    this.refusing.add(name);
    this.cut(name);
  }

  /** The same for good: nothing it still tries succeeds. */
  end(name: string): void {
    this.kill(name);
    const peer = this.peers.get(name);
    if (peer) this.#ended.add(peer.net);
  }

  /** Connections to and from it break off. */
  cut(name: string): void {
    for (const wire of [...this.#wires])
      if (wire.from === name || wire.to === name) {
        this.#wires.delete(wire);
        for (const end of wire.ends) end.destroy();
      }
  }

  /** Resolves when nothing is going on any more, as far as can be seen. */
  async settle(rounds = 12): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      for (const peer of new Set(this.peers.values())) await peer.settle();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Time passes, in steps, and what it sets off happens. */
  async pass(ms: number, stepMs = Math.max(50, ms / 40)): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await this.settle(2);
    }
    await this.settle();
  }

  /** Waits until something is so, letting a little time pass. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    // Real time counts too: keys are made and files written by threads that a loaded machine keeps waiting.
    const end = performance.now() + 10_000;
    for (let tries = 0; performance.now() < end; tries++) {
      if (await isSo()) return;
      await this.settle(1);
      if (tries % 10 === 9 && tries < 400) this.clock.advance(50);
      if (tries >= 400) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    throw new Error(`waited for ${what}`);
  }

  /** Somebody's client sends; resolves when its server answers for it. */
  async says(client: Client, text: string): Promise<void> {
    let isTaken = false;
    const taken = client.sends(text).then(() => {
      isTaken = true;
    });
    await this.until('a stanza to be taken', () => isTaken);
    await taken;
  }

  async close(): Promise<void> {
    for (const peer of new Set(this.peers.values())) {
      let isDown = false;
      const down = peer.federation.stop().then(() => {
        isDown = true;
      });
      for (let tries = 0; !isDown && tries < 1_000; tries++) {
        this.clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await down;
      await peer.close();
    }
  }

  readonly #resolver: Resolver = {
    srv: async () => ({ kind: 'absent' }),
    ip6: async () => ({ kind: 'absent' }),
    ip4: async (host) => {
      const address = this.peers.get(host)?.address;
      return address === undefined ? { kind: 'absent' } : { kind: 'found', values: [address], ttlS: 300 };
    },
  };

  #netOf(from: string): Net {
    const net: Net = {
      connect: ({ address }, then) => {
        const [to = '', peer] = [...this.peers].find(([, other]) => other.address === address) ?? [];
        let isOver = false;
        this.dialled.push(`${from} > ${to}`);
        setImmediate(() => {
          if (isOver || this.silent.has(to) || this.#ended.has(net)) return;
          if (!peer || this.refusing.has(to)) return then(bad('ECONNREFUSED'));
          const ends = duplexPair();
          const wire: Wire = { from, to, ends: [ends[0], ends[1]] };
          this.#wires.add(wire);
          for (const end of ends) end.once('close', () => this.#wires.delete(wire));
          peer.federation.accept(ends[1], `192.0.2.99`, false);
          then(good(ends[0]));
        });
        return {
          [Symbol.dispose]: () => {
            isOver = true;
          },
        };
      },
    };
    return net;
  }
}
