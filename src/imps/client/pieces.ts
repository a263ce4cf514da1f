// A phone of CSP 1.3 that takes messages in pieces: the first comes by itself, the others it fetches; joined they are the
// BASE64 of a whole message. (CSP 1.3 "Segments")

import { isRefused, type Transaction } from '../message.ts';
import type { Primitive, StructureOf } from '../primitives.ts';
import { readMessage } from '../read-message.ts';
import { CspClientError } from './error.ts';

/** The transaction that a first piece stands for. `fetch`: asks for a piece. Throws when the pieces make no message. */
export const joinPieces = async (
  first: string,
  { SegmentCount, SegmentID }: StructureOf<'SegmentInfo'>,
  fetch: (request: Primitive) => Promise<Primitive>,
): Promise<Transaction> => {
  let text = first;
  for (let SegmentReference = 2; SegmentReference <= SegmentCount; SegmentReference++) {
    const answer = await fetch({ name: 'GetSegment-Request', SegmentID: { ...SegmentID, SegmentReference } });
    if (answer.name !== 'GetSegment-Response') throw new CspClientError(`piece ${SegmentReference}: ${answer.name}`);
    text += answer.SegmentContent;
  }
  const read = readMessage(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)));
  const [transaction] = read.ok ? read.value.message.transactions : [];
  if (!transaction || isRefused(transaction)) throw new CspClientError('pieces that make no message');
  return transaction;
};
