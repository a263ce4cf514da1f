// The SMS data channel: short messages in the plain text syntax become exchanges of their session, and their answers go back
// the same way. (CSP all versions, "Transport binding", SMS; reference §6.3)
//
// A short message is acknowledged to its carrier when what it asked for was done and stored; the answer is sent after that. A
// message that comes again is answered again: in a session by the stored answer of its TransactionID, before one (sign-in) by
// what is remembered here, since to carry it out again would make a second session.

import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { ptsType } from '../../imps/pts/message.ts';
import { SegmentAssembler } from '../../imps/pts/segments.ts';
import type { ShortMessage } from '../../sms/carrier.ts';
import type { HttpAnswer, HttpRequest } from '../http-channel.ts';
import type { SmsSettings } from '../settings.ts';
import { Budget } from './budget.ts';
import type { SmsEvents } from './events.ts';
import type { SmsSender } from './reach.ts';
import type { Sender } from './sender.ts';

export interface SmsChannelParts {
  readonly settings: SmsSettings;
  readonly sender: Sender;
  readonly handle: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: SmsEvents;
}

/** Too much to do, or shutting down: the carrier is to bring it again. */
export class SmsPutOffError extends Error {
  override readonly name = 'SmsPutOffError';
}

/** A message without a session that comes again within this is the same. */
const rememberedMs = 5 * 60_000;
const rememberedMax = 1000;
/** Blanks at its end, or in front, are none of the message. */
const shape = /^\s*WV(\d\d|XX)[A-Z]{2}\d{1,3}([A-Z]{2})?(\s|$)/i;
const isOutband = /^WV\d\d(LR|SP|VD)/i;

interface Remembered {
  readonly at: number;
  readonly answer: Promise<Uint8Array>;
  isDone: boolean;
}

export class SmsChannel {
  readonly #parts: SmsChannelParts;
  readonly #assembler: SegmentAssembler;
  readonly #received: Budget;
  readonly #remembered = new Map<string, Remembered>();

  constructor(parts: SmsChannelParts) {
    const { clock, settings, events } = parts;
    this.#parts = parts;
    this.#assembler = new SegmentAssembler(clock, () => events.received('lost'));
    this.#received = new Budget(clock, settings.receivedPerHour);
  }

  /** False when it is no message in this syntax. Rejects when it has to be brought again. */
  async receive({ from: number, ports, content }: ShortMessage): Promise<boolean> {
    const { settings, events, log } = this.#parts;
    if (ports && ports.destination !== settings.port) return false;
    const octets = content.coding === 'octets' ? content.octets : new TextEncoder().encode(content.text);
    const start = Buffer.from(octets.buffer, octets.byteOffset, Math.min(octets.length, 32)).toString('latin1');
    if (!shape.test(start)) return false;
    if (!/^\d{3,20}$/.test(number)) return false;
    if (!this.#received.take(number, 1)) {
      events.received('limit');
      log.warn({ number }, 'a number sends more short messages than it may');
      return true;
    }
    const blanks = /^\s*/.exec(start)?.[0].length ?? 0;
    const assembled = this.#assembler.add(number, octets.subarray(blanks));
    if (assembled.kind === 'foreign') return false;
    events.received(assembled.kind === 'part' ? 'segment' : 'message');
    const sender: SmsSender = { number, form: content.coding === 'octets' ? 'data' : 'text' };
    if (assembled.kind === 'whole') await this.#answer(sender, assembled.message);
    return true;
  }

  /** A session of that number is over: to sign in in the same words makes another. */
  forget(number: string): void {
    for (const [key, { isDone }] of this.#remembered)
      if (isDone && key.startsWith(`${number} `)) this.#remembered.delete(key);
  }

  async #answer(sender: SmsSender, message: Uint8Array): Promise<void> {
    const start = Buffer.from(message.buffer, message.byteOffset, Math.min(message.length, 8)).toString('latin1');
    if (!isOutband.test(start)) return this.#exchange(sender, message);
    const key = `${sender.number} ${createHash('sha256').update(message).digest('base64')}`;
    this.#forgetOld();
    const known = this.#remembered.get(key);
    if (known) {
      this.#parts.events.received('again');
      void this.#send(sender, await known.answer);
      return;
    }
    const answer = this.#handle(sender, message).then(({ body }) => body);
    const remembered: Remembered = { at: this.#parts.clock.mono(), answer, isDone: false };
    this.#remembered.set(key, remembered);
    try {
      void this.#send(sender, await answer);
      remembered.isDone = true;
    } catch (cause) {
      this.#remembered.delete(key);
      throw cause;
    }
  }

  async #exchange(sender: SmsSender, message: Uint8Array): Promise<void> {
    const { body, delivered } = await this.#handle(sender, message);
    if (body.length === 0) delivered?.(true);
    else void this.#send(sender, body, delivered);
  }

  async #handle(sender: SmsSender, body: Uint8Array): Promise<HttpAnswer> {
    const { handle, events } = this.#parts;
    const { number } = sender;
    const answer = await handle({
      body,
      contentType: ptsType,
      remoteAddress: `+${number}`,
      msisdn: number,
      sms: sender,
    });
    if (answer.status === 503) throw new SmsPutOffError('too much to do');
    // 400 and 500: there is nobody to tell, and to bring it again would be of no use.
    if (answer.status !== 200) events.received('unreadable');
    return answer;
  }

  async #send(sender: SmsSender, body: Uint8Array, delivered?: (isDelivered: boolean) => void): Promise<void> {
    if (body.length === 0) return;
    const sent = await this.#parts.sender.send('answer', sender, body);
    delivered?.(sent === 'sent');
  }

  #forgetOld(): void {
    const oldest = this.#parts.clock.mono() - rememberedMs;
    for (const [key, { at }] of this.#remembered) {
      if (at > oldest && this.#remembered.size < rememberedMax) break;
      this.#remembered.delete(key);
    }
  }
}
