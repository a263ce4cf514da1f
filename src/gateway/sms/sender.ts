// Messages on their way to phones: cut into segments that are a short message each, one message after another to a number,
// within what a number may cost.

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { segmentsOf, textSegmentsOf } from '../../imps/pts/segments.ts';
import type { SmsCarrier, SmsContent, SmsFault } from '../../sms/carrier.ts';
import { toSeptets } from '../../sms/gsm7.ts';
import type { SmsSettings } from '../settings.ts';
import { Turns } from '../turns.ts';
import { Budget } from './budget.ts';
import type { SmsEvents } from './events.ts';
import type { SmsSender } from './reach.ts';

/** Octets of one short message beside the header that names the ports. */
export const octetsMax = 140 - 7;
const lettersMax = 160;
const ucs2Max = 70;

/** An answer that the carrier cannot take is tried again after so long each; the phone waits for it. */
const retriesMs = [2000, 5000, 15_000, 30_000];
/** Messages that wait for others to the same number. */
const waitingMax = 20;

export interface SenderParts {
  readonly carrier: SmsCarrier;
  readonly settings: SmsSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: SmsEvents;
}

export type Sent = 'sent' | 'down' | 'refused' | 'limit' | 'too-long';

export class Sender {
  readonly #parts: SenderParts;
  readonly #budget: Budget;
  /** What answers may cost when pushes may not any more. */
  readonly #reserve: number;
  readonly #lanes = new Map<string, Turns>();

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#budget = new Budget(parts.clock, parts.settings.messagesPerHour);
    this.#reserve = Math.ceil(parts.settings.messagesPerHour / 4);
  }

  /** Resolves when the carrier has taken all of it, or will not. A push is not tried again: it still waits in its queue. */
  async send(what: 'answer' | 'push', to: SmsSender, message: Uint8Array): Promise<Sent> {
    const lane = this.#lanes.get(to.number) ?? new Turns();
    this.#lanes.set(to.number, lane);
    const outcome = lane.waiting >= waitingMax ? 'limit' : await lane.take(() => this.#sendNow(what, to, message));
    if (lane.waiting === 0) this.#lanes.delete(to.number);
    this.#parts.events.sent(what, outcome);
    return outcome;
  }

  async #sendNow(what: 'answer' | 'push', { number, form }: SmsSender, message: Uint8Array): Promise<Sent> {
    const { log } = this.#parts;
    const contents = form === 'data' ? dataContents(message) : textContents(message);
    if (!contents) return 'too-long';
    if (!this.#budget.take(number, contents.length, what === 'push' ? this.#reserve : 0)) {
      log.warn({ number, what }, 'a number costs as many short messages as it may');
      return 'limit';
    }
    for (const content of contents) {
      const fault = await this.#sendOne(what, number, form, content);
      if (!fault) continue;
      log.warn({ number, what, reason: fault.reason, text: fault.text }, 'a short message did not leave');
      return fault.reason === 'down' || fault.reason === 'busy' ? 'down' : 'refused';
    }
    return 'sent';
  }

  async #sendOne(
    what: 'answer' | 'push',
    to: string,
    form: SmsSender['form'],
    content: SmsContent,
  ): Promise<SmsFault | undefined> {
    const { carrier, clock, settings } = this.#parts;
    const ports = { destination: settings.port, source: settings.port };
    const message = { to, content, ...(form === 'data' && { ports }) };
    for (let tries = 0; ; tries++) {
      const sent = await carrier.send(message);
      if (sent.ok) return undefined;
      const { fault } = sent;
      const waitMs = what === 'answer' ? retriesMs[tries] : undefined;
      if (waitMs === undefined || fault.reason === 'refused' || fault.reason === 'too-long') return fault;
      await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
    }
  }
}

const dataContents = (message: Uint8Array): readonly SmsContent[] | undefined => {
  const segments = segmentsOf(message, octetsMax);
  return segments.ok ? segments.value.map((octets) => ({ coding: 'octets', octets })) : undefined;
};

/**
 * Text is cut by characters. What does not go into 26 short messages goes into 26 that the carrier cuts once more, which costs
 * more and is one message to the phone all the same.
 */
const textContents = (message: Uint8Array): readonly SmsContent[] | undefined => {
  const text = new TextDecoder().decode(message);
  const septets = toSeptets(text);
  const hasPairs = septets !== undefined && septets.length > text.length;
  const most = septets === undefined ? ucs2Max : hasPairs ? lettersMax / 2 : lettersMax;
  for (let times = 1; times <= 8; times *= 2) {
    const pieces = textSegmentsOf(text, most * times);
    if (pieces) return pieces.map((piece) => ({ coding: 'text', text: piece }));
  }
  return undefined;
};
