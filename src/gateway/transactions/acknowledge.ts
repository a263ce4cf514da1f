// The phone's answers to requests of ours: Status, or MessageDelivered for NewMessage. (CSP all versions, "Transactions")

import type { RefusedTransaction, Transaction } from '../../imps/message.ts';
import type { Primitive } from '../../imps/primitives.ts';
import { statusOf } from '../result.ts';
import type { Session } from '../session/session.ts';
import { commit } from './commit.ts';
import type { Entry } from './waiting-queue.ts';

const rememberedMax = 64;

/** Whether it settles something: no more of these can come than we asked for. */
export const isDue = ({ queue }: Session, { id, content }: Transaction): boolean =>
  (content.name === 'Status' && (queue.under(id)?.length ?? 0) > 0) ||
  (content.name === 'MessageDelivered' &&
    ((queue.under(id)?.length ?? 0) > 0 || queue.byMessageId(content.MessageID) !== undefined));

/**
 * An acknowledgement that lacks what the model wants, such as MessageDelivered without its MessageID: the TransactionID alone
 * settles it, or the phone would be given the same again and again.
 */
export const acknowledgeById = async (session: Session, { id, fault }: RefusedTransaction): Promise<void> => {
  const entries = /^(Status|MessageDelivered)$/i.test(fault.primitive) ? session.queue.under(id) : undefined;
  if (!entries?.length) return;
  await settled(session, entries, 200);
  rememberSettled(session, id);
};

/** Settles what the answer belongs to. Returns the Status that a MessageDelivered outside of a transaction of ours gets. */
export const acknowledge = async (session: Session, { id, content }: Transaction): Promise<Primitive | undefined> => {
  const { queue } = session;
  const under = queue.under(id);
  // The plain text syntax has 1 to 999 for the ids of both sides: there the MessageID tells whose it is.
  const isOurs =
    !session.state.plainText ||
    content.name !== 'MessageDelivered' ||
    under?.some(({ messageId }) => messageId === content.MessageID);
  const entries = isOurs ? under : undefined;
  const known = session.state.plainText && content.name === 'MessageDelivered' ? `${id} ${content.MessageID}` : id;
  if (entries?.length) {
    const code = content.name === 'Status' ? content.Result.Code : 200;
    await settled(session, entries, code);
    rememberSettled(session, known);
    return undefined;
  }
  if (content.name !== 'MessageDelivered') return undefined;
  const entry = queue.byMessageId(content.MessageID);
  if (entry) await settled(session, [entry], 200);
  // An id of ours that is settled already, or was before a restart: the phone repeats itself and expects nothing.
  if (session.settledIds.includes(known) || /^s[A-Za-z0-9]{4}-\d+$/.test(id)) return undefined;
  // After GetMessage-Response: an id of the phone's own, answered by Status.
  return entry ? statusOf(200) : statusOf(426);
};

const rememberSettled = (session: Session, id: string): void => {
  // Made anew: V8 sets aside room for seventeen when something is added to an empty array, and most idle phones have one.
  session.settledIds = [...session.settledIds, id].slice(-rememberedMax);
};

const settled = async (session: Session, entries: readonly Entry[], code: number): Promise<void> => {
  await commit(session, { effects: [], settled: { entries, end: { how: 'acknowledged', code } } });
  for (const { kind } of entries) session.host.events.settled(kind, 'acknowledged');
};
