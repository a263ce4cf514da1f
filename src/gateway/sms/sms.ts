// The data channel over short messages, its parts put together.

import type { Meter } from '../../base/meter.ts';
import type { ShortMessage, SmsCarrier } from '../../sms/carrier.ts';
import type { Host } from '../host.ts';
import type { HttpAnswer, HttpRequest } from '../http-channel.ts';
import type { Session } from '../session/session.ts';
import type { SmsSettings } from '../settings.ts';
import { SmsChannel } from './channel.ts';
import { smsEvents } from './events.ts';
import { SmsPush } from './push.ts';
import { isOnSms } from './reach.ts';
import { Sender } from './sender.ts';

export interface SmsParts {
  readonly host: Host;
  readonly carrier: SmsCarrier;
  readonly settings: SmsSettings;
  readonly handle: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly sessions: () => Iterable<Session>;
  readonly meter: Meter;
}

export class Sms {
  readonly #push: SmsPush;
  readonly #channel: SmsChannel;

  constructor({ host, carrier, settings, handle, sessions, meter }: SmsParts) {
    const { clock, log } = host;
    const events = smsEvents(meter, () => [...sessions()].filter(isOnSms).length);
    const sender = new Sender({ carrier, settings, clock, log, events });
    this.#push = new SmsPush(sender, settings.presenceS * 1000);
    this.#channel = new SmsChannel({ settings, sender, handle, clock, log, events });
  }

  /** False when it is no message in the plain text syntax. Rejects when it has to be brought again. */
  receive(message: ShortMessage): Promise<boolean> {
    return this.#channel.receive(message);
  }

  /** Something waits for a session whose phone is on short messages. */
  wake(session: Session, when: 'now' | 'later'): void {
    this.#push.wake(session, when);
  }

  restored(session: Session): void {
    if (isOnSms(session) && session.queue.hasUrgent(session.host.clock.mono())) this.#push.wake(session, 'now');
  }

  /** `text`: the server ended it, and the phone is told so. */
  ended(session: Session, farewell: { readonly text: string | undefined } | undefined): void {
    this.#push.forget(session);
    const { sms } = session.state;
    if (!sms) return;
    this.#channel.forget(sms.number);
    if (farewell && sms.isOn) void this.#push.farewell(session, farewell.text);
  }

  /** This process goes down. */
  forget(session: Session): void {
    this.#push.forget(session);
  }
}
