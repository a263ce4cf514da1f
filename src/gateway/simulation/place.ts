// One onesoup in memory: server, rooms, federation and gateway over a store that outlives them. It goes down in good order or
// dies between any two writes, and comes back over what its store has.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { SimulatedClock } from '../../base/clock.ts';
import { type Log, silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { seededRandom } from '../../base/random.ts';
import type { CirListener } from '../../imps/client/transport.ts';
import { joinRooms } from '../../server/rooms/join.ts';
import { openRooms, type Rooms } from '../../server/rooms/service.ts';
import { createFederation, type Federation } from '../../server/s2s/federation.ts';
import { createServer, type Server } from '../../server/server.ts';
import { OwnClock } from '../../server/testing/own-clock.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import type { Store } from '../../store/store.ts';
import { PasswordVault } from '../../store/vault.ts';
import type { LinkProvider } from '../../xmpp/link.ts';
import { acceptS2s } from '../../xmpp/s2s/accept.ts';
import { openS2s } from '../../xmpp/s2s/open.ts';
import { s2sResumables } from '../../xmpp/s2s/resumption.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import type { HttpAnswer, HttpRequest } from '../http-channel.ts';
import { services } from '../services/index.ts';
import { defaultSettings } from '../settings.ts';
import type { Activity } from './activity.ts';
import { CirDoor, type CirWire, cirPort } from './cir-door.ts';
import { DatagramNet } from './datagrams.ts';
import type { Exchange, Lines } from './lines.ts';
import { Life, mortal } from './mortal-store.ts';
import { seeingWakings, type Waking, wakingsOf } from './wakings.ts';

export interface PlaceOptions {
  readonly clock: SimulatedClock;
  readonly activity: Activity;
  readonly lines: Lines;
  /** The first is the gateway's own; users of the others need their password for every Link. */
  readonly domains: readonly string[];
  readonly number: number;
  /** A line of the trace. */
  readonly tell: (text: string) => void;
  /** Something the operator would have to look at. */
  readonly trouble: (text: string) => void;
  /** A phone is woken. */
  readonly woken?: (waking: Waking) => void;
}

/** The parts of one process. */
interface Running {
  readonly life: Life;
  readonly clock: OwnClock;
  readonly server: Server;
  readonly rooms: Rooms;
  readonly federation: Federation;
  readonly gateway: Gateway;
  readonly door: CirDoor;
}

export class Place implements Exchange {
  readonly name: string;
  readonly address: string;
  readonly domains: readonly string[];
  readonly store: Store = openSqliteStore({ file: ':memory:' });
  readonly datagrams: DatagramNet;
  readonly #options: PlaceOptions;
  readonly #keys = mkdtempSync(join(tmpdir(), 'onesoup-keys-'));
  #starts = 0;
  #running: Running | undefined;
  /** Called when the process is gone, in whatever way. */
  readonly #watchers = new Set<() => void>();
  /** Phones' requests that are being worked on. */
  readonly #posts = new Set<(cause: Error) => void>();

  constructor(options: PlaceOptions) {
    this.#options = options;
    this.datagrams = new DatagramNet(options.activity);
    this.name = options.domains[0] as string;
    this.address = `192.0.2.${options.number}`;
    this.domains = [...options.domains, `rooms.${this.name}`];
    options.lines.add(this);
  }

  get running(): Running | undefined {
    return this.#running;
  }

  get accept(): Exchange['accept'] {
    const { federation } = this.#running ?? {};
    return federation && ((socket: Duplex, address: string) => federation.accept(socket, address, false));
  }

  /** Calls back when the process is gone; the function returned ends that. */
  watch(gone: () => void): () => void {
    this.#watchers.add(gone);
    return () => void this.#watchers.delete(gone);
  }

  async start(): Promise<void> {
    const { clock: shared, activity, lines, domains, number, tell, trouble, woken = () => {} } = this.#options;
    const done = activity.begin();
    const start = ++this.#starts;
    const random = seededRandom(number * 1000 + start);
    const clock = new OwnClock(shared);
    const life = new Life();
    const store = mortal(this.store, life, activity);
    // Lines that are down are worth a warning; the gateway has no reason for any.
    const around = { clock, random, log: logFor(trouble, life, ['error']), meter: silentMeter, store };
    const server = createServer({ ...around, domains });
    // Passwords are hashed by other threads: nobody else sees that something is going on.
    for (const { accounts } of server.hosts.values()) {
      const verify = accounts.verify.bind(accounts);
      accounts.verify = async (account, password) => {
        const over = activity.begin();
        return verify(account, password).finally(over);
      };
    }
    const rooms = await openRooms({
      ...around,
      domain: `rooms.${this.name}`,
      server: {
        route: (stanza) => server.route(stanza),
        broadcast: (stanza) => server.broadcast(stanza),
        hasAccounts: (domain) => server.hosts.has(domain),
      },
    });
    joinRooms(server, rooms);
    const federation = createFederation({
      ...around,
      server,
      store: store.federation,
      settings: { tls: 'optional' },
      secureContext: undefined,
      dialbackSecret: Buffer.from(`secret of ${this.name}`),
      resolver: lines.resolver,
      net: lines.netOf(this.name),
      openS2s,
      acceptS2s,
      resumables: s2sResumables(),
    });
    await federation.load();
    server.federate(federation.carrier);
    await server.start();
    const door = new CirDoor(activity);
    const gateway = createGateway({
      cirServer: door.serve,
      cirDatagrams: this.datagrams.open,
      ...around,
      log: seeingWakings(
        logFor(trouble, life, ['warning', 'error']),
        wakingsOf(
          () => clock.mono(),
          (waking) => void (life.isOver || woken(waking)),
          (what) => void (life.isOver || trouble(what)),
        ),
      ),
      // Phones that vanish are given up sooner than by default, and what follows is seen sooner.
      settings: {
        domain: this.name,
        keepAlive: { minS: 300, maxS: 1200, graceS: 60 },
        cir: { ...defaultSettings.cir, publicHost: this.name },
      },
      providers: server.links.map((provider) => mortalProvider(provider, life)),
      services,
      vault: new PasswordVault(this.#keys, store, random),
    });
    await gateway.start();
    await gateway.listenCirTcp({ host: this.name, port: cirPort });
    await gateway.listenCirUdp({ host: this.name, port: cirPort });
    await federation.start();
    this.#running = { life, clock, server, rooms, federation, gateway, door };
    life.atDeath(() => this.#gone(`${this.name} is killed`));
    tell(`${this.name} is up`);
    done();
  }

  /** Goes down in good order; phones' requests that are under way are answered as far as that goes. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    const { gateway, server, rooms, federation, life } = running;
    const isHere = (): boolean => this.#running === running;
    await gateway.shutdown();
    if (isHere()) await rooms.close();
    if (isHere()) await server.shutdown();
    if (isHere()) await federation.stop();
    // Killed while it went down: that was its end already.
    if (isHere()) life.end();
  }

  /** Kills it, now. */
  kill(): void {
    this.#running?.life.end();
  }

  /** Kills it after so many moments, a moment being before or after a write. */
  killAfter(moments: number): void {
    this.#running?.life.dieAfter(moments);
  }

  /** One POST of a phone. Rejects when the process is not there, or goes away before it has answered. */
  async post(request: HttpRequest): Promise<HttpAnswer> {
    const { gateway } = this.#running ?? {};
    if (!gateway) throw new Error('ECONNREFUSED');
    return new Promise<HttpAnswer>((resolve, reject) => {
      this.#posts.add(reject);
      void gateway.handle(request).then((answer) => {
        if (this.#posts.delete(reject)) resolve(answer);
      }, reject);
    });
  }

  /** The account's password is kept for digests, as the sign-up page does it. */
  keepForDigests(account: string, password: string): Promise<void> {
    return new PasswordVault(this.#keys, this.store).keepDevicePassword(account, password);
  }

  /** A phone's wake-up connection. Throws when the process is not there. */
  openCir(address: string, listener: CirListener): CirWire {
    const { door } = this.#running ?? {};
    if (!door) throw new Error('ECONNREFUSED');
    return door.connect(address, listener);
  }

  async close(): Promise<void> {
    this.kill();
    await this.store.close();
    rmSync(this.#keys, { recursive: true });
  }

  #gone(text: string): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.clock.stop();
    running.door.drop();
    this.datagrams.drop();
    this.#options.lines.drop(this.name);
    this.#options.tell(text);
    for (const reject of this.#posts) reject(new Error('ECONNRESET'));
    this.#posts.clear();
    for (const gone of [...this.#watchers]) gone();
  }
}

/** Nothing reaches a dead process, and nothing that it was about to do is done. */
const mortalProvider = (provider: LinkProvider, life: Life): LinkProvider => ({
  domain: provider.domain,
  open: (request, receiver) =>
    provider.open(request, {
      stanza: (stanza) => (life.isOver ? new Promise(() => {}) : receiver.stanza(stanza)),
      closed: (end) => {
        if (!life.isOver) receiver.closed(end);
      },
    }),
});

type Level = 'warning' | 'error';

const logFor = (trouble: (text: string) => void, life: Life, levels: readonly Level[]): Log => {
  const note =
    (level: Level) =>
    (fields: object, message: string): void => {
      if (!life.isOver && levels.includes(level)) trouble(`${level}: ${message} ${describe(fields)}`);
    };
  const log: Log = { ...silentLog, warn: note('warning'), error: note('error'), child: () => log };
  return log;
};

const describe = (fields: object): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value instanceof Error ? (value.stack ?? value.message) : String(value)}`)
    .join(' ');
