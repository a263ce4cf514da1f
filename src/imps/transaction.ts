// What both ends build transactions from: ids, Result, and the envelope of an answer. CSP "Transactions and their ids".

import type { CspMessage, Transaction } from './message.ts';
import type { StructureOf } from './primitives.ts';

/**
 * Ids of the requests one side originates: `prefix` and a number that goes up by one. With `wrapAt` it starts again at 1
 * after that number; phones on SMS need 999.
 */
export const nextId = (last: number, prefix: string, wrapAt = Number.MAX_SAFE_INTEGER): [string, number] => {
  const number = last >= wrapAt ? 1 : last + 1;
  return [`${prefix}${number}`, number];
};

/** A Result for Status and the responses that have one. */
export const result = (code: number, description?: string): StructureOf<'Result'> =>
  description === undefined ? { Code: code } : { Code: code, Description: description };

/** The answer to `request` as a message in its version and session. */
export const answerMessage = (
  request: Pick<CspMessage<unknown>, 'version' | 'sessionType' | 'sessionId' | 'usesOurCodes'>,
  transactions: readonly Transaction[],
  poll?: boolean,
): CspMessage => ({
  version: request.version,
  sessionType: request.sessionType,
  ...(request.sessionId !== undefined && { sessionId: request.sessionId }),
  transactions,
  ...(poll !== undefined && { poll }),
  ...(request.usesOurCodes && { usesOurCodes: true }),
});
