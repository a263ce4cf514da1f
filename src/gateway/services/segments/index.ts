// CSP 1.3 "Segments": what is larger than the phone's parser takes is handed over in pieces, the first at once and the others
// as the phone asks for them.
//
// No source tells what a piece holds. Ours: the pieces, joined, are the BASE64 of the whole WV-CSP-Message as it would have
// been sent, in the session's encoding. The first stands in a GetSegment-Response in the place of what was cut, with
// SegmentInfo in its TransactionDescriptor (SegmentCount, and a SegmentID of the TransactionID that was cut and number 1).

import type { StructureOf } from '../../../imps/primitives.ts';
import { statusOf } from '../../result.ts';
import type { Cutting, Handler, Service } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';

/** Cut messages that a session may have at a time, and the characters of all of them. */
const cutMax = 8;
const charactersMax = 1_500_000;
/** How long a phone has to fetch them. */
const keptMs = 5 * 60_000;
/** Smaller pieces would cost more than they bring. */
const pieceMin = 256;

interface Cut {
  readonly pieces: readonly string[];
  readonly characters: number;
  /** Monotonic ms. */
  readonly until: number;
}

/** By the TransactionID that was cut, oldest first. */
const cuts = slot<Map<string, Cut>>('segments', () => new Map());

const cutOf = (session: SessionView, id: string): Cut | undefined => {
  const all = session.slot(cuts);
  const now = session.clock.mono();
  for (const [key, { until }] of all) if (until <= now) all.delete(key);
  return all.get(id);
};

const cutting: Cutting = {
  cut(whole, transactionId, room, session) {
    if (room < pieceMin) return undefined;
    const text = Buffer.from(whole).toString('base64');
    if (text.length > charactersMax) return undefined;
    const pieces = Array.from({ length: Math.ceil(text.length / room) }, (_, at) =>
      text.slice(at * room, (at + 1) * room),
    );
    const all = session.slot(cuts);
    all.delete(transactionId);
    all.set(transactionId, { pieces, characters: text.length, until: session.clock.mono() + keptMs });
    let characters = [...all.values()].reduce((sum, one) => sum + one.characters, 0);
    for (const [key, one] of all) {
      if (all.size <= cutMax && characters <= charactersMax) break;
      all.delete(key);
      characters -= one.characters;
    }
    return { name: 'GetSegment-Response', SegmentContent: pieces[0] ?? '' };
  },

  infoOf(transactionId, session) {
    const cut = cutOf(session, transactionId);
    return cut && infoOf(transactionId, cut, 1);
  },
};

const infoOf = (TransactionID: string, { pieces }: Cut, SegmentReference: number): StructureOf<'SegmentInfo'> => ({
  SegmentCount: pieces.length,
  SegmentID: { TransactionID, SegmentReference },
});

const getSegment: Handler<'GetSegment-Request'> = ({ SegmentID: { TransactionID, SegmentReference } }, session) => {
  const cut = cutOf(session, TransactionID);
  if (!cut) return statusOf(420, 'nothing of that id is in pieces');
  const SegmentContent = cut.pieces[SegmentReference - 1];
  return SegmentContent === undefined
    ? statusOf(402, `there are pieces 1 to ${cut.pieces.length}`)
    : { name: 'GetSegment-Response', SegmentContent };
};

const dropSegment: Handler<'DropSegment-Request'> = ({ SegmentID: { TransactionID } }, session) => {
  if (!cutOf(session, TransactionID)) return statusOf(420, 'nothing of that id is in pieces');
  session.slot(cuts).delete(TransactionID);
  return statusOf(200);
};

export const segments: Service = {
  name: 'segments',
  specs: ['CSP 1.3: Segments'],
  leaves: ['SGMNT'],
  primitives: { 'GetSegment-Request': getSegment, 'DropSegment-Request': dropSegment },
  cutting,
};
