// The answer given to a client's transaction, for when it asks again.

import type { Database } from '../database.ts';
import type { CspStore } from '../store.ts';

export const cspAnswers = (
  database: Database,
): Pick<CspStore, 'answer' | 'lastAnswer' | 'saveAnswer' | 'forgetAnswers'> => ({
  answer: (session, transactionId) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('csp_answers')
        .select(['primitive', 'request', 'body', 'at'])
        .where('session', '=', session)
        .where('transaction_id', '=', transactionId)
        .executeTakeFirst();
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

  async saveAnswer(session, transactionId, { primitive, request, body, at }) {
    const columns = { primitive, request, body, at };
    await database.write((db) =>
      db
        .insertInto('csp_answers')
        .values({ session, transaction_id: transactionId, ...columns })
        .onConflict((conflict) => conflict.columns(['session', 'transaction_id']).doUpdateSet(columns))
        .execute(),
    );
  },

  async forgetAnswers(before) {
    await database.write((db) => db.deleteFrom('csp_answers').where('at', '<', before).execute());
  },
});
