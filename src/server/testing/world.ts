// Several servers in memory that federate with each other, for tests: one clock moves them all, and each can be restarted,
// crash and come back over what its store kept.

import assert from 'node:assert/strict';
import { SimulatedClock } from '../../base/clock.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import type { Store } from '../../store/store.ts';
import { remoteReach } from '../points.ts';
import type { Rooms } from '../rooms/service.ts';
import type { ServerOptions } from '../server.ts';
import { OwnClock } from './own-clock.ts';
import { testRooms } from './rooms.ts';
import { ScriptedDomain } from './scripted-domain.ts';
import { type TestServer, testDomain, testServer } from './server.ts';
import { type End, Wires } from './wires.ts';

interface Place {
  readonly domains: readonly string[];
  readonly store: Store;
  clock: OwnClock;
  /** Undefined: it has crashed. */
  server: TestServer | undefined;
  /** The domain of its rooms, if it has any (XEP-0045). */
  roomsDomain?: string;
  rooms?: Promise<Rooms> | undefined;
}

export class World {
  readonly clock = new SimulatedClock();
  readonly wires = new Wires();
  readonly scripted = new Map<string, ScriptedDomain>();
  readonly #options: Partial<ServerOptions>;
  readonly #places = new Map<string, Place>();

  /** Begins with one server, of home.test and away.test. */
  constructor(options: Partial<ServerOptions> = {}) {
    this.#options = options;
    this.addServer(testDomain, 'away.test');
  }

  addServer(...domains: string[]): void {
    const place: Place = {
      domains,
      store: openSqliteStore({ file: ':memory:' }),
      clock: new OwnClock(this.clock),
      server: undefined,
    };
    for (const domain of domains) {
      assert(!this.#places.has(domain) && !this.scripted.has(domain), `${domain} is there already`);
      this.#places.set(domain, place);
    }
    this.#start(place);
  }

  addScripted(name: string): void {
    const domain = new ScriptedDomain(name, this.wires, () => this.settle());
    this.scripted.set(name, domain);
    this.wires.set(name, domain);
  }

  /** Rooms, of the server of the domain above theirs. */
  addRooms(domain: string): void {
    const place = this.#placeOf(domain.slice(domain.indexOf('.') + 1));
    place.roomsDomain = domain;
    this.#openRooms(place);
  }

  /** The running server of a domain, or of an address (without a domain: of home.test). */
  serverOf(name: string): TestServer {
    const { server } = this.#placeOf(name);
    assert(server, `${name} has crashed`);
    return server;
  }

  isServed(address: string): boolean {
    return this.#places.has(domainOf(address));
  }

  clockOf(domain: string): OwnClock {
    return this.#placeOf(domain).clock;
  }

  /** It goes down in good order and is back at once. */
  async restart(domain: string): Promise<void> {
    const place = this.#placeOf(domain);
    const { server } = place;
    assert(server, `${domain} has crashed`);
    await (await place.rooms)?.close();
    await this.settle();
    const down = server.shutdown();
    // Clients get time to answer the end of their streams; here it passes at once.
    while (!(await Promise.race([down.then(() => true), soon()]))) this.clock.advance(1_000);
    // What was said at the end arrives before the streams end.
    await this.settle();
    for (const one of place.domains) this.wires.set(one, undefined, { inGoodOrder: true });
    place.clock.stop();
    place.server = undefined;
    this.back(domain);
    await this.settle();
  }

  /** The process is killed: it says nothing more, and keeps what its store has. */
  async crash(domain: string): Promise<void> {
    await this.settle();
    const place = this.#placeOf(domain);
    place.clock.stop();
    place.server = undefined;
    for (const one of place.domains) this.wires.set(one, undefined);
    await this.settle();
  }

  /** A new process over the store of the one that crashed. */
  back(domain: string): void {
    const place = this.#placeOf(domain);
    assert(!place.server, `${domain} is up`);
    place.clock = new OwnClock(this.clock, place.clock.wallAheadMs);
    this.#start(place);
  }

  /** Time passes for all, from timer to timer, with everything done that each sets off; no longer than until `isEnough`. */
  async pass(ms: number, isEnough: () => boolean = () => false): Promise<void> {
    await this.settle();
    const end = this.clock.mono() + ms;
    while (this.clock.mono() < end && !isEnough()) {
      const next = Math.min(this.clock.nextAt ?? end, end);
      this.clock.advance(Math.max(0, next - this.clock.mono()));
      await this.settle();
    }
  }

  /** Resolves when nothing is going on any more, anywhere. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      for (const place of this.#all) {
        await place.server?.settle();
        if (place.server) await (await place.rooms)?.settled();
      }
      quiet = this.wires.isQuiet ? quiet + 1 : 0;
    }
  }

  async close(): Promise<void> {
    for (const { server, store } of this.#all) {
      if (server) await server.close();
      else await store.close();
    }
  }

  get #all(): Set<Place> {
    return new Set(this.#places.values());
  }

  #placeOf(name: string): Place {
    const place = this.#places.get(domainOf(name));
    assert(place, `${domainOf(name)} is a server of this world`);
    return place;
  }

  #start(place: Place): void {
    const server = testServer({
      ...this.#options,
      domains: place.domains,
      store: place.store,
      clock: place.clock,
      settleAll: () => this.settle(),
    });
    place.server = server;
    const [first = ''] = place.domains;
    server.federate(this.wires.carrier(first));
    const end: End = {
      receive: (stanza) => server.route(stanza),
      reach: (domain, isReachable) => {
        for (const { hooks } of server.hosts.values()) hooks.tell(remoteReach, { domain, isReachable });
      },
    };
    for (const domain of place.domains) this.wires.set(domain, end);
    place.rooms = undefined;
    this.#openRooms(place);
  }

  #openRooms(place: Place): void {
    const { roomsDomain, server, store, clock } = place;
    if (roomsDomain === undefined || !server) return;
    place.rooms = testRooms(server, { domain: roomsDomain, store, clock });
    this.wires.set(roomsDomain, {
      receive: (stanza) => server.route(stanza),
      reach() {},
    });
  }
}

const domainOf = (name: string): string =>
  name.includes('@') ? name.slice(name.indexOf('@') + 1) : name.includes('.') ? name : testDomain;

const soon = (): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), 5));
