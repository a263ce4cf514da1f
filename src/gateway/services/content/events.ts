// What becomes of contents beside text, counted.

import type { Meter } from '../../../base/meter.ts';

export type ContentEvents = ReturnType<typeof contentEvents>;

export const contentEvents = (meter: Meter) => {
  const sent = meter.counter('onesoup_csp_files_sent_total', 'Contents beside text that phones sent, by way', ['how']);
  const brought = meter.counter('onesoup_csp_files_brought_total', 'Files for phones, by what became of them', [
    'outcome',
  ]);
  return {
    /** 'refused': the phone was told. */
    sent: (how: 'uploaded' | 'within' | 'refused'): void => sent.add({ how }),
    /** 'told': the phone was shown words instead. 'later': it will be tried again. */
    brought: (outcome: 'shown' | 'told' | 'later'): void => brought.add({ outcome }),
  };
};
