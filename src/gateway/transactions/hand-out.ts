// Takes what waits for the phone out of the queue and into an answer: in order, in the form this phone needs, no larger
// than it can parse. The hand-out is stored before the answer is written, so that an acknowledgement settles it even when
// the gateway was restarted in between.

import type { CspMessage, Encoding, Transaction } from '../../imps/message.ts';
import type { Primitive } from '../../imps/primitives.ts';
import { CspWriteError } from '../../imps/value-to-tree.ts';
import { writeMessage } from '../../imps/write-message.ts';
import type { Session } from '../session/session.ts';
import { inPieces, takesPieces } from './pieces.ts';
import { settleAs, sweep } from './sweep.ts';
import type { Entry } from './waiting-queue.ts';

/** Presence of this many contacts at most in one notification. */
const joinedMax = 1_000;

/** Adds up to `room` requests of ours to the message that is to leave. */
export const handOut = async (
  session: Session,
  message: CspMessage,
  encoding: Encoding,
  room: number,
): Promise<readonly Transaction[]> => {
  const { queue, host } = session;
  await sweep(session);
  const out: Transaction[] = [];
  const inAnswer = new Set<string>();
  while (out.length < room && !session.isEnded) {
    const now = host.clock.mono();
    const run = queue.ready(now, inAnswer);
    const [first] = run;
    if (!first) break;
    // The id's length counts too; the one that is really used is no longer than this.
    const excess = (primitive: Primitive): number => {
      const transactions = [
        ...message.transactions,
        ...out,
        { mode: 'Request', id: encoding === 'pts' ? '999' : 's'.repeat(20), content: primitive } as const,
      ];
      return writeMessage({ ...message, transactions, poll: true }, encoding).length - session.parserSize(encoding);
    };
    const isAlone = message.transactions.length + out.length === 0;
    const parcel = packed(session, run, excess, (primitive) => {
      if (!takesPieces(session, message, encoding)) return undefined;
      if (!isAlone) return 'later';
      const whole: Transaction = { mode: 'Request', id: session.nextTransactionId(), content: primitive };
      return inPieces(session, message, whole, encoding);
    });
    if (!parcel) {
      if (!isAlone) break; // It fits into the next answer.
      session.log.warn({ kind: first.kind }, 'a request is too large for the phone');
      await settleAs(session, [first], { how: 'too-large' });
      continue;
    }
    const id = parcel.piece?.id ?? session.nextTransactionId();
    inAnswer.add(id);
    const isAgain = queue.handOut(parcel.entries, id, now);
    const durable = parcel.entries.filter((entry) => entry.durable);
    try {
      if (durable.length)
        await host.store.together(async ({ csp }) => {
          for (const { seq } of durable) await csp.handedOut(seq, session.phone, id, host.clock.wall());
        });
    } catch (cause) {
      // It does not leave under an id that is not stored; what the phone asked for is answered all the same.
      queue.lapse(id);
      session.host.events.failed(session.log, 'store', cause, 'a hand-out could not be stored', { kind: first.kind });
      break;
    }
    host.events.handedOut(first.kind, isAgain);
    out.push(parcel.piece ?? { mode: 'Request', id, content: parcel.primitive });
  }
  return out;
};

interface Parcel {
  readonly entries: readonly Entry[];
  readonly primitive: Primitive;
  /** The first piece of it, which leaves instead. */
  readonly piece?: Transaction;
}

/** One that cannot be written, by a mistake of ours, must not stand in the way of all that waits behind it. */
const packed: typeof pack = (session, run, excess, cut) => {
  try {
    return pack(session, run, excess, cut);
  } catch (cause) {
    if (!(cause instanceof CspWriteError)) throw cause;
    session.host.events.failed(session.log, 'request', cause, 'a request of ours cannot be written', {
      kind: run[0]?.kind,
    });
    return undefined;
  }
};

/**
 * As many of the run as go into one request that fits; undefined when not even the first does. What is too large goes in
 * pieces to a phone that takes them, else in a smaller form where it has one.
 */
const pack = (
  session: Session,
  run: readonly Entry[],
  excess: (primitive: Primitive) => number,
  cut: (primitive: Primitive) => Transaction | 'later' | undefined,
): Parcel | undefined => {
  const [first] = run as [Entry];
  const kind = session.host.kinds.get(first.kind);
  const shaped = ({ primitive }: Entry): Primitive => kind?.shape?.(primitive, session.view) ?? primitive;
  for (let count = Math.min(run.length, joinedMax); count > 1 && kind?.join; count = Math.floor(count / 2)) {
    const entries = run.slice(0, count);
    const joined = kind.join(entries.map(shaped), session.view);
    if (!joined) break;
    if (excess(joined) <= 0) return { entries, primitive: joined };
  }
  const alone = shaped(first);
  const over = excess(alone);
  if (over <= 0) return { entries: [first], primitive: alone };
  const piece = cut(alone);
  if (piece === 'later') return undefined;
  if (piece) return { entries: [first], primitive: alone, piece };
  const smaller = kind?.shrink?.(alone, over, session.view);
  return smaller && excess(smaller) <= 0 ? { entries: [first], primitive: smaller } : undefined;
};
