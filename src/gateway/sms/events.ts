// What is counted of the data channel over short messages.

import type { Meter } from '../../base/meter.ts';

export interface SmsEvents {
  /** message: whole. segment: more are to come. again: an answer was asked for once more. limit: too many. lost: segments are missing. */
  received(what: 'message' | 'segment' | 'again' | 'limit' | 'lost' | 'unreadable'): void;
  sent(what: 'answer' | 'push', outcome: 'sent' | 'down' | 'refused' | 'limit' | 'too-long'): void;
}

export const smsEvents = (meter: Meter, onSms: () => number): SmsEvents => {
  const received = meter.counter(
    'onesoup_csp_sms_received_total',
    'Short messages of phones in the plain text syntax. message: whole. segment: more are to come. again: its answer was asked for once more. limit: beyond what a number may send. lost: segments never came. unreadable.',
    ['what'],
  );
  const sent = meter.counter(
    'onesoup_csp_sms_sent_total',
    'What went to phones by short message, whole, by what became of it. limit: beyond what a number may cost.',
    ['what', 'outcome'],
  );
  meter.gauge('onesoup_csp_sms_sessions', 'CSP sessions whose phone speaks over short messages', onSms);
  return {
    received: (what) => received.add({ what }),
    sent: (what, outcome) => sent.add({ what, outcome }),
  };
};
