// The gateway: what the web part calls for a phone's POST, the CIR listeners, and the life of its sessions. This page names
// every part and hands each its collaborators.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Meter, silentMeter } from '../base/meter.ts';
import type { Random } from '../base/random.ts';
import { Throttle } from '../base/throttle.ts';
import type { ShortMessage, SmsCarrier } from '../sms/carrier.ts';
import type { Store } from '../store/store.ts';
import type { LinkProvider } from '../xmpp/link.ts';
import { Cir } from './cir/cir.ts';
import type { Asked } from './cir/http.ts';
import type { Serve } from './cir/tcp.ts';
import type { Datagrams } from './cir/udp.ts';
import type { Standing } from './cir/waker.ts';
import { eventsOver } from './events.ts';
import { type Host, registryOf } from './host.ts';
import { type HttpAnswer, HttpChannel, type HttpRequest } from './http-channel.ts';
import type { Service } from './service.ts';
import type { Contents } from './services/content/contents.ts';
import { EndedSessions } from './session/ended.ts';
import { inherit } from './session/load.ts';
import { recognise } from './session/recognise.ts';
import { restoreSessions } from './session/restore.ts';
import type { Session, SessionEnd } from './session/session.ts';
import { isSessionId } from './session/session-id.ts';
import { Sessions } from './session/sessions.ts';
import { defaultSettings, type GatewaySettings } from './settings.ts';
import { SignIns } from './sign-in/sign-in.ts';
import { isOnSms } from './sms/reach.ts';
import { Sms } from './sms/sms.ts';
import { sweep } from './transactions/sweep.ts';
import type { Vault } from './vault.ts';
import { within } from './within.ts';

export interface GatewayOptions {
  readonly settings: Partial<Omit<GatewaySettings, 'domain'>> & Pick<GatewaySettings, 'domain'>;
  /** One per XMPP domain whose users may sign in: our own server's and the backends'. */
  readonly providers: readonly LinkProvider[];
  readonly services: readonly Service[];
  readonly store: Store;
  readonly vault: Vault;
  /** What slows password guesses down where they are counted together with those of other doors. */
  readonly throttle?: Throttle;
  /** Undefined: nothing goes by short message. */
  readonly sms?: SmsCarrier | undefined;
  /** Undefined: contents of messages are neither fetched nor uploaded. */
  readonly contents?: Contents | undefined;
  /** Instead of a listener on a port of this machine. */
  readonly cirServer?: Serve | undefined;
  readonly cirDatagrams?: Datagrams | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter?: Meter;
}

/** A session as operators see it. */
export interface SessionOverview {
  readonly user: string;
  readonly client: string;
  readonly version: string;
  readonly userAgent: string;
  readonly remoteAddress: string;
  /** Wall-clock ms. */
  readonly lastHeardAt: number;
  readonly waiting: number;
  /** The wake-up channels that were agreed. */
  readonly channels: readonly Standing[];
  /** It is on short messages: what waits is sent to it. */
  readonly isOnSms?: boolean;
  readonly hasLink: boolean;
}

export interface Gateway {
  /** Answers one POST of a phone. Never rejects. */
  handle(request: HttpRequest): Promise<HttpAnswer>;
  /** Opens the CIR channel and tells phones of it from now on. Resolves with the port; rejects when it is not to be had. */
  listenCirTcp(where: { readonly host: string; readonly port: number }): Promise<number>;
  listenCirUdp(where: { readonly host: string; readonly port: number }): Promise<number>;
  /** A phone asks, at the URL it was given, whether something waits (SHTTP). `token`: the last part of its path. */
  cirAsked(token: string): Asked;
  /** A short message for the wake-up channel: false when it is none. Rejects when it has to be delivered again. */
  cirMessage(message: ShortMessage): Promise<boolean>;
  /** Takes the sessions of before the last shutdown up again; call it before the first request, and before listening. */
  start(): Promise<void>;
  /** Stores everything and lets go of the phones, whose sessions go on after the next start. */
  shutdown(): Promise<void>;
  sessions(): readonly SessionOverview[];
  /** The operator has something to say, or has taken it back: phones that are signed in hear it now. */
  announced(): void;
  /** Signs the phones of an account out; they hear 601 and `text`. Returns how many there were. `user`: a bare JID. */
  signOut(of: { readonly user: string; readonly client?: string | undefined }, text: string): number;
}

/** Retransmissions are answered for this long: Android's TransactionIDs come round again later. */
const answersKeptMs = 5 * 60_000;
const originsKeptMs = 24 * 60 * 60_000;
const tidyEveryMs = 60_000;
const suspendMs = 5000;

export const createGateway = (options: GatewayOptions): Gateway => {
  const { store, clock, log } = options;
  const meter = options.meter ?? silentMeter;
  const settings: GatewaySettings = { ...defaultSettings, ...options.settings };

  const sessions = new Sessions();
  const ended = new EndedSessions(clock);
  const host: Host = {
    settings,
    store,
    vault: options.vault,
    throttle: options.throttle ?? new Throttle(clock),
    clock,
    random: options.random,
    log,
    events: eventsOver(meter, log, { sessions: () => sessions.size }),
    ...registryOf(options.services),
    contents: options.contents,
    providers: new Map(options.providers.map((provider) => [provider.domain, provider])),
    wake: (session, when) => {
      if (sms && isOnSms(session)) sms.wake(session, when);
      else if (when === 'now') cir.waker.waiting(session);
      else cir.waker.told(session);
    },
    heard: (session, isPoll) => cir.waker.heard(session, isPoll),
    served: (session) => cir.waker.served(session),
    // What waits for a phone on short messages is sent to it: it needs no waking.
    hasWakeUp: (session) => isOnSms(session) || cir.waker.hasChannel(session),
    servable: async (session, asked, asker) => (isOnSms(session) ? {} : cir.servable(session, asked, asker)),
    agreed: (session) => cir.agreed(session),
    ended: (session, end) => void letGo(session, end),
    siblings: (session) => sessions.of(session.account).filter((other) => other !== session && !other.isEnded),
  };
  const cir = new Cir({
    host,
    recognise: (sessionId) => {
      const session = isSessionId(sessionId) ? recognise(sessions, sessionId) : undefined;
      // A phone that comes back after a restart gets its Link again, so that its messages can reach it.
      void session?.link.ensure();
      return session;
    },
    sessions: () => sessions.all(),
    carrier: options.sms,
    meter,
    serve: options.cirServer,
    datagrams: options.cirDatagrams,
  });
  const signIns = new SignIns(host, sessions);
  const channel = new HttpChannel({ host, sessions, ended, signIns });
  const sms =
    options.sms && settings.sms
      ? new Sms({
          host,
          carrier: options.sms,
          settings: settings.sms,
          handle: (request) => channel.handle(request),
          sessions: () => sessions.all(),
          meter,
        })
      : undefined;
  /** Rejects when it has to be brought again. */
  const received = async (message: ShortMessage): Promise<void> => {
    if (isClosing) throw new Error('shutting down');
    if ((await sms?.receive(message)) || (await cir.receive(message))) return;
    log.info({ ports: message.ports }, 'a short message that is for nobody');
  };

  /** A session has ended: it is forgotten here, in the store and at the server. */
  const letGo = async (session: Session, end: SessionEnd): Promise<void> => {
    // Its phone hears of it when it polls, so a last wake-up is due before the channel closes.
    cir.ended(session, end.how === 'disconnected' && !isOnSms(session));
    sms?.ended(session, end.how === 'disconnected' ? { text: end.text } : undefined);
    sessions.remove(session);
    ended.add(session.key, end);
    try {
      await session.commits.take(async () => {
        // A replaced session leaves the store together with the coming of the new one.
        if (end.how !== 'replaced') await session.forget();
      });
    } catch (cause) {
      host.events.failed(session.log, 'store', cause, 'an ended session is still in the store');
    }
    await session.link.close();
    // Heard last: that is where the user is. (What a replaced session leaves is its phone's, and goes to the new one.)
    const heir = end.how === 'replaced' ? undefined : sessions.of(session.account).at(-1);
    if (!heir) return;
    await inherit(heir, sessions).catch((cause: unknown) =>
      host.events.failed(heir.log, 'store', cause, 'what an ended session left behind could not be read'),
    );
  };

  let tidying: Disposable | undefined;
  let isClosing = false;
  /** Once a minute, one run at a time: what has expired goes. */
  const tidyLater = (): void => {
    if (!isClosing) tidying = clock.after(tidyEveryMs, () => void tidy().then(tidyLater));
  };
  const tidy = async (): Promise<void> => {
    try {
      for (const session of [...sessions.all()])
        await session.turns.take(async () => {
          if (!session.isEnded) await sweep(session);
        });
      await store.csp.forgetAnswers(clock.wall() - answersKeptMs);
      await store.csp.forgetOrigins(clock.wall() - originsKeptMs);
    } catch (cause) {
      host.events.failed(log, 'store', cause, 'tidying up failed');
    }
  };

  return {
    handle: (request) => channel.handle(request),
    listenCirTcp: (where) => cir.listenTcp(where),
    listenCirUdp: (where) => cir.listenUdp(where),
    cirAsked: (token) => cir.asked(token),
    cirMessage: (message) => cir.receive(message),
    async start() {
      await signIns.recall();
      await restoreSessions(host, sessions);
      for (const session of sessions.all()) {
        cir.restored(session);
        sms?.restored(session);
      }
      options.sms?.onMessage(received);
      tidyLater();
    },
    async shutdown() {
      isClosing = true;
      tidying?.[Symbol.dispose]();
      channel.close();
      for (const session of sessions.all()) {
        cir.waker.forget(session);
        sms?.forget(session);
      }
      // A request that hangs on somebody else's server does not hold up the end: it was not answered yet.
      await within(clock, suspendMs, Promise.allSettled([...sessions.all()].map((session) => session.suspend())));
      await cir.close();
    },
    sessions: () =>
      [...sessions.all()].map((session) => ({
        user: session.account,
        client: session.client,
        version: session.state.version,
        userAgent: session.state.userAgent,
        remoteAddress: session.remoteAddress,
        lastHeardAt: session.lastHeardAt,
        waiting: session.queue.size,
        channels: cir.waker.standing(session),
        isOnSms: isOnSms(session),
        hasLink: session.link.current !== undefined,
      })),
    announced() {
      for (const session of sessions.all()) session.hear({ what: 'announcements' });
    },
    signOut({ user, client }, text) {
      const found = sessions.of(user).filter((session) => client === undefined || session.client === client);
      for (const session of found) session.end({ how: 'disconnected', text });
      return found.length;
    },
  };
};
