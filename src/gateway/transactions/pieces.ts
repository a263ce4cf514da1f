// What is larger than the phone's parser, in pieces, for a phone that agreed to take it so. (CSP 1.3 "Segments")

import type { CspMessage, Encoding, Transaction } from '../../imps/message.ts';
import { writeMessage } from '../../imps/write-message.ts';
import type { Session } from '../session/session.ts';

/** As long as any that will stand in its place. */
const longest = 999_999;

/**
 * The transaction's first piece, fit to stand behind those of `message`; undefined when the phone takes no pieces.
 * reserved: octets of its ParserSize that are needed for others.
 */
export const inPieces = (
  session: Session,
  message: CspMessage,
  { mode, id, content }: Transaction,
  encoding: Encoding,
  reserved = 0,
): Transaction | undefined => {
  const { cutting } = session.host;
  if (!cutting || !takesPieces(session, message, encoding)) return undefined;
  const frame: Transaction = {
    mode,
    id,
    // One character of it: an empty element is written shorter.
    content: { name: 'GetSegment-Response', SegmentContent: 'A' },
    segment: { SegmentCount: longest, SegmentID: { TransactionID: id, SegmentReference: longest } },
  };
  const framed = writeMessage({ ...message, transactions: [...message.transactions, frame], poll: true }, encoding);
  const room = session.parserSize(encoding) - reserved - framed.length + 1;
  const whole = writeMessage({ ...message, transactions: [{ mode, id, content }] }, encoding);
  const piece = cutting.cut(whole, id, room, session.view);
  return piece && withSegment(session, { mode, id, content: piece });
};

export const takesPieces = ({ host, state }: Session, { version }: CspMessage, encoding: Encoding): boolean =>
  host.cutting !== undefined && version === '1.3' && encoding !== 'pts' && state.features?.includes('SGMNT') === true;

/** A first piece says what it is a piece of. */
export const withSegment = (session: Session, transaction: Transaction): Transaction => {
  if (transaction.content.name !== 'GetSegment-Response') return transaction;
  const segment = session.host.cutting?.infoOf(transaction.id, session.view);
  return segment ? { ...transaction, segment } : transaction;
};
