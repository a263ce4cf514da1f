// The desk that sends settings to phones by short message for people at the web page. Messages cost money and may go to
// somebody else's phone, hence the bounds: only for an account whose password was typed, and so many a day.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { networkOf } from '../base/network.ts';
import { bad, good, type Outcome } from '../base/outcome.ts';
import { Window } from '../base/window.ts';
import { newPin, numberIn, sendBySms } from '../provisioning/by-sms.ts';
import { type ImpsSettings, impsDocument } from '../provisioning/imps.ts';
import type { SmsCarrier, SmsFault } from '../sms/carrier.ts';
import type { SignUp } from './sign-up.ts';

export interface SendForm {
  readonly account: string;
  readonly password: string;
  /** As typed. */
  readonly number: string;
  readonly settings: ImpsSettings;
  readonly remote: string;
}

export interface SendFault {
  /** One sentence for the person at the form. */
  readonly text: string;
  readonly status: 400 | 401 | 403 | 409 | 429 | 503;
}

export interface SettingsDesk {
  /** Resolves with the PIN that the phone will ask for. */
  send(form: SendForm): Promise<Outcome<{ readonly number: string; readonly pin: string }, SendFault>>;
}

const dayMs = 24 * 3_600_000;
const perDay = { account: 3, number: 3, network: 10 } as const;

const smsFaults: Readonly<Record<SmsFault['reason'], SendFault>> = {
  refused: { text: 'The message centre refused it: is the number right?', status: 503 },
  down: { text: 'The message centre cannot be reached now. Try again later.', status: 503 },
  'too-long': { text: 'The settings are too long for a message.', status: 400 },
  busy: { text: 'Too many messages are on their way. Try again in a minute.', status: 503 },
};

export const settingsDesk = (options: {
  readonly carrier: SmsCarrier;
  readonly prove: SignUp['prove'];
  /** By all people together. */
  readonly messagesPerDay: number;
  readonly clock: Clock;
  readonly log: Log;
}): SettingsDesk => {
  const { carrier, prove, clock, log } = options;
  const accounts = new Window(clock, perDay.account, dayMs);
  const numbers = new Window(clock, perDay.number, dayMs);
  const networks = new Window(clock, perDay.network, dayMs);
  const all = new Window(clock, options.messagesPerDay, dayMs);
  return {
    async send({ account, password, number: typed, settings, remote }) {
      const number = numberIn(typed);
      if (number === undefined)
        return bad({ text: 'Write the number with its country: +46 700 000 000.', status: 400 });
      const document = impsDocument(settings);
      if (!document.ok) return bad({ text: document.fault.text, status: 400 });
      const proven = await prove({ address: account, password, remote });
      if (!proven.ok) return bad(proven.fault);
      const { address } = proven.value;
      const network = networkOf(remote);
      const isTooMuch =
        accounts.isFull(address) || numbers.isFull(number) || networks.isFull(network) || all.isFull('all');
      if (isTooMuch) {
        log.warn({ account: address, number, remote }, 'too many settings were asked for as messages');
        return bad({ text: 'Enough messages were sent for today. Type the settings, or try tomorrow.', status: 429 });
      }
      accounts.admits(address);
      numbers.admits(number);
      networks.admits(network);
      all.admits('all');
      const pin = newPin();
      const sent = await sendBySms(carrier, number, document.value, { method: 'userpin', pin });
      log.info(
        { account: address, number, remote, outcome: sent.ok ? 'sent' : sent.fault.reason },
        'settings sent to a phone',
      );
      return sent.ok ? good({ number, pin }) : bad(smsFaults[sent.fault.reason]);
    },
  };
};
