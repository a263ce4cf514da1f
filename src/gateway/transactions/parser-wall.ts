// Several answers in one message: each leaves room for those behind it, and together they are no larger than the phone can parse.

import type { CspMessage, Encoding, Received, Transaction } from '../../imps/message.ts';
import { isRefused } from '../../imps/message.ts';
import { writeMessage } from '../../imps/write-message.ts';
import { statusOf } from '../result.ts';
import { basics } from '../session/basics.ts';
import type { Session } from '../session/session.ts';

/** A Status with a description, without its TransactionID: measured, and a little more. */
const statusOctets: Readonly<Record<Encoding, number>> = { xml: 360, wbxml: 90, pts: 40 };

/** … and of one of the session's own answers, which cannot be shortened: services, capabilities. */
const ownOctets: Readonly<Record<Encoding, number>> = { xml: 1000, wbxml: 250, pts: 140 };

/** With a parser of this size they fit at any rate, when alone. */
const ownAnswersFit = 2048;

/** Octets to be kept free for the answers to these requests: what cannot be shortened, and Status for the rest. */
export const roomFor = (requests: Received['message']['transactions'], encoding: Encoding): number => {
  let octets = 0;
  for (const one of requests)
    if (one.mode === 'Request' && (isRefused(one) || one.content.name !== 'Polling-Request'))
      octets += octetsOf(one, encoding) + Buffer.byteLength(one.id);
  return octets;
};

const octetsOf = (one: Received['message']['transactions'][number], encoding: Encoding): number =>
  (isRefused(one) || !basics[one.content.name] ? statusOctets : ownOctets)[encoding];

/**
 * The message as far as the phone can parse it. What is left out of it was done and its answer stored: to the phone it is an
 * answer that was lost, and it gets it when it asks again. Never happens to phones that send no more at once than they agreed to.
 */
export const withinParser = (session: Session, message: CspMessage, encoding: Encoding): CspMessage => {
  const size = session.parserSize(encoding);
  let { transactions } = message;
  if (transactions.length === 0 || (transactions.length === 1 && size >= ownAnswersFit)) return message;
  const isTooLarge = (): boolean => writeMessage({ ...message, transactions, poll: true }, encoding).length > size;
  while (transactions.length > 1 && isTooLarge()) transactions = transactions.slice(0, -1);
  if (isTooLarge()) transactions = transactions.map((one): Transaction => ({ ...one, content: statusOf(432) }));
  const lost = message.transactions.length - transactions.length;
  if (lost) session.log.warn({ lost, parserSize: size }, 'more answers than the phone can parse');
  return { ...message, transactions };
};
