// Wake-ups by short message. WAPSMS: a WAP push to port 2948. SSMS: the words themselves, packed as GSM 7-bit in a data message
// to the port the phone listens on; `HELO <SessionID>` from the phone tells its number. Every one costs money and may go to
// somebody else's phone, hence the bounds. (CSP all versions, "CIR channel")

import { Window } from '../../base/window.ts';
import type { ShortMessage, SmsCarrier } from '../../sms/carrier.ts';
import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from '../../sms/gsm7.ts';
import type { Host } from '../host.ts';
import type { Session } from '../session/session.ts';
import { understand } from './lines.ts';
import type { Channel } from './method.ts';
import { digitsOf } from './number.ts';
import { wakeUpText } from './wake-up.ts';
import { pushPort, pushSourcePort, writeWspPush } from './wsp-push.ts';

/** COMPAT: where Android's IMPS plug-in listens, and where it sends HELO to. (Shown by cir/sms.test.ts) */
export const smsPort = 3716;

/** Octets of one message with the header that names the ports: longer wake-ups would be cut and cost twice. */
const octetsMax = 140 - 7;

const hourMs = 60 * 60_000;
/** Wake-ups to a number that was only claimed: per number and per account, in a day. */
const claimedPerDay = 5;

export interface CirSmsOptions {
  readonly host: Host;
  readonly carrier: SmsCarrier;
  readonly recognise: (sessionId: string) => Session | undefined;
  /** HELO was heard: it is the phone's number. */
  readonly heard: (session: Session, digits: string) => Promise<void>;
}

type SmsMethod = 'WAPSMS' | 'SSMS';

export class CirSms {
  readonly #options: CirSmsOptions;
  readonly #perNumber: Window;
  readonly #perDay: Window;
  readonly #claimed: Window;
  #transaction = 0;

  constructor(options: CirSmsOptions) {
    const { clock, settings } = options.host;
    this.#options = options;
    this.#perNumber = new Window(clock, settings.cir.smsPerNumberPerHour, hourMs);
    this.#perDay = new Window(clock, settings.cir.smsPerDay, 24 * hourMs);
    this.#claimed = new Window(clock, claimedPerDay, 24 * hourMs);
  }

  get number(): string {
    return this.#options.carrier.number;
  }

  /** Whether its wake-up fits into one message. */
  fits(session: Session, method: SmsMethod): boolean {
    const octets = this.#write(session, method);
    return octets !== undefined && octets.length <= octetsMax;
  }

  channel(method: SmsMethod): Channel {
    return {
      canReach: (session) => {
        const number = session.state.reach?.number;
        return (
          this.#options.carrier.isUp &&
          number !== undefined &&
          session.state.capabilities.cirMethods.includes(method) &&
          !this.#perNumber.isFull(number.digits) &&
          !this.#perDay.isFull('') &&
          (number.isProven || !(this.#claimed.isFull(number.digits) || this.#claimed.isFull(session.account)))
        );
      },
      wake: (session, sent, unsent) => void this.#send(session, method, sent, unsent),
    };
  }

  /**
   * A message that came in: HELO from a phone. False when it is not for us. Rejects when what it tells could not be stored:
   * then it is to be delivered again.
   */
  async receive(message: ShortMessage): Promise<boolean> {
    const said = understand(textOf(message));
    if (said.kind !== 'helo') return false;
    const digits = digitsOf(message.from);
    const session = this.#options.recognise(said.sessionId);
    if (session && digits !== undefined) await this.#options.heard(session, digits);
    else this.#options.host.log.info({}, 'HELO by short message, of no session');
    return true;
  }

  async #send(session: Session, method: SmsMethod, sent: () => void, unsent: (why: string) => void): Promise<void> {
    const number = session.state.reach?.number;
    const octets = this.#write(session, method);
    if (!number || !octets) return unsent('unreachable');
    const { digits, isProven } = number;
    const isAllowed =
      this.#perNumber.admits(digits) &&
      this.#perDay.admits('') &&
      (isProven || (this.#claimed.admits(digits) && this.#claimed.admits(session.account)));
    if (!isAllowed) return unsent('limit');
    const ports =
      method === 'WAPSMS'
        ? { destination: pushPort, source: pushSourcePort }
        : { destination: smsPort, source: smsPort };
    const done = await this.#options.carrier.send({ to: digits, ports, content: { coding: 'octets', octets } });
    if (done.ok) return sent();
    session.log.warn({ reason: done.fault.reason, text: done.fault.text }, 'a wake-up by short message was not sent');
    unsent(done.fault.reason);
  }

  /** Undefined when the phone's cookie cannot be written in the GSM alphabet. */
  #write(session: Session, method: SmsMethod): Uint8Array | undefined {
    const text = wakeUpText(session);
    if (method === 'SSMS') {
      const septets = toSeptets(text);
      return septets && packSeptets(septets);
    }
    this.#transaction = (this.#transaction + 1) & 0xff;
    return writeWspPush({ transactionId: this.#transaction, text });
  }
}

/** Packed as Android sends it, as plain octets, or as text. */
const textOf = ({ content }: ShortMessage): string => {
  if (content.coding === 'text') return content.text;
  const plain = Buffer.from(content.octets).toString('latin1');
  if (/^helo /i.test(plain)) return plain;
  return fromSeptets(unpackSeptets(content.octets, Math.floor((content.octets.length * 8) / 7))).replace(
    /[@\r\n]+$/,
    '',
  );
};
