// The wake-up channel (CIR) of all phones: which methods each gets, and waking it over them. (CSP all versions, "CIR channel")

import type { Meter } from '../../base/meter.ts';
import type { StructureOf } from '../../imps/primitives.ts';
import type { ShortMessage, SmsCarrier } from '../../sms/carrier.ts';
import type { Host } from '../host.ts';
import { hostOf, originOf, type Reached } from '../session/reached.ts';
import type { Session } from '../session/session.ts';
import type { Servable } from './agree.ts';
import { cirCounts } from './counts.ts';
import { type Asked, CirHttp } from './http.ts';
import { type Channel, isMethod, type Method, methods } from './method.ts';
import { numberOf, rememberNumber } from './number.ts';
import { CirSms } from './sms.ts';
import { CirTcp, type Serve } from './tcp.ts';
import { CirUdp, type Datagrams, phonePort } from './udp.ts';
import { Waker } from './waker.ts';

export interface CirOptions {
  readonly host: Host;
  readonly recognise: (sessionId: string) => Session | undefined;
  readonly sessions: () => Iterable<Session>;
  readonly carrier: SmsCarrier | undefined;
  readonly meter: Meter;
  readonly serve?: Serve | undefined;
  readonly datagrams?: Datagrams | undefined;
}

/** Where a ClientCapability-Request came from and what it came to. */
export interface CirAsker {
  readonly remoteAddress: string;
  readonly reached: Reached;
  /** The phone's number, vouched for by a trusted proxy. */
  readonly msisdn: string | undefined;
}

interface Where {
  readonly host: string;
  readonly port: number;
}

export class Cir {
  readonly #options: CirOptions;
  readonly #tcp: CirTcp;
  readonly #udp: CirUdp;
  readonly #http: CirHttp;
  readonly #sms: CirSms | undefined;
  readonly #channels: ReadonlyMap<Method, Channel>;
  readonly #counts: ReturnType<typeof cirCounts>;
  readonly waker: Waker;
  #tcpPort: number | undefined;
  #udpPort: number | undefined;

  constructor(options: CirOptions) {
    const { host, recognise, carrier, meter } = options;
    this.#options = options;
    this.#counts = cirCounts(meter, { connections: () => this.#tcp.size });
    const opened = (method: Method) => (session: Session) => this.waker.opened(session, method);
    this.#tcp = new CirTcp({
      host,
      recognise,
      serve: options.serve,
      opened: opened('STCP'),
      lost: (session) => this.waker.lost(session, 'STCP'),
    });
    this.#udp = new CirUdp({ host, recognise, opened: opened('SUDP'), datagrams: options.datagrams });
    this.#http = new CirHttp({ host, opened: opened('SHTTP') });
    this.#sms =
      carrier &&
      new CirSms({
        host,
        carrier,
        recognise,
        heard: async (session, digits) => {
          await rememberNumber(session, digits);
          session.state.reach = { ...session.state.reach, number: { digits, isProven: true } };
          session.changed();
          this.waker.opened(session, 'SSMS');
        },
      });
    const channels = new Map<Method, Channel>([
      ['STCP', this.#tcp],
      ['SHTTP', this.#http],
      ['SUDP', this.#udp.sudp],
      ['WAPUDP', this.#udp.wapudp],
    ]);
    if (this.#sms) {
      channels.set('SSMS', this.#sms.channel('SSMS'));
      channels.set('WAPSMS', this.#sms.channel('WAPSMS'));
    }
    this.#channels = channels;
    this.waker = new Waker(channels, this.#counts);
  }

  /** Resolves with the port; phones are told of it from now on. Rejects when it is not to be had. */
  async listenTcp(where: Where): Promise<number> {
    this.#tcpPort = await this.#tcp.listen(where);
    return this.#tcpPort;
  }

  async listenUdp(where: Where): Promise<number> {
    this.#udpPort = await this.#udp.listen(where);
    // What waits since before a restart may go now.
    for (const session of this.#options.sessions()) this.waker.waiting(session);
    return this.#udpPort;
  }

  /** A phone asks its URL whether something waits. */
  asked(token: string): Asked {
    return this.#http.asked(token);
  }

  /** A short message to the port of this channel. False when it is none of ours; rejects when it has to come again. */
  receive(message: ShortMessage): Promise<boolean> {
    return this.#sms?.receive(message) ?? Promise.resolve(false);
  }

  /** What could be served to this phone, of what it asks for. Rejects when the store does not answer. */
  async servable(session: Session, asked: StructureOf<'CapabilityList'>, asker: CirAsker): Promise<Servable> {
    const { cir } = session.host.settings;
    const wanted = new Set((asked.SupportedCIRMethod ?? []).filter((one) => isMethod(one) && cir.methods.has(one)));
    const host = (cir.publicHost ?? hostOf(asker.reached.host))?.replace(/^\[|\]$/g, '');
    const reachable = this.#udp.reaches(asker.remoteAddress) && cir.datagramsReach(asker.remoteAddress);
    const servable: { -readonly [Name in keyof Servable]: Servable[Name] } = {};
    if (wanted.has('STCP') && this.#tcpPort !== undefined && host) servable.STCP = { host, port: this.#tcpPort };
    if (wanted.has('SUDP') && this.#udpPort !== undefined && reachable && phonePort(asked.UDPPort) !== undefined)
      servable.SUDP = { host, port: this.#udpPort };
    if (wanted.has('WAPUDP') && reachable) servable.WAPUDP = true;
    const base = cir.publicUrl ?? originOf(asker.reached.host, asker.reached.scheme);
    if (wanted.has('SHTTP') && cir.http && base !== undefined && session.state.version !== '1.1')
      servable.SHTTP = { url: `${base.replace(/\/$/, '')}/cir/${this.#http.tokenOf(session)}` };
    const sms = this.#sms;
    if (sms && (wanted.has('WAPSMS') || wanted.has('SSMS'))) {
      const number = await numberOf(session, asker.msisdn, cir.claimedNumbers);
      if (number) session.state.reach = { ...session.state.reach, number };
      if (number && wanted.has('WAPSMS') && sms.fits(session, 'WAPSMS')) servable.WAPSMS = true;
      // A phone of 1.3 is told where to say HELO, and tells its number by that.
      if ((number || session.state.version === '1.3') && wanted.has('SSMS') && sms.fits(session, 'SSMS'))
        servable.SSMS = { number: sms.number };
    }
    return servable;
  }

  /** The session's capabilities are new. */
  agreed(session: Session): void {
    for (const method of session.state.capabilities.cirMethods) if (isMethod(method)) this.#counts.agreed(method);
    this.waker.agreed(session);
  }

  restored(session: Session): void {
    this.#http.restored(session);
    this.#udp.restored(session);
    this.waker.restored(session);
  }

  /** The session is over. With `isToldWhy` its phone is woken once more, to hear it at its next poll. */
  ended(session: Session, isToldWhy: boolean): void {
    if (isToldWhy) this.waker.farewell(session);
    this.waker.forget(session);
    const { clock } = session.host;
    // A TCP connection is there for a moment longer, for that last wake-up to leave.
    clock.after(2000, () => this.#tcp.forget(session));
    for (const method of methods) if (method !== 'STCP') this.#channels.get(method)?.forget?.(session);
  }

  async close(): Promise<void> {
    for (const session of this.#options.sessions()) this.waker.forget(session);
    await this.#tcp.close();
    await this.#udp.close();
  }
}
