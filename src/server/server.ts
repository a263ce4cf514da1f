// The server's one page: every part, in order, and who hands what to whom.

import type { Clock } from '../base/clock.ts';
import { Hooks, type Tap } from '../base/hooks.ts';
import type { Log } from '../base/log.ts';
import type { Meter } from '../base/meter.ts';
import type { Random } from '../base/random.ts';
import { Throttle } from '../base/throttle.ts';
import type { PresenceOptions } from '../presence/view.ts';
import type { Store } from '../store/store.ts';
import { Jid } from '../xmpp/jid.ts';
import type { LinkProvider } from '../xmpp/link.ts';
import type { Stanza } from '../xmpp/stanza.ts';
import { ResumableStreams } from '../xmpp/stream/resumable-streams.ts';
import { Accounts } from './accounts.ts';
import { type C2sListener, type C2sListenOptions, listenC2s } from './c2s/listener.ts';
import type { Carrier, Service } from './elsewhere.ts';
import { serverEvents } from './events.ts';
import { announceTo } from './features/announcements.ts';
import { features as allFeatures, type Feature } from './features/index.ts';
import { type PresenceReport, reportOf } from './features/presence/report.ts';
import { viewOf } from './features/presence/view.ts';
import type { Host } from './host.ts';
import { defaultLimits, type ServerLimits } from './limits.ts';
import { linkProvider } from './link.ts';
import { starts, stops } from './points.ts';
import { Router } from './router.ts';
import { leave } from './sessions/bind.ts';
import { Users } from './users/users.ts';

export interface ServerOptions {
  /** XMPP domains served; each has accounts of its own. */
  readonly domains: readonly string[];
  readonly registration?: 'open' | 'closed';
  readonly limits?: Partial<ServerLimits>;
  readonly presence?: Partial<PresenceOptions>;
  /** Whoever keeps something made of the password hears of a new one before the change is answered. */
  readonly passwordChanged?: Host['passwordChanged'];
  readonly software?: { readonly name: string; readonly version: string };
  readonly features?: readonly Feature[];
  /** What other parts of the process hang on to the points, per domain: the gateway of other networks, federation. */
  readonly taps?: (host: Host) => readonly Tap[];
  /** What slows password guesses down where they are counted together with those of other doors. */
  readonly signIns?: Throttle;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
}

export interface Server {
  /** By domain. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** For the gateway: one per domain. */
  readonly links: readonly LinkProvider[];
  /** The domain's accounts. Throws when the domain is not served here. */
  accounts(domain: string): Accounts;
  /** Gives a domain beside those with accounts to its owner, until disposed of. Throws RangeError when it is taken. */
  addService(service: Service): Disposable;
  /** Whoever takes stanzas to other servers. Without one, senders are told that there is no such server. */
  federate(carrier: Carrier): void;
  /** Is the domain served here, with accounts or by a service? Nobody outside may speak for it. */
  isOurs(domain: string): boolean;
  /** For services and federation: takes a stanza that has both addresses to whoever owns its address; see Host.route. */
  route(stanza: Stanza): Promise<void>;
  /** … when nobody is to be told that it could not be delivered. */
  broadcast(stanza: Stanza): Promise<void>;
  /** Opens a listener for XMPP clients. Rejects with the system's error when it cannot. */
  listenC2s(options: C2sListenOptions): Promise<C2sListener>;
  /** What the account's sessions are shown of its contacts, and why; undefined when there is no such account. */
  presence(account: Jid): Promise<PresenceReport | undefined>;
  /** The operator has something to say: whoever is there hears it now. */
  announce(): Promise<void>;
  /** Brings back what the Store has of the time before; to be called once, before anybody is let in. */
  start(): Promise<void>;
  /** Stops listening, ends every session and resolves when all that was accepted is stored. */
  shutdown(): Promise<void>;
}

export const createServer = (options: ServerOptions): Server => {
  const { store, clock, random, log, meter, taps } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const features = options.features ?? allFeatures;
  const signIns = options.signIns ?? new Throttle(clock);
  const hosts = new Map<string, Host>();
  const resumables = new ResumableStreams();
  const listeners: C2sListener[] = [];
  const sessionCount = (): number => [...hosts.values()].reduce((sum, host) => sum + host.users.sessionCount, 0);
  const presenceCounts = () => {
    const counts = { pairs: 0, entries: 0, unconfirmed: 0 };
    for (const host of hosts.values()) {
      const { pairs, entries, unconfirmed } = viewOf(host).counts();
      counts.pairs += pairs;
      counts.entries += entries;
      counts.unconfirmed += unconfirmed;
    }
    return counts;
  };
  const events = serverEvents(log, meter, sessionCount, presenceCounts);
  const router = new Router(events);

  for (const name of options.domains) {
    const domain = Jid.from(name);
    const hooks = new Hooks(log);
    const made: { users?: Users; accounts?: Accounts } = {};
    const host: Host = {
      domain,
      store,
      clock,
      random,
      log,
      hooks,
      events,
      limits,
      presence: options.presence ?? {},
      registration: options.registration ?? 'closed',
      software: options.software ?? { name: 'onesoup', version: '' },
      passwordChanged: options.passwordChanged,
      startedAt: clock.mono(),
      signIns,
      get users() {
        made.users ??= new Users(host);
        return made.users;
      },
      get accounts() {
        made.accounts ??= new Accounts(host);
        return made.accounts;
      },
      isLocal: (name) => router.isLocal(name),
      services: () => router.services,
      inUse: (account) => hosts.get(account.slice(account.indexOf('@') + 1))?.users.inUse(account),
      route: (stanza) => router.route(stanza),
      broadcast: (stanza) => router.route(stanza, true),
    };
    for (const feature of features) hooks.use(feature.taps(host));
    if (taps) hooks.use(taps(host));
    router.addHost(host);
    hosts.set(domain.toString(), host);
  }

  return {
    hosts,
    links: [...hosts.values()].map(linkProvider),
    accounts(domain) {
      const host = hosts.get(domain);
      if (!host) throw new RangeError(`not a domain of this server: ${domain}`);
      return host.accounts;
    },
    addService: (service) => router.addService(service),
    federate: (carrier) => router.setCarrier(carrier),
    isOurs: (domain) => router.isOurs(domain),
    route: (stanza) => router.route(stanza),
    broadcast: (stanza) => router.route(stanza, true),
    async listenC2s(listenOptions) {
      const host = hosts.get(listenOptions.domain ?? options.domains[0] ?? '');
      if (!host) throw new RangeError(`not a domain of this server: ${listenOptions.domain}`);
      const listener = await listenC2s(host, resumables, listenOptions);
      listeners.push(listener);
      return listener;
    },
    async presence(account) {
      const host = hosts.get(account.domain);
      if (!host || !(await host.accounts.get(account))) return undefined;
      return reportOf(host, account.bare, viewOf(host).describe(account.bare.toString()));
    },
    async announce() {
      for (const host of hosts.values()) await announceTo(host);
    },
    async start() {
      for (const { hooks } of hosts.values()) for (const work of hooks.gather(starts, [], undefined)) await work();
    },
    async shutdown() {
      // In-process sessions and streams that wait for their clients end with the accounts' turns below; listeners first,
      // so that nobody comes in meanwhile.
      const closing = Promise.all(listeners.map((listener) => listener.close()));
      await Promise.all(
        [...hosts.values()].map(async ({ users, hooks }) => {
          const leaving = users.inMemory.map((user) =>
            user.turns.run(async (turn) => {
              for (const session of [...user.sessions.values()]) await leave(session, 'shutdown', turn);
            }),
          );
          await Promise.allSettled(leaving);
          await closing;
          await users.settled();
          users[Symbol.dispose]();
          for (const work of hooks.gather(stops, [], undefined)) await work();
        }),
      );
    },
  };
};
