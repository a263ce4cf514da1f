// What is counted of wake-ups: per channel, how many went out, how many brought the phone and how soon, what failed.

import type { Meter } from '../../base/meter.ts';
import type { Method } from './method.ts';

export interface CirCounts {
  agreed(method: Method): void;
  sent(method: Method): void;
  worked(method: Method, afterMs: number): void;
  /** 'unanswered': nobody came of it in time. 'not-fetched': the phone did not come to hear it. Others: not sent, and why. */
  failed(method: Method, why: string): void;
  fellBack(from: Method, to: Method): void;
}

export const cirCounts = (meter: Meter, open: { readonly connections: () => number }): CirCounts => {
  meter.gauge('onesoup_csp_cir_connections', 'TCP CIR connections of phones that are open', open.connections);
  const agreed = meter.counter('onesoup_csp_cir_agreed_total', 'Times a wake-up channel was agreed with a phone', [
    'channel',
  ]);
  const sent = meter.counter('onesoup_csp_wakeups_total', 'Wake-ups sent', ['channel']);
  const worked = meter.counter('onesoup_csp_wakeups_worked_total', 'Wake-ups that brought the phone in time', [
    'channel',
  ]);
  const latency = meter.histogram(
    'onesoup_csp_wakeup_seconds',
    'Time from a wake-up to the poll that followed it',
    [0.1, 0.3, 1, 2, 5, 10, 20, 45, 90],
    ['channel'],
  );
  const failed = meter.counter(
    'onesoup_csp_wakeups_failed_total',
    'Wake-ups that brought nobody in time, or could not be sent',
    ['channel', 'why'],
  );
  const fellBack = meter.counter(
    'onesoup_csp_wakeup_fallbacks_total',
    'Times another channel was tried for a phone that had not come',
    ['from', 'to'],
  );
  return {
    agreed: (channel) => agreed.add({ channel }),
    sent: (channel) => sent.add({ channel }),
    worked(channel, afterMs) {
      worked.add({ channel });
      latency.observe(afterMs / 1000, { channel });
    },
    failed: (channel, why) => failed.add({ channel, why }),
    fellBack: (from, to) => fellBack.add({ from, to }),
  };
};
