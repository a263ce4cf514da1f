// The answer given to a client's transaction, for when it asks again.

import type { Database } from '../database.ts';
import type { CspStore, StoredAnswer } from '../store.ts';
import { once } from './once.ts';

interface Key {
  readonly session: string;
  readonly transactionId: string;
}

const find = once((db, { session, transactionId }: Key) =>
  db
    .selectFrom('csp_answers')
    .select(['primitive', 'request', 'body', 'at'])
    .where('session', '=', session)
    .where('transaction_id', '=', transactionId),
);
const save = once((db, { session, transactionId, primitive, request, body, at }: Key & StoredAnswer) => {
  const columns = { primitive, request, body, at };
  return db
    .insertInto('csp_answers')
    .values({ session, transaction_id: transactionId, ...columns })
    .onConflict((conflict) => conflict.columns(['session', 'transaction_id']).doUpdateSet(columns));
});

export const cspAnswers = (
  database: Database,
): Pick<CspStore, 'answer' | 'lastAnswer' | 'saveAnswer' | 'forgetAnswers'> => ({
  answer: (session, transactionId) =>
    database.read(async (db) => {
      const [row] = await find(db, { session, transactionId });
      return row && { ...row, body: new Uint8Array(row.body) };
    }),

  lastAnswer: (session) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('csp_answers')
        .select(['primitive', 'request', 'body', 'at'])
        .where('session', '=', session)
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && { ...row, body: new Uint8Array(row.body) };
    }),

  async saveAnswer(session, transactionId, answer) {
    await database.statement((db) => save(db, { session, transactionId, ...answer }));
  },

  async forgetAnswers(before) {
    await database.write((db) => db.deleteFrom('csp_answers').where('at', '<', before).execute());
  },
});
