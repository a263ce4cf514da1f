// Events of uploads worth counting: one function each, writing the metric and the log line together.

import type { Log } from '../../base/log.ts';
import type { Meter } from '../../base/meter.ts';

export type UploadEvents = ReturnType<typeof uploadEvents>;

export const uploadEvents = (log: Log, meter: Meter, counts: { readonly receiving: () => number }) => {
  const slots = meter.counter('onesoup_xmpp_upload_slots_total', 'Slots for uploads asked for, by outcome', [
    'outcome',
  ]);
  const files = meter.counter('onesoup_xmpp_upload_files_total', 'Files received, by outcome', ['outcome']);
  const octets = meter.counter('onesoup_xmpp_upload_octets_total', 'Octets of files, by direction', ['direction']);
  const removed = meter.counter('onesoup_xmpp_upload_removed_total', 'Uploads removed because of their age');
  meter.gauge('onesoup_xmpp_uploads_receiving', 'Files that are being received', counts.receiving);
  return {
    slot: (outcome: string): void => slots.add({ outcome }),
    received: (outcome: string, size: number): void => {
      files.add({ outcome });
      if (outcome === 'stored') octets.add({ direction: 'in' }, size);
    },
    given: (size: number): void => octets.add({ direction: 'out' }, size),
    removed: (count: number): void => {
      removed.add({}, count);
      log.info({ count }, 'old uploads removed');
    },
    failed: (cause: unknown, what: string): void => {
      files.add({ outcome: 'failed' });
      log.error({ err: cause }, what);
    },
  };
};
