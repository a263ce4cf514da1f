// Federation: takes stanzas to other servers (Carrier, elsewhere.ts) and lets those of other servers in.
//
//   carry ─► link per pair of domains ─► outbox ─► stream ─► the other server
//   the other server ─► door ─► stream ─► server.route
//
// A pair of domains has one link (link.ts); links share streams (streams.ts). What a stream between servers says and proves
// is src/xmpp/s2s; whom we speak with is settings.ts; what is asked in the name of strangers is verify.ts.

import type { Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Meter } from '../../base/meter.ts';
import { networkOf } from '../../base/network.ts';
import { bad, good } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import { Window } from '../../base/window.ts';
import type { FederationStore, MessageUnderWay } from '../../store/store.ts';
import { Dialler, type Net } from '../../xmpp/connect/dial.ts';
import { lookUp } from '../../xmpp/connect/look-up.ts';
import { CachedResolver, type Resolver } from '../../xmpp/connect/resolver.ts';
import { toAsciiDomain } from '../../xmpp/idna.ts';
import { dialbackKeys } from '../../xmpp/s2s/dialback-key.ts';
import type {
  AcceptS2s,
  KeyRequest,
  KeyVerdict,
  OpenS2s,
  Pair,
  Proof,
  S2sEnd,
  S2sLimits,
  S2sResumables,
} from '../../xmpp/s2s/s2s.ts';
import type { Stanza, StanzaCondition } from '../../xmpp/stanza.ts';
import { stanzaFromText } from '../../xmpp/stanza-text.ts';
import type { Carrier } from '../elsewhere.ts';
import { giveBackMessage } from '../messages/deliver.ts';
import { remoteReach } from '../points.ts';
import type { Server } from '../server.ts';
import { federationEvents } from './events.ts';
import { isAnswered } from './fates.ts';
import { familyOf, Gate } from './gate.ts';
import { Link, type LinkSurroundings } from './link.ts';
import { defaultRules } from './link-machine.ts';
import { Door, listenTcp } from './listener.ts';
import { Budget, type Entry } from './outbox.ts';
import { Peers, type Seal } from './peers.ts';
import { type FederationReport, federationReport } from './report.ts';
import { defaultSettings, type FederationSettings, policyOf, refusalOf } from './settings.ts';
import { pairKey, type StreamRecord, Streams } from './streams.ts';
import { UnderWay } from './under-way.ts';
import { Verifier } from './verify.ts';

export interface FederationOptions {
  readonly server: Pick<Server, 'hosts' | 'isOurs' | 'route'>;
  readonly store: FederationStore;
  readonly settings?: Partial<FederationSettings>;
  /** Our certificate, for all our domains, and the authorities to trust (`s2sTlsContext`). Undefined: no TLS. */
  readonly secureContext: SecureContext | undefined;
  /** Keep it as long as the domains (XEP-0185). */
  readonly dialbackSecret: Uint8Array;
  readonly seal?: Seal;
  readonly resolver: Resolver;
  readonly net: Net;
  readonly openS2s: OpenS2s;
  readonly acceptS2s: AcceptS2s;
  readonly resumables: S2sResumables | undefined;
  /** For tests. */
  readonly limits?: Partial<S2sLimits>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
}

export interface Federation {
  readonly carrier: Carrier;
  /** For operators and tests. */
  readonly links: ReadonlyMap<string, Link>;
  readonly streams: ReadonlySet<StreamRecord>;
  readonly settings: FederationSettings;
  /** For operators; `remote`: of that domain only. */
  report(remote?: string): FederationReport;
  /** Reads what an earlier run left. To be called before anything is carried: what is carried is kept in the same place. */
  load(): Promise<void>;
  /** Sends what an earlier run left, and makes the links that are to be kept open. */
  start(): Promise<void>;
  /** Resolves with the port. Rejects with the system's error. */
  listen(where: { readonly host?: string; readonly port: number; readonly isDirectTls: boolean }): Promise<number>;
  /** Takes over a connection from `address`. */
  accept(socket: Duplex, address: string, isDirectTls: boolean): void;
  /** Closes every stream; messages that have not arrived stay in the Store. */
  stop(): Promise<void>;
}

/** In all, and of one family of domains, which otherwise could keep everybody else out. */
const [linksMax, familyLinksMax] = [20_000, 2_000];
const [dialsMax, familyDialsMax] = [500, 50];
const pingsMax = 10_000;
/** Keys being verified for strangers from one network. */
const networkKeysMax = 25;
/** Look-ups and streams for verification that strangers may set off, in all and for one domain. */
const [announcedPerSecond, announcedPerDomainMs] = [20, 5_000];
/** Streams to servers agreed on beforehand are made over links where that takes long. */
const peerAuthMs = 180_000;

export const createFederation = (options: FederationOptions): Federation => {
  const { server, clock, random, log, net } = options;
  const settings: FederationSettings = { ...defaultSettings, ...options.settings };
  const budget = new Budget(settings.allLinksMax);
  const links = new Map<string, Link>();
  const byNumber = new Map<number, Link>();
  const pings = new Map<string, { readonly link: Link; readonly answered: () => void }>();
  const keys = dialbackKeys(options.dialbackSecret);
  const resolver = new CachedResolver(options.resolver, clock);
  const gate = new Gate(dialsMax, familyDialsMax);
  const familyLinks = new Map<string, number>();
  const networkKeys = new Map<string, number>();
  const door = new Door(settings, (reason, address) => events.refused(reason, { address }));
  const sockets = new Map<StreamRecord, Duplex>();
  const listeners: TcpServer[] = [];
  let linkCount = 0;
  let isStopped = false;

  const events = federationEvents(log, options.meter, clock, {
    streams: (direction, isAuthenticated) => {
      if (direction === 'in' && !isAuthenticated) return door.strangers;
      let count = 0;
      for (const record of streams.all) if (record.direction === direction && record.proofs.size > 0) count++;
      return count;
    },
    waiting: () => budget.stanzas,
    waitingChars: () => budget.chars,
  });
  const underWay = new UnderWay(options.store, events.storeFailed);
  const peers = new Peers({
    store: options.store,
    seal: options.seal,
    wall: () => clock.wall(),
    failed: (cause) => events.failed(cause, 'what is known of other servers is not kept'),
  });

  // ---- streams --------------------------------------------------------------------------------------------------------

  const limitsFor = (remote?: string): Partial<S2sLimits> => {
    const peer = remote === undefined ? undefined : settings.peers.get(remote);
    return {
      xml: { bytesMax: settings.stanzaBytesMax },
      elementsPerSecond: settings.stanzasPerSecond,
      burstElements: 10 * settings.stanzasPerSecond,
      ...(peer && { authMs: peerAuthMs }),
      ...(peer?.keepAliveMs !== undefined && { keepaliveMs: peer.keepAliveMs }),
      ...options.limits,
    };
  };

  /** What another server may ask of us, whoever connected. */
  const theirSide = {
    isOurs: (domain: string) => server.isOurs(domain),
    policyFor(remote: string) {
      const refusal = refusalOf(remote, settings);
      if (refusal !== undefined) events.refused('policy', { remote, text: refusal });
      return refusal ?? policyOf(remote, settings);
    },
    verifyKey: (request: KeyRequest) => verifier.verify(request),
    isOurKey: (request: KeyRequest) => keys.isOurs(request),
  };

  const streams = new Streams({
    clock,
    idleMs: settings.idleMs,
    async dialler(remote) {
      const [found] = await Promise.all([
        lookUp(remote, {
          resolver,
          clock,
          fraction: () => random.fraction(),
          route: settings.routes.get(remote),
          allowsOwnMachine: settings.allowsOwnMachine,
        }),
        peers.get(remote),
      ]);
      return found.ok ? good(new Dialler(found.value, { net, clock })) : bad(found.fault);
    },
    open: ({ socket, endpoint }, pair, { purpose, resume, listener }) =>
      options.openS2s(socket, {
        pair,
        isDirectTls: endpoint.isDirectTls,
        policy: policyOf(pair.remote, settings),
        secureContext: options.secureContext,
        hints: peers.known(pair.remote)?.hints,
        dialbackKey: (of, streamId) => keys.key(of, streamId),
        usesBidi: settings.peers.get(pair.remote)?.usesBidi ?? true,
        bidi: theirSide,
        usesManagement: true,
        isForVerification: purpose === 'verify',
        resume,
        limits: limitsFor(pair.remote),
        clock,
        random,
        log: events.logAbout(family(pair.remote)),
        listener,
      }),
    ledNowhere: (remote) => {
      const name = toAsciiDomain(remote);
      for (const one of [name, `_xmpp-server._tcp.${name}`, `_xmpps-server._tcp.${name}`]) resolver.forget(one);
    },
    received: (_record, stanza) => receive(stanza),
    authenticated: (record, pair, proof) => authenticated(record, pair, proof),
    learnt: (remote, hints) => void peers.learnt(remote, hints),
    user: (number) => byNumber.get(number),
    dialled: (remote, outcome) => events.dialled(remote, outcome),
    ended: (record, end) => ended(record, end),
    detached: (record) =>
      void clock.after(defaultRules.detachedMs, () => record.isDetached && !record.hasEnded && missed(record)),
    resumed(record) {
      record.isMissed = false;
      events.resumed(record);
    },
  });
  const verifier = new Verifier(streams, clock);

  const authenticated = (record: StreamRecord, pair: Pair, proof: Proof): void => {
    events.authenticated(record, pair, proof);
    const socket = sockets.get(record);
    if (socket) door.known(socket);
    if (record.direction === 'in') void peers.proved(pair.remote, proof);
    const carries = record.carries(pair);
    const link = carries ? linkFor(pair) : links.get(pairKey(pair));
    // Whoever comes anew instead of resuming has forgotten the stream before.
    const before = link?.record;
    if (record.direction === 'in' && before && before !== record && before.direction === 'in' && before.isDetached) {
      before.abandon({ text: 'the other server came anew', condition: 'remote-server-timeout' });
      void before.stream.close();
    }
    link?.heard();
    if (carries) link?.offered(record);
  };

  const ended = (record: StreamRecord, end: S2sEnd): void => {
    const socket = sockets.get(record);
    // Whoever resumes has shown who he is.
    if (socket && end.reason === 'resumed') door.known(socket);
    sockets.delete(record);
    events.ended(record, end);
    if (record.direction === 'in' && (end.reason === 'lost' || end.reason === 'overrun')) missed(record);
  };

  /** A stream of theirs is gone: are they? */
  const missed = (record: StreamRecord): void => {
    if (isStopped || record.isMissed) return;
    record.isMissed = true;
    for (const key of record.proofs.keys()) {
      const [local = '', remote = ''] = key.split(' ');
      const isThereAnother = [...streams.of(remote)].some(
        (other) => other !== record && other.isLive && other.direction === 'in' && other.proofs.has(key),
      );
      const link = isThereAnother ? undefined : linkFor({ local, remote });
      // Who sent over it hears of it in any case.
      if (link && link.record !== record)
        link.incomingLost({ text: 'their stream to us broke off', condition: 'remote-server-timeout' });
    }
  };

  const receive = (stanza: Stanza): void | Promise<void> => {
    const { from, to } = stanza;
    // The stream has seen to it; a mistake there must not let a stranger speak for us.
    if (!from || !to || !server.isOurs(to.domain) || server.isOurs(from.domain)) {
      events.refused('stray-stanza', { from: from?.domain, to: to?.domain });
      return;
    }
    events.received(stanza);
    links.get(pairKey({ local: to.domain, remote: from.domain }))?.heard();
    if (stanza.kind === 'iq' && stanza.id !== undefined && (stanza.type === 'result' || stanza.type === 'error')) {
      const ping = pings.get(stanza.id);
      if (ping && ping.link.pair.remote === from.domain && ping.link.pair.local === to.domain) {
        pings.delete(stanza.id);
        ping.answered();
        return;
      }
    }
    return server.route(stanza);
  };

  // ---- links ----------------------------------------------------------------------------------------------------------

  const around: LinkSurroundings = {
    clock,
    random,
    obtain: (link, way) => gate.run(family(link.pair.remote), () => streams.obtain(link.pair, way)),
    release: (record, link) => streams.release(record, link),
    store(pair, stanza, receivedAt) {
      events.stored();
      return underWay.add(pair, stanza, receivedAt);
    },
    unstore: (seq) => underWay.remove(seq),
    giveBack,
    reach(pair, isReachable, fault) {
      const fields = { ...pair, isReachable, fault: isReachable ? undefined : fault?.text };
      events.logAbout(family(pair.remote)).info(fields, 'another server');
      server.hosts.get(pair.local)?.hooks.tell(remoteReach, { domain: pair.remote, isReachable });
    },
    failed: (link, fault) => events.linkFailed(link.pair, fault),
    expectPong(link, id, answered) {
      pings.set(id, { link, answered });
      for (const oldest of pings.keys()) {
        if (pings.size <= pingsMax) break;
        pings.delete(oldest);
      }
    },
    storeFailed: events.storeFailed,
    idle(link) {
      // One that was lost is remembered, so that it can be told when it is back.
      if (link.state.isLost || link.rules.isKeptOpen) return;
      if (links.get(pairKey(link.pair)) === link && link.state.failures === 0) forget(link);
    },
    sent: ({ stanza, chars }) => events.sent(stanza, chars),
  };

  /** Those known beforehand stand for themselves. */
  const family = (remote: string): string =>
    settings.peers.has(remote) || settings.routes.has(remote) ? remote : familyOf(remote);

  const forget = (link: Link): void => {
    if (!links.delete(pairKey(link.pair))) return;
    count(familyLinks, family(link.pair.remote), -1);
    byNumber.delete(link.number);
    for (const [id, ping] of pings) if (ping.link === link) pings.delete(id);
  };

  function linkFor(pair: Pair): Link | undefined {
    const there = links.get(pairKey(pair));
    if (there) return there;
    const kin = family(pair.remote);
    const isFamilyFull = (familyLinks.get(kin) ?? 0) >= familyLinksMax;
    if (isFamilyFull || links.size >= linksMax) {
      const idle = [...links.values()].find(
        ({ pair: { remote }, state, outbox }) =>
          state.phase.name === 'idle' && outbox.size === 0 && (!isFamilyFull || family(remote) === kin),
      );
      if (!idle) return undefined;
      forget(idle);
    }
    count(familyLinks, kin, 1);
    const peer = settings.peers.get(pair.remote);
    const isKeptOpen = peer?.isKeptOpen ?? false;
    const queueMs = peer?.queueMs ?? settings.queueMs;
    const link = new Link(pair, ++linkCount, {
      rules: {
        ...defaultRules,
        isKeptOpen,
        idleMs: settings.idleMs,
        ...(isKeptOpen && { lastRetryMs: 60_000 }),
      },
      times: { queueMs, requestMs: peer?.queueMs === undefined ? settings.requestMs : Math.min(queueMs, 300_000) },
      max: settings.linkMax,
      budget,
      around,
    });
    links.set(pairKey(pair), link);
    byNumber.set(link.number, link);
    return link;
  }

  async function giveBack({ stanza, isBroadcast, fate }: Entry, condition: StanzaCondition): Promise<void> {
    const host = stanza.kind === 'message' && fate === 'kept' ? server.hosts.get(stanza.from?.domain ?? '') : undefined;
    if (!host || !stanza.from || !isAnswered(stanza, isBroadcast)) return answer(stanza, isBroadcast, condition);
    events.bounced(condition);
    try {
      await host.users.turn(stanza.from, async (user, turn) => {
        if (user) giveBackMessage(user, stanza.error(condition), turn);
      });
    } catch (cause) {
      events.failed(cause, 'a sender could not be told that there is no way to another server');
    }
  }

  const answer = async (stanza: Stanza, isBroadcast: boolean, condition: StanzaCondition): Promise<void> => {
    if (!isAnswered(stanza, isBroadcast)) return events.dropped(stanza);
    events.bounced(condition);
    try {
      await server.route(stanza.error(condition));
    } catch (cause) {
      events.failed(cause, 'a sender could not be told that there is no way to another server');
    }
  };

  const carrier: Carrier = {
    async carry(stanza, isBroadcast) {
      const { from, to } = stanza;
      if (!from || !to) throw new TypeError('a stanza for another server has both addresses');
      if (!server.isOurs(from.domain)) return events.dropped(stanza);
      const refusal = refusalOf(to.domain, settings);
      if (refusal !== undefined) {
        events.refused('policy', { remote: to.domain, text: refusal });
        return answer(stanza, isBroadcast, 'not-allowed');
      }
      const link = linkFor({ local: from.domain, remote: to.domain });
      return link ? link.carry(stanza, isBroadcast) : answer(stanza, isBroadcast, 'resource-constraint');
    },
  };

  // ---- the door -------------------------------------------------------------------------------------------------------

  const announcedByAll = new Window(clock, announcedPerSecond, 1_000);
  const announcedByDomain = new Window(clock, 1, announcedPerDomainMs);

  /** Somebody says to be from there: time to find out where that is, beside what he does next. */
  const announced = async (pair: Pair): Promise<void> => {
    const { remote } = pair;
    if (isStopped || refusalOf(remote, settings) !== undefined || server.isOurs(remote)) return;
    if (!announcedByDomain.admits(remote) || !announcedByAll.admits('')) return;
    const { proof } = await peers.get(remote);
    if (proof === 'dialback' && policyOf(remote, settings).allowsDialback) verifier.prepare({ pair });
    else if (!settings.routes.has(remote))
      await lookUp(remote, { resolver, clock, fraction: () => random.fraction(), allowsOwnMachine: true });
  };

  const verifyFor = async (network: string, request: KeyRequest): Promise<KeyVerdict> => {
    if ((networkKeys.get(network) ?? 0) >= networkKeysMax)
      return { verdict: 'error', condition: 'resource-constraint' };
    count(networkKeys, network, 1);
    try {
      return await verifier.verify(request);
    } finally {
      count(networkKeys, network, -1);
    }
  };

  const accept = (socket: Duplex, address: string, isDirectTls: boolean): void => {
    if (isStopped || !door.admit(socket, address)) {
      socket.destroy();
      return;
    }
    options.acceptS2s(socket, {
      isDirectTls,
      ...theirSide,
      verifyKey: (request) => verifyFor(networkOf(address), request),
      dialbackKey: (of, streamId) => keys.key(of, streamId),
      secureContextFor: () => options.secureContext,
      offersBidi: true,
      resumables: options.resumables,
      announced: (pair) =>
        void announced(pair).catch((cause: unknown) => events.failed(cause, 'a server could not be prepared for')),
      limits: limitsFor(),
      clock,
      random,
      log: events.logAbout(networkOf(address)),
      listener: (stream) => {
        const { record, listener } = streams.incoming(stream);
        sockets.set(record, socket);
        return listener;
      },
    });
  };

  let loading: Promise<void> | undefined;
  const load = (): Promise<void> => {
    loading ??= (async () => {
      for await (const message of underWay.all()) await restore(message);
    })();
    return loading;
  };

  /** Puts a message of an earlier run where it was. */
  const restore = async ({ seq, local, remote, stanza, receivedAt }: MessageUnderWay): Promise<void> => {
    let read: Stanza;
    try {
      read = stanzaFromText(stanza);
    } catch (cause) {
      // It stays where it is, for people to look at.
      events.failed(cause, 'a stored message for another server cannot be read');
      return;
    }
    if (server.isOurs(remote)) {
      // The domain has moved here meanwhile.
      await server.route(read);
      underWay.remove(seq);
    } else if (!server.isOurs(local) || refusalOf(remote, settings) !== undefined) {
      // It was decided otherwise since.
      await answer(read, false, 'not-allowed');
      underWay.remove(seq);
    } else linkFor({ local, remote })?.restoreStored(read, seq, receivedAt);
  };

  return {
    carrier,
    links,
    get streams() {
      return streams.all;
    },
    settings,
    report: (remote) => federationReport(links.values(), streams.all, door.strangers, clock, remote),
    accept,
    load,
    async start() {
      await load();
      for (const link of links.values()) link.wake();
      for (const [remote, { isKeptOpen }] of settings.peers)
        if (isKeptOpen && refusalOf(remote, settings) === undefined)
          for (const local of server.hosts.keys()) linkFor({ local, remote })?.wake();
    },
    async listen({ host, port, isDirectTls }) {
      const listening = await listenTcp({ port, ...(host !== undefined && { host }) }, (socket) =>
        accept(socket, socket.remoteAddress ?? '', isDirectTls),
      );
      listening.on('error', (cause) => events.failed(cause, 'the listener for other servers failed'));
      listeners.push(listening);
      const bound = listening.address();
      return typeof bound === 'object' && bound ? bound.port : port;
    },
    async stop() {
      isStopped = true;
      const closed = listeners.map((listening) => new Promise<void>((resolve) => listening.close(() => resolve())));
      for (const link of links.values()) link.stop();
      await streams.close({ condition: 'system-shutdown' });
      for (const socket of sockets.values()) socket.destroy();
      await Promise.all([...links.values()].map((link) => link.storeAll()));
      await Promise.all([underWay.settled(), peers.settled(), ...closed]);
    },
  };
};

/** Counts that are zero are not kept. */
const count = (counts: Map<string, number>, key: string, by: 1 | -1): void => {
  const left = (counts.get(key) ?? 0) + by;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
};
