// Kannel, or a gateway with its interface: messages go out by a request to its sendsms page each, and come in by requests of
// its to a page of ours, which only the addresses configured may use, and only with the secret.

import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import type { Log } from '../../base/log.ts';
import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { ShortMessage, SmsCarrier, SmsFault } from '../carrier.ts';
import type { Around } from '../create.ts';
import { Incoming } from '../incoming.ts';
import { type SmsMeters, smsMeters } from '../meters.ts';
import { Outgoing, type PartFault } from '../outgoing.ts';
import type { Part } from '../parts.ts';
import type { KannelSettings } from '../settings.ts';
import { type ArrivedRequest, readArrived, secretOf, sendRequest } from './form.ts';

export interface KannelIncomingRequest extends ArrivedRequest {
  readonly remoteAddress: string;
}
/** An HTTP status, and a line for the operator's log: never for the phone, to which Kannel would send it as an answer. */
export interface KannelIncomingAnswer {
  readonly status: 200 | 400 | 403 | 503;
  readonly text: string;
}
export type KannelIncoming = (request: KannelIncomingRequest) => Promise<KannelIncomingAnswer>;

const answerMs = 30_000;
const closeMs = 3000;
const wordsMax = 200;
/** Messages being worked on at a time; more are put off. */
const arrivingMax = 100;

export class KannelCarrier implements SmsCarrier {
  readonly name = 'kannel';
  readonly number: string;
  readonly #settings: KannelSettings;
  readonly #around: Around;
  readonly #log: Log;
  readonly #meters: SmsMeters;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #allowed: BlockList;
  /** There is no connection to look at: as the last request found it. */
  #isUp = true;
  #arriving = 0;
  #isClosed = false;

  constructor(settings: KannelSettings, around: Around) {
    this.#settings = settings;
    this.#around = around;
    this.number = settings.number;
    this.#log = around.log.child({ carrier: 'kannel' });
    this.#meters = smsMeters(
      around.meter,
      this.name,
      () => this.#isUp,
      () => this.#outgoing.underWay,
    );
    this.#incoming = new Incoming(around.clock, this.#log, this.#meters);
    this.#outgoing = new Outgoing({
      ...around,
      perSecond: settings.messagesPerSecond,
      window: settings.window,
      sendPart: (part, from, to) => this.#submit(part, from, to),
    });
    this.#allowed = networks(settings.incomingFrom);
  }

  get isUp(): boolean {
    return this.#isUp && !this.#isClosed;
  }

  onMessage(receive: (message: ShortMessage) => Promise<void>): void {
    this.#incoming.onMessage(receive);
  }

  async send(message: Omit<ShortMessage, 'from'> & { readonly from?: string }): Promise<Outcome<void, SmsFault>> {
    const sent = await this.#outgoing.send({ from: this.number, ...message });
    this.#meters.sent(sent.ok ? 'taken' : sent.fault.reason);
    return sent;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#outgoing.settled(closeMs);
  }

  /** Answers one request of Kannel's. 503: Kannel is to try again. */
  async incoming(request: KannelIncomingRequest): Promise<KannelIncomingAnswer> {
    const remote = request.remoteAddress.replace(/^::ffff:/, '');
    const isKnown = this.#allowed.check(remote, isIPv6(remote) ? 'ipv6' : 'ipv4');
    if (!isKnown || !isSame(secretOf(request), this.#settings.incomingSecret)) {
      this.#log.warn({ remote, isKnownAddress: isKnown }, 'a short message was brought by somebody who may not');
      return { status: 403, text: 'forbidden' };
    }
    const read = readArrived(request);
    if (!read.ok) {
      this.#meters.received('unreadable');
      return { status: 400, text: read.fault };
    }
    if (this.#isClosed || this.#arriving >= arrivingMax) return { status: 503, text: 'try again' };
    this.#arriving++;
    const isTaken = await this.#incoming.arrived(read.value);
    this.#arriving--;
    return isTaken ? { status: 200, text: '' } : { status: 503, text: 'try again' };
  }

  async #submit(part: Part, from: string, to: string): Promise<Outcome<void, PartFault>> {
    const { url, method, headers, body } = sendRequest(this.#settings, part, from, to);
    const giveUp = new AbortController();
    const timer = this.#around.clock.after(answerMs, () => giveUp.abort(new Error('no answer in time')));
    try {
      const answer = await fetch(url, {
        method,
        headers,
        signal: giveUp.signal,
        redirect: 'error',
        ...(body && { body: Buffer.from(body) }),
      });
      const words = (await answer.text()).slice(0, wordsMax);
      this.#isUp = true;
      if (answer.ok) return good(undefined);
      const text = `HTTP ${answer.status} ${words}`;
      // Kannel says 503 when a queue is full, or its SMSC away.
      if (answer.status === 503 || answer.status === 429) return bad({ reason: 'throttled', text });
      return bad({ reason: answer.status >= 500 ? 'down' : 'refused', text });
    } catch (cause) {
      // fetch tells every failure of the network by TypeError, what aborts it by the reason given. The URL holds a secret.
      this.#isUp = false;
      const { message, cause: inner } = cause as Error;
      const text = inner instanceof Error ? inner.message : message;
      this.#log.warn({ why: text }, 'no answer from Kannel');
      return bad({ reason: 'down', text });
    } finally {
      timer[Symbol.dispose]();
    }
  }
}

const networks = (given: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const one of given) {
    const [address = '', bits] = one.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
};

/** Compared in constant time, whatever the lengths. */
const isSame = (one: string, other: string): boolean =>
  timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
