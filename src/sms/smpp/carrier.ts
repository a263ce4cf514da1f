// SMPP 3.4: one connection to an SMSC as transceiver, kept alive, made again when it is lost. (SMPP 3.4 §2.2, §2.8, §4.1, §4.11)

import type { MonoMs } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { ShortMessage, SmsCarrier, SmsFault } from '../carrier.ts';
import type { Around } from '../create.ts';
import { Incoming } from '../incoming.ts';
import { type SmsMeters, smsMeters } from '../meters.ts';
import { Outgoing, type PartFault } from '../outgoing.ts';
import type { Part } from '../parts.ts';
import type { SmppSettings } from '../settings.ts';
import { errorName, errors, type Pdu, type Session, smpp } from './library.ts';
import { readDelivery, submission } from './pdu.ts';

const connectMs = 15_000;
const bindMs = 15_000;
const answerMs = 30_000;
const enquireMs = 10_000;
const closeMs = 3000;
const firstRetryMs = 1000;
const retryMaxMs = 60_000;
/** Messages of the SMSC being worked on at a time; more are put off. */
const arrivingMax = 100;

/** Not now, but soon. */
const passing = new Set([errors.ESME_RTHROTTLED, errors.ESME_RMSGQFUL]);

interface Bond {
  readonly session: Session;
  /** Awaiting answers, to be told that the connection is gone. */
  readonly waiting: Set<(why: string) => void>;
  isBound: boolean;
}

export class SmppCarrier implements SmsCarrier {
  readonly name = 'smpp';
  readonly number: string;
  readonly #settings: SmppSettings;
  readonly #around: Around;
  readonly #log: Log;
  readonly #meters: SmsMeters;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  #bond: Bond | undefined;
  #retry: Disposable | undefined;
  #retryMs = firstRetryMs;
  #arriving = 0;
  #isClosed = false;
  #failure = 'no answer yet';
  /** A connection was tried in vain, or lost. */
  hasFailed = false;

  constructor(settings: SmppSettings, around: Around) {
    this.#settings = settings;
    this.#around = around;
    this.number = settings.number;
    this.#log = around.log.child({ carrier: 'smpp', smsc: `${settings.host}:${settings.port}` });
    this.#meters = smsMeters(
      around.meter,
      this.name,
      () => this.isUp,
      () => this.#outgoing.underWay,
    );
    this.#incoming = new Incoming(around.clock, this.#log, this.#meters);
    this.#outgoing = new Outgoing({
      ...around,
      perSecond: settings.messagesPerSecond,
      window: settings.window,
      sendPart: (part, from, to) => this.#submit(part, from, to),
    });
    this.#connect();
  }

  get isUp(): boolean {
    return this.#bond?.isBound === true;
  }

  /** Why it is not up, for operators. */
  get trouble(): string | undefined {
    return this.isUp ? undefined : this.#failure;
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
    this.#retry?.[Symbol.dispose]();
    await this.#outgoing.settled(closeMs);
    this.#isClosed = true;
    this.#retry?.[Symbol.dispose]();
    const bond = this.#bond;
    if (!bond) return;
    if (bond.isBound) await this.#ask(bond, 'unbind', {}, closeMs);
    const closed = new Promise<void>((resolve) => void bond.session.once('close', () => resolve()));
    this.#lose(bond, 'closed');
    await closed;
  }

  #connect(): void {
    const { host, port, tls, ca } = this.#settings;
    const { clock } = this.#around;
    const session = smpp.connect({
      host,
      port,
      tls,
      ...(tls && { servername: host }),
      ...(ca !== undefined && { ca }),
    });
    const bond: Bond = { session, waiting: new Set(), isBound: false };
    this.#bond = bond;
    const tooLate = clock.after(connectMs, () => this.#lose(bond, `no connection in ${connectMs / 1000} s`));
    session.on('error', (error: Error) => this.#lose(bond, error.message));
    session.on('close', () => this.#lose(bond, 'the connection was closed'));
    session.on('pdu', (pdu: Pdu) => {
      try {
        this.#heard(bond, pdu);
      } catch (cause) {
        // The library finds no answer to what is not SMPP 3.4.
        this.#lose(bond, `${pdu.command}: ${(cause as Error).message}`);
      }
    });
    session.on(tls ? 'secureConnect' : 'connect', () => {
      tooLate[Symbol.dispose]();
      session.socket.setNoDelay(true);
      void this.#bind(bond);
    });
  }

  async #bind(bond: Bond): Promise<void> {
    const { systemId, password, systemType } = this.#settings;
    const login = { system_id: systemId, password, system_type: systemType, interface_version: 0x34 };
    const answer = await this.#ask(bond, 'bind_transceiver', login, bindMs);
    if (!answer.ok) return this.#lose(bond, answer.fault);
    const status = answer.value.command_status;
    if (status !== 0) return this.#lose(bond, `the SMSC refuses us: ${errorName(status)}`);
    bond.isBound = true;
    this.#retryMs = firstRetryMs;
    this.#log.info({}, 'bound to the SMSC');
    this.#enquireLater(bond);
  }

  #enquireLater(bond: Bond): void {
    this.#around.clock.after(this.#settings.enquireLinkS * 1000, async () => {
      if (this.#bond !== bond) return;
      const answer = await this.#ask(bond, 'enquire_link', {}, enquireMs);
      if (answer.ok) this.#enquireLater(bond);
      else this.#lose(bond, `enquire_link: ${answer.fault}`);
    });
  }

  /** The connection is of no more use: what waits on it fails, and the next is made in a while. */
  #lose(bond: Bond, why: string): void {
    if (this.#bond !== bond) return;
    this.#bond = undefined;
    this.#failure = why;
    this.hasFailed = true;
    bond.session.destroy();
    for (const fail of [...bond.waiting]) fail(why);
    if (this.#isClosed) return;
    const { clock, random } = this.#around;
    const inMs = this.#retryMs * (0.5 + random.fraction() / 2);
    this.#retryMs = Math.min(retryMaxMs, 2 * this.#retryMs);
    this.#log.warn({ why, againInMs: Math.round(inMs) }, 'no connection to the SMSC');
    this.#retry = clock.after(inMs, () => this.#connect());
  }

  async #submit(part: Part, from: string, to: string): Promise<Outcome<void, PartFault>> {
    const bond = this.#bond;
    if (!bond?.isBound || this.#isClosed) return bad({ reason: 'down', text: this.#failure });
    const answer = await this.#ask(bond, 'submit_sm', submission(part, from, to), answerMs);
    if (!answer.ok) return bad({ reason: 'down', text: answer.fault });
    const { command_status: status } = answer.value;
    if (status === 0) return good(undefined);
    return bad({ reason: passing.has(status) ? 'throttled' : 'refused', text: errorName(status) });
  }

  /** A request and its answer, or why there is none. */
  #ask(
    bond: Bond,
    command: string,
    parameters: Readonly<Record<string, unknown>>,
    withinMs: MonoMs,
  ): Promise<Outcome<Pdu, string>> {
    return new Promise((resolve) => {
      const done = (outcome: Outcome<Pdu, string>): void => {
        timer[Symbol.dispose]();
        bond.waiting.delete(fail);
        resolve(outcome);
      };
      const fail = (why: string): void => done(bad(why));
      const timer = this.#around.clock.after(withinMs, () => fail('no answer in time'));
      bond.waiting.add(fail);
      const isWritten = bond.session.send(new smpp.PDU(command, parameters), (answer) => done(good(answer)));
      if (!isWritten) fail('the connection is gone');
    });
  }

  #heard(bond: Bond, pdu: Pdu): void {
    if (pdu.isResponse()) return;
    switch (pdu.command) {
      case 'deliver_sm':
      case 'data_sm':
        void this.#arrived(bond, pdu);
        break;
      case 'enquire_link':
        bond.session.send(pdu.response());
        break;
      case 'unbind':
        bond.session.send(pdu.response());
        this.#lose(bond, 'the SMSC unbound');
        break;
      case 'alert_notification':
      case 'outbind':
        break; // Nothing that is answered.
      default:
        bond.session.send(pdu.response({ command_status: errors.ESME_RINVCMDID }));
    }
  }

  async #arrived(bond: Bond, pdu: Pdu): Promise<void> {
    const answer = (command_status = 0): void => void bond.session.send(pdu.response({ command_status }));
    const delivery = readDelivery(pdu);
    if (delivery.kind !== 'message') {
      if (delivery.kind === 'unreadable') this.#log.info({ why: delivery.why }, 'a short message cannot be read');
      this.#meters.received(delivery.kind);
      return answer(); // To have it come again is of no use.
    }
    if (this.#isClosed || this.#arriving >= arrivingMax) return answer(errors.ESME_RX_T_APPN);
    this.#arriving++;
    const isTaken = await this.#incoming.arrived(delivery.part);
    this.#arriving--;
    // To a connection that is gone nothing can be said: the SMSC brings it again.
    if (this.#bond === bond) answer(isTaken ? 0 : errors.ESME_RX_T_APPN);
  }
}
