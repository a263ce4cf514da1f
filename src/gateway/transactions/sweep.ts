// Entries of the queue that came to their end without the phone's doing.

import type { WaitingEnd } from '../service.ts';
import type { Session } from '../session/session.ts';
import { commit } from './commit.ts';
import type { Entry } from './waiting-queue.ts';

/** A request that clients do not know is dropped by them without a word: after this many times we stop asking. */
const triesMax = 3;

export const sweep = async (session: Session): Promise<void> => {
  const { queue, host } = session;
  await settleAs(session, queue.expired(host.clock.wall()), { how: 'expired' });
  const unanswered = queue
    .unanswered(host.clock.mono(), triesMax)
    .filter(({ kind }) => host.kinds.get(kind)?.outlivesSession !== true);
  await settleAs(session, unanswered, { how: 'unanswered' });
};

export const settleAs = async (session: Session, entries: readonly Entry[], end: WaitingEnd): Promise<void> => {
  if (entries.length === 0) return;
  await commit(session, { effects: [], settled: { entries, end } });
  for (const { kind } of entries) session.host.events.settled(kind, end.how);
};
