import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from './message.ts';
import type { Primitive } from './primitives.ts';
import {
  type AnswerParts,
  answerMessage,
  composeAnswer,
  meaningFor,
  nextId,
  refusalAnswer,
  statusAnswer,
} from './transaction.ts';

const request = (
  id: string,
  content: Primitive = { name: 'PresenceNotification-Request', Presence: [] },
): Transaction => ({
  mode: 'Request',
  id,
  content,
});
const parts = (given: Partial<AnswerParts>): AnswerParts => ({
  responses: [],
  waiting: [],
  transactionsMax: 1,
  parserSize: 1000,
  sizeOf: (transactions) => transactions.length * 100,
  mayPoll: true,
  ...given,
});
const s1 = request('s1');
const s2 = request('s2');
const s3 = request('s3');
const ok = statusAnswer('7', 200);

test('a poll takes one waiting request, and Poll says that more waits', () => {
  assert.deepEqual(composeAnswer(parts({ waiting: [s1, s2] })), {
    transactions: [s1],
    carried: 1,
    poll: true,
    isTooLarge: false,
  });
  assert.deepEqual(composeAnswer(parts({ waiting: [s1] })).poll, false);
});

test('nothing waits: nothing to say', () => {
  assert.deepEqual(composeAnswer(parts({})), { transactions: [], carried: 0, poll: false, isTooLarge: false });
});

test('an answer to a request carries no waiting one, unless the client takes several', () => {
  const alone = composeAnswer(parts({ responses: [ok], waiting: [s1] }));
  assert.deepEqual([alone.transactions, alone.carried, alone.poll], [[ok], 0, true]);
  const several = composeAnswer(parts({ responses: [ok], waiting: [s1, s2, s3], transactionsMax: 3 }));
  assert.deepEqual([several.transactions, several.carried, several.poll], [[ok, s1, s2], 2, true]);
});

test('more responses than the client takes at once are given all the same', () => {
  const answer = composeAnswer(parts({ responses: [ok, ok], waiting: [s1] }));
  assert.deepEqual([answer.transactions.length, answer.carried, answer.poll], [2, 0, true]);
});

test('what does not fit into the parser waits; alone, it is reported', () => {
  const fits = composeAnswer(parts({ waiting: [s1, s2, s3], transactionsMax: 3, parserSize: 250 }));
  assert.deepEqual([fits.carried, fits.poll, fits.isTooLarge], [2, true, false]);
  const never = composeAnswer(parts({ waiting: [s1], parserSize: 50 }));
  assert.deepEqual([never.carried, never.isTooLarge], [0, true]);
});

test('Poll is never T where the client cannot use it', () => {
  assert.equal(composeAnswer(parts({ responses: [ok], waiting: [s1], mayPoll: false })).poll, false);
});

test('what a transaction means', () => {
  const outstanding = new Set(['s1']);
  const delivered: Primitive = { name: 'MessageDelivered', MessageID: 'm1' };
  const mean = (mode: 'Request' | 'Response', id: string, content: Primitive) =>
    meaningFor({ mode, id, content }, outstanding);
  assert.equal(mean('Request', 's1', { name: 'Logout-Request' }), 'request');
  assert.equal(mean('Response', 's1', delivered), 'acknowledgement');
  assert.equal(mean('Response', 's1', { name: 'Status', Result: { Code: 200 } }), 'acknowledgement');
  assert.equal(mean('Response', '12', delivered), 'fetched');
  assert.equal(mean('Response', '12', { name: 'Status', Result: { Code: 200 } }), 'stray');
  assert.equal(mean('Response', '12', { name: 'PresenceAuth-User', UserID: 'u', Acceptance: true }), 'request');
});

test('ids go up, and wrap where they must', () => {
  assert.deepEqual(nextId(0, 's'), ['s1', 1]);
  assert.deepEqual(nextId(999, '', 999), ['1', 1]);
});

test('a transaction that could not be read is answered with its own id', () => {
  const fault = {
    reason: 'missing',
    code: 400,
    primitive: 'GetMessage-Request',
    path: 'GetMessage-Request/MessageID',
  } as const;
  assert.deepEqual(refusalAnswer({ mode: 'Request', id: '9', fault }), {
    mode: 'Response',
    id: '9',
    content: { name: 'Status', Result: { Code: 400, Description: 'Malformed request: GetMessage-Request/MessageID' } },
  });
});

test('an answer repeats version, session type and session', () => {
  const message = { version: '1.2', sessionType: 'Inband', sessionId: 'x' } as const;
  assert.deepEqual(answerMessage(message, [ok], false), { ...message, transactions: [ok], poll: false });
});
