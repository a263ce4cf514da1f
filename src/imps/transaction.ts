// The rules of transactions that both ends share: ids, which answer belongs to what, and what one HTTP answer may carry.
// CSP "Transactions and their ids", "What the server puts into the HTTP answer".

import type { CspMessage, RefusedTransaction, Transaction } from './message.ts';
import type { PrimitiveName, StructureOf } from './primitives.ts';
import { meaningOf } from './status.ts';

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

/** The Status that answers a request. */
export const statusAnswer = (id: string, code: number, description?: string): Transaction => ({
  mode: 'Response',
  id,
  content: { name: 'Status', Result: result(code, description) },
});

/** The Status that answers a transaction which could not be read; a description says what was wrong with it. */
export const refusalAnswer = ({ id, fault }: RefusedTransaction): Transaction =>
  statusAnswer(id, fault.code, `${meaningOf(fault.code)}: ${fault.path}`);

/**
 * What a transaction from the client means to the server, given the ids of its own requests that are not acknowledged yet.
 * - request: run it and answer with the same id.
 * - acknowledgement: settles the server request of that id; no answer.
 * - fetched: a MessageDelivered for a message read by GetMessage; answered by Status.
 * - stray: acknowledges nothing that is outstanding (a late or repeated one); no answer.
 */
export type Meaning = 'request' | 'acknowledgement' | 'fetched' | 'stray';
export const meaningFor = (transaction: Transaction, outstanding: { has(id: string): boolean }): Meaning => {
  const { mode, id, content } = transaction;
  // CSP 1.1 shows PresenceAuth-User as a Response, with an id of its own.
  if (mode === 'Request' || content.name === 'PresenceAuth-User') return 'request';
  if (outstanding.has(id)) return 'acknowledgement';
  return content.name === 'MessageDelivered' ? 'fetched' : 'stray';
};

/** Requests that are answered by what waits, or by nothing. */
export const isPoll = (name: PrimitiveName): boolean => name === 'Polling-Request';

export interface AnswerParts {
  /** The answers to the requests of the body, in their order. */
  readonly responses: readonly Transaction[];
  /** Server requests that may be handed out now, oldest first. */
  readonly waiting: readonly Transaction[];
  /** The greatest number of transactions per message the client agreed to (MultiTrans, 1.3 MultiTransPerMessage). */
  readonly transactionsMax: number;
  /** Octets the client's parser takes (ParserSize), and how many the message of these transactions would have. */
  readonly parserSize: number;
  readonly sizeOf: (transactions: readonly Transaction[]) => number;
  /** Whether Poll may be T: not in a Login-Response, where Android would poll before it knows its SessionID. */
  readonly mayPoll: boolean;
}

export interface ComposedAnswer {
  /** Nothing: the HTTP answer has an empty body. */
  readonly transactions: readonly Transaction[];
  /** How many of `waiting` the answer carries: the first so many. */
  readonly carried: number;
  readonly poll: boolean;
  /** The first waiting request does not fit into the client's parser even by itself: it must be made smaller or dropped. */
  readonly isTooLarge: boolean;
}

/**
 * What the HTTP answer carries. Server requests go along only where the body brought no request of its own, one at a time,
 * unless the client agreed to several transactions per message: Android loses all but the last of a message. Responses are
 * never left out: they cannot come another time.
 */
export const composeAnswer = (parts: AnswerParts): ComposedAnswer => {
  const { responses, waiting, transactionsMax, parserSize } = parts;
  const transactions = [...responses];
  const room = Math.max(responses.length === 0 ? 1 : 0, transactionsMax - responses.length);
  let carried = 0;
  let isTooLarge = false;
  for (const request of waiting.slice(0, Math.max(0, room))) {
    if (parts.sizeOf([...transactions, request]) > parserSize) {
      isTooLarge = transactions.length === 0;
      break;
    }
    transactions.push(request);
    carried++;
  }
  return { transactions, carried, poll: parts.mayPoll && waiting.length > carried, isTooLarge };
};

/** The answer to `request` as a message in its version and session. */
export const answerMessage = (
  request: Pick<CspMessage<unknown>, 'version' | 'sessionType' | 'sessionId'>,
  transactions: readonly Transaction[],
  poll?: boolean,
): CspMessage => ({
  version: request.version,
  sessionType: request.sessionType,
  ...(request.sessionId !== undefined && { sessionId: request.sessionId }),
  transactions,
  ...(poll !== undefined && { poll }),
});
