// Somebody with a phone: signs in once, sends one message after another, and never learns that the server was gone, but for
// answers that take long.

import type { Personality } from '../../src/imps/client/personality.ts';
import { isRefused } from '../../src/imps/message.ts';
import { makePhone, type Phone, type PhoneOptions } from '../peers/phone.ts';
import type { Ledger } from './ledger.ts';

export interface PhoneKind {
  readonly what: string;
  readonly personality: Personality;
  readonly cir: NonNullable<PhoneOptions['cir']>;
  readonly scheme: 'PWD' | 'MD5' | 'SHA';
}

/** Complaints about a server that is gone; any other is news. */
const ofAbsence = /^no HTTP answer$|ECONNREFUSED|ECONNRESET|the CIR connection was closed|no CIR connection/;

export class PhonePerson {
  readonly name: string;
  readonly kind: PhoneKind;
  readonly phone: Phone;
  readonly #ledger: Ledger;
  readonly #addressOf: (name: string) => string;
  #posts = 0;
  #answers = 0;
  #signIns = 0;
  #sessionId: string | undefined;
  #isSending = false;

  /** `addressOf`: of anybody, also of this person. */
  constructor(
    name: string,
    kind: PhoneKind,
    csp: string,
    addressOf: (name: string) => string,
    password: string,
    ledger: Ledger,
  ) {
    this.name = name;
    this.kind = kind;
    this.#ledger = ledger;
    this.#addressOf = addressOf;
    this.phone = makePhone(csp, {
      user: `wv:${addressOf(name)}`,
      password,
      // In a hurry, since it would rather chat than wait for half a minute after the third kill in a row; and it never gives
      // an acknowledgement up: a message whose acknowledgement is given up comes again, as it must.
      personality: { ...kind.personality, retryMsMax: 1500, retriesMax: Number.POSITIVE_INFINITY },
      cir: kind.cir,
      trace: (direction, message) => {
        if (direction === 'received') {
          this.#answers++;
          return;
        }
        this.#posts++;
        for (const one of message?.transactions ?? [])
          if (!isRefused(one) && one.content.name === 'Login-Request') this.#signIns++;
      },
    });
  }

  async signIn(): Promise<void> {
    await this.phone.start(this.kind.scheme);
    this.#sessionId = this.phone.sessionId;
    this.#signIns = 0;
    void this.#read();
  }

  get isIdle(): boolean {
    return !this.#isSending;
  }

  /** Requests that were posted again because nothing had come back. */
  get repeats(): number {
    return this.#posts - this.#answers;
  }

  /** Resolves when the server took it, or never will. */
  async send(recipient: string): Promise<void> {
    const message = this.#ledger.next(this.name, recipient);
    this.#isSending = true;
    try {
      await this.phone.sendText(`wv:${this.#addressOf(recipient)}`, message.text);
      message.isAcknowledged = true;
    } catch (cause) {
      this.#ledger.wrong(`${this.name} (${this.kind.what}) could not send '${message.text}': ${cause}`);
    } finally {
      this.#isSending = false;
    }
  }

  /** What a person with this phone would complain about. */
  verdict(): readonly string[] {
    const { phone } = this;
    const who = `${this.name} (${this.kind.what})`;
    const wrongs = phone.complaints.filter((one) => !ofAbsence.test(one)).map((one) => `${who}: ${one}`);
    if (phone.ended) wrongs.push(`${who} lost the session: ${phone.ended.message}`);
    if (phone.sessionId !== this.#sessionId || this.#signIns > 0) wrongs.push(`${who} had to sign in again`);
    return wrongs;
  }

  async #read(): Promise<void> {
    for await (const { content } of this.phone.arrivals()) {
      if (content.name === 'NewMessage') {
        const sender = content.MessageInfo.Sender?.User?.UserID ?? '';
        this.#ledger.shown(this.name, /^wv:([^@/]+)@/.exec(sender)?.[1] ?? sender, String(content.ContentData));
      } else if (content.name === 'DeliveryReport-Request')
        this.#ledger.wrong(`${this.name} was told that a message failed: ${JSON.stringify(content.Result)}`);
    }
  }
}
