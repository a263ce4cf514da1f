// Where the gateway's conversations take place: an XMPP server behind a LinkProvider, and time. The suite is the same for
// our own server in memory (in-process.ts) and for any other, such as a Prosody over real sockets.

import type { Clock } from '../../base/clock.ts';
import { type Log, silentLog } from '../../base/log.ts';
import { seededRandom, systemRandom } from '../../base/random.ts';
import { CspClient } from '../../imps/client/client.ts';
import { type Personality, plain } from '../../imps/client/personality.ts';
import type { CirOpener } from '../../imps/client/transport.ts';
import { digestBytes } from '../../imps/digest.ts';
import type { Primitive, PrimitiveName, PrimitiveOf } from '../../imps/primitives.ts';
import type { Store } from '../../store/store.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { LinkProvider } from '../../xmpp/link.ts';
import { TestCarrier } from '../cir/testing/ends.ts';
import type { Witness } from '../conformance/witness.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import type { Contents, Fetched } from '../services/content/contents.ts';
import { services } from '../services/index.ts';
import { maps } from '../services/map/index.ts';
import { defaultSettings, type GatewayLimits } from '../settings.ts';
import type { Vault } from '../vault.ts';
import { Friend } from './friend.ts';

export interface Ground {
  readonly provider: LinkProvider;
  /** The gateway's own domain; another than the provider's when its server is a backend. */
  readonly home: string;
  /** Makes an account of the provider's domain, its password 'secret', kept for digests. */
  makeAccount(name: string): Promise<void>;
  readonly clock: Clock;
  readonly store: Store;
  readonly vault: Vault;
  /** Lets time pass: moves a simulated clock, or waits. What follows from it has happened when it resolves. */
  pass(ms: number): Promise<void>;
  /** The process that held the Links is gone: so are its connections. */
  cut?(): void;
  /** What phones may cost, where it is not what they may by default. */
  readonly limits?: Partial<GatewayLimits>;
  /** What the gateway has of the web; undefined: nothing. */
  readonly contents?: Contents;
  /** Puts a file on the web, where the gateway finds it; its address. */
  publish?(name: string, type: string, octets: Uint8Array): string;
  /** Gets a file as anybody does; undefined when there is none. */
  download?(url: string): Promise<Fetched | undefined>;
  /** Has blocking (XEP-0191), personal eventing (XEP-0163), rooms (XEP-0045), a directory of who wants to be found (ours)? */
  readonly has: {
    readonly blocking: boolean;
    readonly pep: boolean;
    readonly rooms: boolean;
    readonly directory?: boolean;
  };
  close(): Promise<void>;
}

/** The gateway on its ground, with the people in it. */
export class World {
  readonly ground: Ground;
  gateway: Gateway;
  /** What the gateway logged as warning or error. */
  readonly troubles: string[] = [];
  readonly #random = seededRandom(7);
  /** Of short messages, for phones that are woken by them. */
  readonly carrier = new TestCarrier();
  #names = 0;
  readonly #friends: Friend[] = [];
  /** Notes what phones and gateway say. */
  readonly witness: Witness | undefined;

  constructor(ground: Ground, witness?: Witness) {
    this.ground = ground;
    this.witness = witness;
    this.gateway = this.#make();
  }

  #make(): Gateway {
    const { provider, home, store, vault, clock, contents, limits } = this.ground;
    const note = (fields: object, message: string): void =>
      void this.troubles.push(`${message} ${(fields as { err?: unknown }).err ?? ''}`);
    const log: Log = { ...silentLog, warn: note, error: note, child: () => log };
    return createGateway({
      // Polls are answered at once: tests ask again themselves.
      settings: {
        domain: home,
        pollHoldS: 0,
        redeliverS: 60,
        cir: { ...defaultSettings.cir, http: true, publicHost: '127.0.0.1', publicUrl: 'http://imps.example' },
        limits: { ...defaultSettings.limits, requestsPerSecondMax: 10_000, ...limits },
      },
      providers: [provider],
      services: [...services, maps('http://maps.example/?at={latitude},{longitude}')],
      contents,
      store,
      vault,
      sms: this.carrier,
      clock,
      random: this.#random,
      log,
    });
  }

  async restart(): Promise<void> {
    await this.gateway.shutdown();
    this.ground.cut?.();
    this.gateway = this.#make();
    await this.gateway.start();
    await this.ground.pass(100);
  }

  /** A name nobody had before, with an account. */
  async someone(name: string): Promise<Jid> {
    // Several worlds may stand on one server: names are left to chance.
    const local = `${name}${++this.#names}-${systemRandom.id(5).toLowerCase()}`;
    await this.ground.makeAccount(local);
    return Jid.from(`${local}@${this.ground.provider.domain}`);
  }

  async friend(who: Jid, resource = 'desk', isSeen = true): Promise<Friend> {
    const friend = new Friend(this);
    const opened = await this.ground.provider.open(
      { account: who, resource, credentials: { kind: 'password', password: 'secret' } },
      friend,
    );
    if (!opened.ok) throw new Error(`${who} could not sign in: ${opened.fault.reason} ${opened.fault.text}`);
    friend.link = opened.value;
    this.#friends.push(friend);
    // What becomes of subscriptions is told to who asked for the roster (RFC 6121 §2.1.3).
    await friend.sends("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
    if (isSeen) await friend.sends('<presence/>');
    return friend;
  }

  /** A phone that is switched on. */
  handset(who: Jid, personality: Personality): Handset {
    return new Handset(this, who, personality);
  }

  /** A phone that is signed in and has negotiated. */
  async phone(who: Jid, personality: Personality = plain, functions?: Personality['functions']): Promise<Handset> {
    const phone = this.handset(who, functions ? { ...personality, functions } : personality);
    await phone.csp.signIn('PWD');
    await phone.csp.negotiate();
    return phone;
  }

  /** Asks again and again, time passing in between, until there is an answer. */
  async until<Value>(what: string, look: () => Value | undefined | Promise<Value | undefined>): Promise<Value> {
    for (let tries = 0; tries < 80; tries++) {
      const found = await look();
      if (found !== undefined) return found;
      await this.ground.pass(100);
    }
    throw new Error(`never: ${what}; troubles: ${this.troubles.join(', ') || 'none'}`);
  }

  async close(): Promise<void> {
    for (const friend of this.#friends) await friend.link.close();
    await this.gateway.shutdown();
    await this.ground.close();
  }
}

export interface Ways {
  readonly cir?: CirOpener;
  readonly remoteAddress?: string;
  readonly msisdn?: string;
}

/** A phone in somebody's hand: polls when it is looked at, and keeps what arrived. */
export class Handset {
  readonly csp: CspClient;
  readonly user: Jid;
  readonly arrived: Primitive[] = [];
  readonly #world: World;

  /** `ways`: how it can be woken, and where it is. */
  constructor(world: World, user: Jid, personality: Personality, ways: Ways = {}) {
    this.#world = world;
    this.user = user;
    this.csp = new CspClient({
      post: async (body, contentType) => {
        const { remoteAddress = '127.0.0.1', msisdn } = ways;
        const request = { body, contentType, userAgent: personality.userAgent, remoteAddress, msisdn };
        const answer = await world.gateway.handle(request);
        answer.delivered?.(true);
        world.witness?.exchange(body, answer.body, contentType);
        return { status: answer.status, contentType: answer.contentType, body: answer.body };
      },
      clock: world.ground.clock,
      random: seededRandom(user.toString().length),
      user: `wv:${user}`,
      password: 'secret',
      digest: digestBytes,
      personality,
      cir: ways.cir,
    });
    void this.#listen();
  }

  async #listen(): Promise<void> {
    for await (const { content } of this.csp.arrivals()) this.arrived.push(content);
  }

  /** The next request of that name that fits; others stay for later. */
  receives<Name extends PrimitiveName>(
    name: Name,
    fits: (content: PrimitiveOf<Name>) => boolean = () => true,
  ): Promise<PrimitiveOf<Name>> {
    return this.#world.until(`${name} at the phone, which has ${JSON.stringify(this.arrived)}`, async () => {
      await this.csp.poll();
      await new Promise((resolve) => setImmediate(resolve));
      const at = this.arrived.findIndex((one) => one.name === name && fits(one as PrimitiveOf<Name>));
      return at < 0 ? undefined : (this.arrived.splice(at, 1)[0] as PrimitiveOf<Name>);
    });
  }

  /** Nothing of that name comes, though there is time for it. */
  async receivesNo(name: PrimitiveName): Promise<void> {
    for (let tries = 0; tries < 3; tries++) {
      await this.#world.ground.pass(300);
      await this.csp.poll();
    }
    await new Promise((resolve) => setImmediate(resolve));
    const found = this.arrived.find((one) => one.name === name);
    if (found) throw new Error(`the phone got ${JSON.stringify(found)}`);
  }
}
