import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from './message.ts';
import { answerMessage, nextId, result } from './transaction.ts';

test('ids go up, and wrap where they must', () => {
  assert.deepEqual(nextId(0, 's'), ['s1', 1]);
  assert.deepEqual(nextId(999, '', 999), ['1', 1]);
});

test('an answer repeats version, session type and session', () => {
  const message = { version: '1.2', sessionType: 'Inband', sessionId: 'x' } as const;
  const ok: Transaction = { mode: 'Response', id: '7', content: { name: 'Status', Result: result(200) } };
  assert.deepEqual(answerMessage(message, [ok], false), { ...message, transactions: [ok], poll: false });
});
