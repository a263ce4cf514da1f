// What is counted of short messages.

import type { Meter } from '../base/meter.ts';
import type { SmsFault } from './carrier.ts';

export interface SmsMeters {
  received(what: 'taken' | 'part' | 'again' | 'refused' | 'lost' | 'put-off' | 'receipt' | 'unreadable'): void;
  sent(outcome: 'taken' | SmsFault['reason']): void;
}

export const smsMeters = (meter: Meter, carrier: string, isUp: () => boolean, underWay: () => number): SmsMeters => {
  const received = meter.counter(
    'onesoup_sms_received_total',
    'Short messages, and parts of them, that the carrier brought. taken: whole, and taken. part: more are to come. again: known already. refused: too many parts. lost: given up, parts are missing. put-off: the carrier is to bring it again. receipt: of a delivery. unreadable.',
    ['carrier', 'what'],
  );
  const sent = meter.counter(
    'onesoup_sms_sent_total',
    'Short messages given to the carrier, by what it made of them.',
    ['carrier', 'outcome'],
  );
  meter.gauge('onesoup_sms_up', '1 while the carrier of short messages can be reached.', () => (isUp() ? 1 : 0));
  meter.gauge('onesoup_sms_under_way', 'Parts of short messages on their way to the carrier.', underWay);
  return {
    received: (what) => received.add({ carrier, what }),
    sent: (outcome) => sent.add({ carrier, outcome }),
  };
};
