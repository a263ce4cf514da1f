// Events of rooms worth counting: one function each, writing the metric and the log line together.

import type { Log } from '../../base/log.ts';
import type { Meter } from '../../base/meter.ts';
import type { Jid } from '../../xmpp/jid.ts';

export type RoomEvents = ReturnType<typeof roomEvents>;

export const roomEvents = (
  log: Log,
  meter: Meter,
  counts: { readonly rooms: () => number; readonly occupants: () => number },
) => {
  const messages = meter.counter('onesoup_xmpp_room_messages_total', 'Messages to all in a room');
  const copies = meter.counter('onesoup_xmpp_room_copies_total', 'Copies of them and of presence, one per receiver');
  const tooFast = meter.counter(
    'onesoup_xmpp_room_too_fast_total',
    'Stanzas to rooms refused because they came too fast',
  );
  const failures = meter.counter(
    'onesoup_xmpp_room_failures_total',
    'Stanzas of rooms that our own surroundings kept back',
  );
  meter.gauge('onesoup_xmpp_rooms', 'Rooms, those that nobody is in included', counts.rooms);
  meter.gauge('onesoup_xmpp_room_occupants', 'Occupants of rooms, by nickname', counts.occupants);
  return {
    said: (): void => messages.add(),
    copied: (amount: number): void => copies.add({}, amount),
    tooFast: (): void => tooFast.add(),
    made: (room: Jid, creator: string): void => log.info({ room: room.toString(), creator }, 'room made'),
    ended: (room: Jid): void => log.info({ room: room.toString() }, 'room ended'),
    failed: (room: Jid, cause: unknown): void => {
      failures.add();
      log.error({ err: cause, room: room.toString() }, 'a room could not do what it should');
    },
  };
};
